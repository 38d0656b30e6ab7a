// from_plan: a run replays exactly what a dry run counted, or ends before its first POST.
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplayedPlanView as Compared } from "../../src/contract/plan-view.ts";
import type { BatchView } from "../../src/contract/views.ts";
import {
  auditedHash,
  counted,
  everyBatch,
  everyFile,
  planOf,
  startFrom,
  type Plan,
} from "../support/plan-play.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { WholeRun } from "../support/run-driver.ts";
import { record, someLines } from "../support/run-logs.ts";
import { HOUR, RunUnderTest, WINDOW_START } from "../support/run-under-test.ts";
import { claim, entriesOf, logKey, manifestOf, putLogs } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

function byFile(batches: BatchView[]): object[] {
  return batches.map(({ file, ordinal, lines, digest }) => ({ file, ordinal, lines, digest }));
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** A counted dry run over two files, with the keys of these files. */
async function planned(whole: WholeRun): Promise<{ plan: Plan; keys: string[] }> {
  await whole.prepare();
  const keys = [logKey(run, 0), logKey(run, 1)];
  return { plan: await counted(run, whole), keys };
}

describe("a run made from a plan", () => {
  it("delivers the planned batches, with equal counts, digests and hash", async () => {
    const whole = new WholeRun(run);
    const { plan } = await planned(whole);
    const before = { batches: byFile(await everyBatch(run)), lines: (await run.status()).lines.dropped };
    await startFrom(run, plan);
    expect((await run.status()).plan).toMatchObject({ run: plan.run, hash: plan.hash, compared: "waiting" });
    await whole.toTheEnd();
    const status = await run.status();
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 0,
      plan_hash: plan.hash,
      plan: { run: plan.run, hash: plan.hash, compared: "equal", new: { count: 0, keys: [] } },
    });
    expect(byFile(await everyBatch(run))).toEqual(before.batches);
    expect(status.lines.dropped).toEqual(before.lines);
    expect(auditedHash(status, await everyFile(run), await everyBatch(run))).toBe(plan.hash);
    expect(whole.receiver.compare(whole.kept)).toMatchObject({ lost: [], twice: [], foreign: [] });
  });

  it("writes the hash into its evidence", async () => {
    const whole = new WholeRun(run);
    const { plan } = await planned(whole);
    await startFrom(run, plan);
    await whole.toTheEnd();
    await run.settle();
    const { objects } = await env.LOGS.list({ prefix: `backfill-reports/${run.id}/` });
    const summary = objects.find(({ key }) => key.endsWith("-summary.ndjson"))?.key ?? "";
    expect(await (await env.LOGS.get(summary))?.json()).toMatchObject({
      plan: { run: plan.run, hash: plan.hash, compared: "equal" },
    });
  });

  it("parses nothing and hands nothing out before the comparison", async () => {
    const whole = new WholeRun(run);
    const { plan } = await planned(whole);
    await startFrom(run, plan);
    for (let turns = 0; turns < 20; turns += 1) {
      const { compared } = (await run.status()).plan as Compared;
      if (compared === "equal") break;
      expect(run.enqueued).toEqual([]);
      expect(await run.status()).toMatchObject({
        stage_code: "scanning_and_queueing",
        state_reason: { code: "comparing_with_plan" },
      });
      expect(await run.api.claimFile(1)).toMatchObject({ ok: false });
      expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
      await runDurableObjectAlarm(run.stub);
      await run.evict();
      run.pass(1_000);
    }
    expect((await run.status()).plan).toMatchObject({ compared: "equal" });
    await whole.toTheEnd();
    expect(await run.stage()).toBe("sent_waiting_cleanup");
  });
});

it("leaves a file to an operator that gave no batches in the dry run and gives some now", async () => {
  await putLogs(run, 1);
  await run.start({ dryRun: true });
  await run.settle();
  const dry = await claim(run, 1);
  const crashed = { file: 1, attempt: dry.attempt, state: "failed", reason: "crashes", detail: "", counts: null, seen: null } as const; // prettier-ignore
  await run.api.fileFailed(crashed);
  await run.wait(1_000);
  await startFrom(run, await planOf(run));
  await run.settle();
  const { attempt } = await claim(run, 1);
  expect(await run.api.queued(manifestOf(1, attempt, entriesOf([100])))).toMatchObject({
    code: "digest_mismatch",
  });
  expect((await run.status()).files).toMatchObject({ changed: 1 });
});

describe("a bucket that differs from the plan", () => {
  const changes: [string, (keys: string[]) => Promise<void>, object][] = [
    [
      "a changed object",
      async ([first = ""]) => void (await env.LOGS.put(first, gzipSync(`${record("other")}\n`))),
      { changed: 0 },
    ],
    ["a missing object", async ([, second = ""]) => env.LOGS.delete(second), { missing: 1 }],
    [
      "a new object",
      async ([first = ""]) =>
        void (await env.LOGS.put(first.replace("_0.log", "_7.log"), gzipSync(someLines("n", 3).text))),
      { new: "_7.log" },
    ],
  ];
  it.each(changes)("ends the run before its first POST, naming %s", async (_what, change, expected) => {
    const whole = new WholeRun(run);
    const { plan, keys } = await planned(whole);
    await change(keys);
    await startFrom(run, plan);
    await whole.toTheEnd();
    await run.settle();
    const status = await run.status();
    expect(status).toMatchObject({
      stage_code: "aborted",
      state_reason: { code: "plan_outdated" },
      summary: expect.stringContaining("plan_outdated"),
      plan: { compared: "outdated" },
      log_lines_sent: 0,
    });
    const [[kind, which] = ["", ""]] = Object.entries(expected);
    const key = typeof which === "number" ? (keys[which] ?? "") : (keys[0] ?? "").replace("_0.log", which);
    const view = status.plan as unknown as Record<string, unknown>;
    for (const one of ["new", "changed", "missing"])
      expect([one, view[one]]).toEqual([
        one,
        one === kind ? { count: 1, keys: [key] } : { count: 0, keys: [] },
      ]);
    expect(status.state_reason?.detail).toContain(key);
    expect(whole.receiver.posts).toEqual([]);
    expect(await run.rows("SELECT * FROM batches")).toEqual([]);
    // The run has ended like any other run: the slot is free, and the status shows the reason.
    expect(run.released).toHaveLength(1);
    expect(run.reports.at(-1)).toMatchObject({ stage: "aborted" });
    const events = await run.api.listEvents({ states: [], cursor: null, limit: 100 });
    expect(events.ok && events.page.items.map((event) => event.kind)).toContain("plan_outdated");
  });

  it("names the first twenty keys and counts the rest", async () => {
    await putLogs(run, 1);
    const plan = await counted(run, new WholeRun(run));
    for (let n = 1; n < 30; n += 1) await env.LOGS.put(logKey(run, n), "x");
    await startFrom(run, plan);
    await run.settle();
    const { plan: view } = await run.status();
    expect((view as Compared).new.count).toBe(29);
    expect((view as Compared).new.keys).toHaveLength(20);
  });

  it("ends the run when the plan's rows do not give its hash", async () => {
    const whole = new WholeRun(run);
    const { plan } = await planned(whole);
    await startFrom(run, { ...plan, hash: "0".repeat(64) });
    await whole.toTheEnd();
    expect(await run.status()).toMatchObject({
      stage_code: "aborted",
      state_reason: { code: "plan_outdated", detail: expect.stringContaining("hash") },
    });
    expect(whole.receiver.posts).toEqual([]);
  });

  it("makes a file changed that is replaced after the comparison", async () => {
    const whole = new WholeRun(run);
    const { plan, keys } = await planned(whole);
    await startFrom(run, plan);
    await run.settle();
    expect((await run.status()).plan).toMatchObject({ compared: "equal" });
    await env.LOGS.put(keys[0] ?? "", gzipSync(someLines("f9", 450).text));
    await whole.toTheEnd();
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      files: { changed: 1, closed: 1 },
      log_lines_sent: 399,
    });
    const file = (await everyFile(run)).find(({ state }) => state === "changed");
    expect(file?.reason).toContain("not the planned one");
  });

  it("makes a file changed whose batches are not the planned ones, until an operator allows them", async () => {
    await putLogs(run, 1);
    await run.start({ dryRun: true });
    await run.settle();
    const dry = await claim(run, 1);
    await run.api.queued(manifestOf(1, dry.attempt, entriesOf([100, 100], "a")));
    await run.wait(1_000);
    await startFrom(run, await planOf(run));
    await run.settle();
    const other = entriesOf([100, 100], "b");
    const { attempt } = await claim(run, 1);
    expect(await run.api.queued(manifestOf(1, attempt, other))).toMatchObject({ code: "digest_mismatch" });
    expect((await everyFile(run))[0]).toMatchObject({ state: "changed" });
    const retry = {
      do: "retry_file",
      file: 1,
      allowDuplicates: true,
      actor: "token",
      note: "looked",
    } as const;
    expect(await run.api.operate(retry)).toMatchObject({ ok: true });
    await run.settle();
    const again = await claim(run, 1);
    expect(await run.api.queued(manifestOf(1, again.attempt, other))).toMatchObject({
      ok: true,
      state: "open",
    });
    expect(await run.status()).toMatchObject({ exceptions: 1 });
  });
});

it("names a key that appears after the delivery as a late file, and goes on without it", async () => {
  const whole = new WholeRun(run);
  const { plan, keys } = await planned(whole);
  await startFrom(run, plan, { cleanupGraceMs: HOUR });
  await whole.toTheEnd();
  await env.LOGS.put((keys[0] ?? "").replace("_0.log", "_8.log"), gzipSync(someLines("late", 5).text));
  await run.wait(2 * HOUR);
  expect(await run.status()).toMatchObject({
    stage_code: "needs_attention",
    state_reason: { code: "late_files" },
    plan: { compared: "equal" },
  });
  await run.api.operate({ do: "take_late", actor: "token", note: null });
  await whole.toTheEnd();
  expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 854 });
});

it("finds the files of a margin that grew while the dry run counted", async () => {
  const whole = new WholeRun(run);
  await whole.prepare();
  // The last file of the margin contains a record of the window, so the margin doubles and then contains another file.
  const end = WINDOW_START + HOUR;
  const inWindow = { EdgeStartTimestamp: new Date(end - 1_000).toISOString() };
  const { lateMarginMs } = wantedRun();
  for (const [n, at] of [lateMarginMs - 60_000, lateMarginMs * 2 - 60_000].entries()) {
    const key = `logs-${run.id}/20300422/${stamp(end + at)}_${stamp(end + at + 30_000)}_m${n}.log.gz`;
    await env.LOGS.put(key, gzipSync(`${record(`margin-${n}`, inWindow)}\n`));
  }
  const plan = await counted(run, whole);
  expect((await run.status()).plan).toMatchObject({ files: 4 });
  await startFrom(run, plan);
  await whole.toTheEnd();
  expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 851 });
});
