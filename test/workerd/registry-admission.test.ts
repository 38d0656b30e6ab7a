// Admission, Idempotency-Keys, the slot and the list.
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IDEMPOTENCY_TTL_MS } from "../../durable-objects/run-registry/rules.ts";
import { aReport, HOUR, START, wantedRun } from "../support/registry-fixtures.ts";
import { admitted, HASH, NOW, RegistryUnderTest } from "../support/registry-under-test.ts";

const registry = new RegistryUnderTest();
beforeEach(() => registry.setUp());
afterEach(() => registry.tearDown());

describe("admission", () => {
  it("starts the run with its id, its time and the slot, and answers with its first status", async () => {
    const answer = await registry.api.admit(wantedRun(), null);
    const runId = "20300422T140000Z_20300422T150000Z_20300422T180000Z";
    expect(answer).toMatchObject({ ok: true, replayed: false, runId, status: { id: runId } });
    expect(registry.runs.started).toEqual([
      { spec: { ...wantedRun(), runId, createdAt: START + 4 * HOUR }, slot: { fence: 1, notBefore: 0 } },
    ]);
    expect(await registry.api.knows(runId)).toBe(true);
  });

  it("refuses a second run while one owns the slot, naming it, and writes nothing", async () => {
    const holder = admitted(await registry.api.admit(wantedRun(), null));
    const refused = await registry.api.admit(wantedRun({ startMs: START - HOUR }), {
      key: "k",
      bodyHash: HASH,
    });
    expect(refused).toMatchObject({ ok: false, code: "slot_taken", holder });
    expect((await registry.everyRun()).map((run) => run.id)).toEqual([holder]);
    expect(await registry.api.recall({ key: "k", bodyHash: HASH })).toMatchObject({ code: "unknown_key" });
    expect(registry.runs.started).toHaveLength(1);
  });

  it("moves `created` on by a second for a second run of one window in one second", async () => {
    const first = admitted(await registry.api.admit(wantedRun(), null));
    await registry.api.release(first, 1, NOW, false);
    const second = admitted(await registry.api.admit(wantedRun(), null));
    expect(second).toBe(first.replace("T180000Z", "T180001Z"));
  });

  it("lets one of two simultaneous admissions through, because there is one slot", async () => {
    const answers = await Promise.all([
      registry.api.admit(wantedRun(), null),
      registry.api.admit(wantedRun({ startMs: START - HOUR }), null),
    ]);
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect(registry.runs.started).toHaveLength(1);
  });
});

describe("an Idempotency-Key", () => {
  it("returns the first answer word for word, even after the run has moved on", async () => {
    const first = await registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH });
    const again = await registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH });
    expect(again).toEqual({ ...first, replayed: true });
    expect(await registry.api.recall({ key: "k", bodyHash: HASH })).toMatchObject({
      ok: true,
      runId: admitted(first),
    });
    expect(registry.runs.started).toHaveLength(1);
  });

  it("refuses another body, because one key is one intent", async () => {
    await registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH });
    const other = { key: "k", bodyHash: "b".repeat(64) };
    expect(await registry.api.admit(wantedRun(), other)).toMatchObject({ code: "idempotency_mismatch" });
    expect(await registry.api.recall(other)).toMatchObject({ code: "idempotency_mismatch" });
    expect(await registry.everyRun()).toHaveLength(1);
  });

  it("gives the same run to two simultaneous repeats, with one and the same answer", async () => {
    const [one, two] = await Promise.all([
      registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH }),
      registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH }),
    ]);
    expect(one.ok && two.ok && [one.runId, one.status]).toEqual(two.ok && [two.runId, two.status]);
    expect(await registry.everyRun()).toHaveLength(1);
  });

  it("leads back to the same run when the run did not answer at first", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    registry.runs.failStarts = 1;
    const first = await registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH });
    expect(first).toMatchObject({ ok: false, code: "unconfirmed" });
    const again = await registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH });
    expect(again).toMatchObject({
      ok: true,
      replayed: false,
      runId: first.ok ? "" : "runId" in first && first.runId,
    });
    expect(await registry.everyRun()).toHaveLength(1);
  });

  it("is forgotten after 24 h, and its rows are deleted", async () => {
    const first = admitted(await registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH }));
    await registry.api.release(first, 1, NOW, false);
    vi.setSystemTime(NOW + IDEMPOTENCY_TTL_MS - 1);
    expect(await registry.api.recall({ key: "k", bodyHash: HASH })).toMatchObject({ ok: true });
    vi.setSystemTime(NOW + IDEMPOTENCY_TTL_MS);
    expect(await registry.api.recall({ key: "k", bodyHash: HASH })).toMatchObject({ code: "unknown_key" });
    await runDurableObjectAlarm(registry.stub);
    expect(await registry.rowsOf("SELECT count(*) AS n FROM idempotency")).toEqual([{ n: 0 }]);
    expect(admitted(await registry.api.admit(wantedRun(), { key: "k", bodyHash: HASH }))).not.toBe(first);
  });
});

describe("the slot", () => {
  it("is given to the next run with a higher fence and the last instant of the earlier run", async () => {
    const first = admitted(await registry.api.admit(wantedRun(), null));
    await registry.api.release(first, 1, NOW + 77, false);
    await registry.api.admit(wantedRun({ startMs: START - HOUR }), null);
    expect(registry.runs.started[1]?.slot).toEqual({ fence: 2, notBefore: NOW + 77 });
  });

  it("stays with its holder when another run or an older fence releases it", async () => {
    const first = admitted(await registry.api.admit(wantedRun(), null));
    await registry.api.release(first, 1, NOW, false);
    const second = admitted(await registry.api.admit(wantedRun({ startMs: START - HOUR }), null));
    await registry.api.release(first, 2, NOW, false);
    await registry.api.release(second, 1, NOW, false);
    expect(await registry.api.acquire(first)).toMatchObject({ code: "slot_taken", holder: second });
  });

  it("is granted again to its holder with the same fence", async () => {
    const runId = admitted(await registry.api.admit(wantedRun(), null));
    expect(await registry.api.acquire(runId)).toEqual({ ok: true, fence: 1, notBefore: 0 });
    await registry.api.release(runId, 1, NOW + 5, false);
    expect(await registry.api.acquire(runId)).toEqual({ ok: true, fence: 2, notBefore: NOW + 5 });
  });

  it("is not freed by a report of being finished, because a report may be old", async () => {
    const runId = admitted(await registry.api.admit(wantedRun(), null));
    await registry.api.report(aReport(runId, { stage: "aborted", finished: true }));
    expect(await registry.api.admit(wantedRun(), null)).toMatchObject({ code: "slot_taken", holder: runId });
  });

  it("is never granted to a run that was not admitted", async () => {
    const error = await registry.api
      .acquire("20300422T140000Z_20300422T150000Z_20300422T190000Z")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
  });
});

describe("the list", () => {
  it("shows newest first, in pages that neither repeat nor miss a run", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      // The first three runs are created within one second, so their ids decide their order.
      if (n === 3) vi.setSystemTime(NOW + 10_000);
      const runId = admitted(await registry.api.admit(wantedRun({ startMs: START - n * HOUR }), null));
      await registry.api.release(runId, n + 1, NOW, false);
      ids.push(runId);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await registry.api.list({ cursor, limit: 2 });
      if (!answer.ok) throw new Error(answer.detail);
      seen.push(...answer.page.items.map((run) => run.id));
      cursor = answer.page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([ids[3], ids[4], ids[0], ids[1], ids[2]]);
  });

  it("shows what each run last reported of itself", async () => {
    const runId = admitted(await registry.api.admit(wantedRun({ note: "ticket 7" }), null));
    await registry.api.report(
      aReport(runId, { summary: "3 of 4 files", logLinesSent: 12, sentSomething: true }),
    );
    expect(await registry.everyRun()).toEqual([
      {
        id: runId, receiver: "default", created_at: "2030-04-22T18:00:00Z", start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z",
        end_exclusive: false, stage_code: "sending", summary: "3 of 4 files", note: "ticket 7", actor: "token",
        active: true, finished: false, dry_run: false, sent_something: true, log_lines_sent: 12,
        exceptions: null, delivered_at: null, duration_seconds: null, lines_per_second_avg: null,
      },
    ]); // prettier-ignore
  });

  it("refuses a cursor that it never issued", async () => {
    for (const cursor of ["", "x", "***", "e30", "a".repeat(300)]) {
      expect(await registry.api.list({ cursor, limit: 2 }), cursor).toMatchObject({
        ok: false,
        code: "bad_cursor",
      });
    }
  });
});
