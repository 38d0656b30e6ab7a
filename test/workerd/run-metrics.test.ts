// The figures of one run for GET /metrics: they survive evictions, and reading them costs the same for any run.
import { afterEach, beforeEach, expect, it } from "vitest";
import { WholeRun } from "../support/run-driver.ts";
import { countRows } from "../support/count-rows.ts";
import { act, openedAs } from "../support/operator-play.ts";
import { counted } from "../support/plan-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  GAVE_UP,
  OK,
  TIMEOUT,
  answered,
  permitOf,
  reportOf,
  reportOutcome,
  sendAll,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const many = (count: number): number[] => Array.from({ length: count }, () => 100);

it("counts answers and failures by cause, the same before and after an eviction", async () => {
  await openedAs(run, [many(6)], {});
  const outcomes = [
    OK,
    answered(503),
    TIMEOUT,
    answered(500),
    { kind: "no_connection" as const, detail: "x" },
  ];
  for (const outcome of outcomes) {
    const permit = await permitOf(run);
    const report = reportOf(permit, outcome, { ackMs: "status" in outcome ? 300 : null });
    await run.api.done("test.0", [report]);
    await run.api.done("test.0", [report]);
    await run.wait(120_000);
  }
  const before = await run.metrics();
  expect(before.postFailures).toEqual({ http_503: 1, timeout: 1, http_500: 1, no_connection: 1 });
  expect(before.answers).toMatchObject({ count: 3, sumMs: 900 });
  expect(before.lines.sent).toBe(100);
  await run.evict();
  const after = await run.metrics();
  expect({ ...after, linesPerSecond: null, etaSeconds: null }).toEqual({ ...before, linesPerSecond: null, etaSeconds: null }); // prettier-ignore
  await run.expectBalanced();
});

it("does not count what was given back unsent", async () => {
  await openedAs(run, [many(2)], {});
  await reportOutcome(run, await permitOf(run), GAVE_UP);
  expect(await run.metrics()).toMatchObject({ postFailures: {}, lastPostEndedAt: null });
});

it("shows the stage with its reason, and since when", async () => {
  await openedAs(run, [many(2)], {});
  const sending = await run.metrics();
  expect([sending.stage, sending.run]).toEqual(["sending", run.id]);
  await run.wait(5_000);
  const pausedAt = Date.now();
  await act(run, { do: "pause", park: false });
  await run.settle();
  const { stage, reason, stageSince } = await run.metrics();
  expect([stage, reason]).toEqual(["paused", "operator"]);
  expect(stageSince).toBeGreaterThanOrEqual(pausedAt);
});

it("reaches progress 1 only when the run is delivered, and then all kept lines are sent", async () => {
  await openedAs(run, [many(3)], {});
  expect((await run.metrics()).progress).toBeLessThan(1);
  await sendAll(run);
  await run.settle();
  expect(await run.metrics()).toMatchObject({ progress: 1, kept: 300, lines: { sent: 300, pending: 0 } });
});

it("discards every line of a dry run", async () => {
  const whole = new WholeRun(run);
  await whole.prepare();
  await counted(run, whole);
  expect(await run.metrics()).toMatchObject({
    stage: "counted",
    kept: 849,
    lines: { discarded: 849, sent: 0 },
  });
  await run.expectBalanced();
});

it("reads a few rows and writes none, whatever the number of batches", async () => {
  const costs: { read: number; written: number }[] = [];
  for (const batches of [3, 600]) {
    run.fresh();
    await openedAs(run, [many(batches)], {});
    costs.push(await countRows(run.stub, () => run.metrics()));
  }
  const [few, most] = costs;
  expect(few).toEqual(most);
  expect(few?.written).toBe(0);
  expect(few?.read).toBeLessThan(15);
});

it("answers unknown_run before the run is started", async () => {
  expect(await run.api.metrics()).toMatchObject({ ok: false, code: "unknown_run" });
});
