// After an abort nothing is sent. Cleanup deletes only the run's own packs.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { claim, entriesOf, GAVE_UP, permitOf, listed, logKey, manifestOf, OK, opened, sendAll, reportOutcome } from "../support/run-work.ts"; // prettier-ignore

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const plain = { force: false, actor: "token" };

async function keysBelow(prefix: string): Promise<string[]> {
  return (await env.LOGS.list({ prefix })).objects.map((object) => object.key);
}

async function packsOf(id: string, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, n) => `processed-backfill/${id}/stray-${n}.log.gz`);
  for (const key of keys) await env.LOGS.put(key, "x");
  return keys;
}

describe("an abort", () => {
  it("gives no lease from then on, and ends at once when none is out", async () => {
    await opened(run, [[100, 100], [100]]);
    expect(await run.api.abort(plain)).toMatchObject({ ok: true, status: { stage_code: "aborted" } });
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect(await run.api.claimFile(1)).toMatchObject({ ok: false });
    run.wakeUps = 0;
    run.enqueued = [];
    await run.wait(HOUR);
    expect([run.wakeUps, run.enqueued]).toEqual([0, []]);
    await run.expectBalanced();
  });

  it("waits for POSTs already begun as long as they are renewed", async () => {
    await opened(run, [[100, 100]]);
    const permit = await permitOf(run);
    expect(await run.api.abort(plain)).toMatchObject({ ok: true, status: { stage_code: "aborting" } });
    for (let renewals = 0; renewals < 10; renewals += 1) {
      await run.wait(10_000);
      expect(await run.api.renew([permit])).toMatchObject({ refused: [] });
      expect(await run.api.regrant(permit)).toMatchObject({ ok: false });
      expect(await run.stage()).toBe("aborting");
    }
    await reportOutcome(run, permit, OK);
    await run.settle();
    expect(await run.status()).toMatchObject({ stage_code: "aborted", log_lines_sent: 100 });
    await run.expectBalanced();
  });

  it("refuses renewals with force, so that an open POST is cut and its attempt is named", async () => {
    await opened(run, [[100]]);
    const permit = await permitOf(run);
    await run.api.abort(plain);
    await run.api.abort({ force: true, actor: "token" });
    const { refused } = await run.api.renew([permit]);
    expect(refused).toEqual([expect.objectContaining({ batch: 1, attempt: 1 })]);
    await run.wait(31_000);
    expect(await run.status()).toMatchObject({ stage_code: "aborted", uncertain_attempts: 1 });
    expect((await run.status()).problems).toContainEqual(
      expect.objectContaining({ batch: 1, state: "uncertain" }),
    );
  });

  it("counts a parser as a lease, and refuses its manifest", async () => {
    await listed(run, 1);
    const { attempt } = await claim(run, 1);
    expect(await run.api.abort(plain)).toMatchObject({ status: { stage_code: "aborting" } });
    expect(await run.api.renewFile(1, attempt)).toMatchObject({ ok: false, code: "not_running" });
    expect(await run.api.queued(manifestOf(1, attempt, entriesOf([100])))).toMatchObject({
      ok: false,
      code: "not_running",
    });
    await run.settle();
    expect(await run.stage()).toBe("aborted");
    expect((await run.status()).batches.pending).toBe(0);
    await run.expectBalanced();
  });

  it("ends only when a sender whose lease was superseded can no longer act", async () => {
    await opened(run, [[100, 100]]);
    const first = await permitOf(run);
    await run.wait(32_000);
    const second = await permitOf(run);
    expect(second).toMatchObject({ batch: first.batch, attempt: 2 });
    await reportOutcome(run, first, OK);
    await run.evict();
    expect(await run.api.abort(plain)).toMatchObject({ status: { stage_code: "aborting" } });
    await run.wait(25_000);
    expect(await run.stage()).toBe("aborting");
    await run.wait(10_000);
    expect(await run.status()).toMatchObject({ stage_code: "aborted", uncertain_attempts: 1 });
  });

  it("is repeatable, survives evictions, and is refused on a delivered run", async () => {
    await opened(run, [[100]]);
    const permit = await permitOf(run);
    for (let times = 0; times < 3; times += 1) {
      expect(await run.api.abort(plain)).toMatchObject({ ok: true });
      await run.evict();
    }
    await reportOutcome(run, permit, GAVE_UP);
    await run.settle();
    expect(await run.api.abort(plain)).toMatchObject({ ok: true, status: { stage_code: "aborted" } });
    await run.wait(60_000);
    expect(await run.api.abort(plain)).toMatchObject({ ok: true, status: { stage_code: "aborted" } });
    expect(await run.status()).toMatchObject({ uncertain_attempts: 0 });
  });

  it("is refused when the run is delivered, because there is nothing left to stop", async () => {
    await opened(run, [[100]]);
    await sendAll(run);
    await run.settle();
    expect(await run.api.abort(plain)).toMatchObject({ ok: false, code: "delivered" });
    expect(await run.stage()).toBe("sent_waiting_cleanup");
  });

  it("releases the slot, reports itself finished, and stops the clock for ever", async () => {
    await opened(run, [[100]]);
    await run.api.abort(plain);
    await run.wait(HOUR);
    expect(run.released).toHaveLength(1);
    expect(run.reports.at(-1)).toMatchObject({ stage: "aborted", finished: true });
    expect(await run.alarmAt()).toBeNull();
  });
});

describe("cleanup", () => {
  it("deletes, for an aborted run, only its own prefix, and needs no grace", async () => {
    await opened(run, [[100]]);
    await packsOf(run.id, 3);
    const others = [
      ...(await packsOf(`${run.id}0`, 1)),
      `backfill-reports/${run.id}/report.json`,
      `processed-backfill/${run.id}.log.gz`,
    ];
    for (const key of others) await env.LOGS.put(key, "x");
    const deleted = vi.spyOn(env.LOGS, "delete");
    await run.api.abort(plain);
    await run.settle();
    expect(await keysBelow(`processed-backfill/${run.id}/`)).toEqual([]);
    for (const key of [...others, logKey(run, 0)]) expect(await env.LOGS.head(key)).not.toBeNull();
    for (const [keys] of deleted.mock.calls)
      for (const key of [keys].flat()) expect(key).toMatch(new RegExp(`^processed-backfill/${run.id}/`));
    expect((await run.status()).cleanup.state).toBe("done");
  });

  it("waits, for a delivered run, for the grace and for an inspection that finds nothing", async () => {
    await opened(run, [[100]]);
    await packsOf(run.id, 2);
    await sendAll(run);
    await run.settle();
    await run.wait(2 * HOUR - 60_000);
    expect(await keysBelow(`processed-backfill/${run.id}/`)).toHaveLength(2);
    expect((await run.status()).cleanup.state).toBe("pending");
    await run.wait(3 * 60_000);
    expect(await keysBelow(`processed-backfill/${run.id}/`)).toEqual([]);
    expect(await run.status()).toMatchObject({ stage_code: "cleaned", fully_completed: true });
    await run.wait(HOUR);
    expect(await run.alarmAt()).toBeNull();
    expect(run.reports.at(-1)).toMatchObject({ stage: "cleaned", finished: true });
  });

  it("goes on after a delete that failed, and after one whose answer was lost", async () => {
    await opened(run, [[100]]);
    await packsOf(run.id, 2);
    const really = env.LOGS.delete.bind(env.LOGS);
    vi.spyOn(env.LOGS, "delete")
      .mockRejectedValueOnce(new Error("R2 is down"))
      .mockImplementationOnce(async (keys) => {
        await really(keys);
        throw new Error("the answer was lost");
      });
    await run.api.abort(plain);
    await run.wait(60_000);
    expect(await keysBelow(`processed-backfill/${run.id}/`)).toEqual([]);
    expect((await run.status()).cleanup.state).toBe("done");
  });

  it("aborts uploads left incomplete, also those of superseded parsers", async () => {
    await listed(run, 1);
    const ids: string[] = [];
    for (let parser = 0; parser < 2; parser += 1) {
      const { attempt, packKey } = await claim(run, 1);
      const { uploadId } = await env.LOGS.createMultipartUpload(packKey ?? "");
      ids.push(uploadId);
      await run.api.uploadStarted(1, attempt, uploadId);
      await run.wait(31_000);
    }
    const aborted: string[] = [];
    const really = env.LOGS.resumeMultipartUpload.bind(env.LOGS);
    vi.spyOn(env.LOGS, "resumeMultipartUpload").mockImplementation((key, uploadId) => {
      aborted.push(uploadId);
      return really(key, uploadId);
    });
    await run.api.abort(plain);
    await run.wait(60_000);
    expect(aborted.toSorted()).toEqual(ids.toSorted());
    expect((await run.status()).cleanup.state).toBe("done");
  });

  it("keeps the packs when a file comes late, and waits for a decision", async () => {
    await opened(run, [[100]]);
    await packsOf(run.id, 1);
    await sendAll(run);
    await run.settle();
    expect(await run.stage()).toBe("sent_waiting_cleanup");
    await env.LOGS.put(logKey(run, 7), "late");
    await run.wait(2 * HOUR + 60_000);
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "late_files" },
      delivery_completed: false,
    });
    expect(await keysBelow(`processed-backfill/${run.id}/`)).toHaveLength(1);
  });

  it("goes on when an empty file changed after delivery, and the run says so", async () => {
    await listed(run, 2);
    const first = await claim(run, 1);
    await run.api.queued(manifestOf(1, first.attempt, entriesOf([100])));
    const second = await claim(run, 2);
    await run.api.queued(manifestOf(2, second.attempt, []));
    await sendAll(run);
    await run.settle();
    expect(await run.stage()).toBe("sent_waiting_cleanup");
    await env.LOGS.put(logKey(run, 1), "another");
    await run.wait(2 * HOUR + 60_000);
    expect(["needs_attention", "cleaned"]).toContain(await run.stage());
    expect(await run.stage()).not.toBe("cleaned");
  });
});
