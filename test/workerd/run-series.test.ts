// GET /runs/:id/series: the rate of a run over time, in a bounded number of points.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SeriesPoint, SeriesView } from "../../src/contract/series.ts";
import {
  MOST_HOURS,
  MOST_MINUTES,
  SeriesRows,
} from "../../durable-objects/backfill-run/ledger/series-rows.ts";
import { countRows } from "../support/count-rows.ts";
import { leftBy } from "../support/earlier-schema.ts";
import { acted, openedAs } from "../support/operator-play.ts";
import { WholeRun } from "../support/run-driver.ts";
import { HOUR, NOW, RunUnderTest } from "../support/run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, reportOf, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const MINUTE = 60_000;
const TARGET = { max_lines_per_second: 100_000, target_lines_per_second: 100_000 };

async function seriesOf(since: number | null = null): Promise<SeriesView> {
  const answer = await run.api.series(since);
  if (!answer.ok) throw new Error(answer.detail);
  return answer.series;
}

const linesOf = (points: readonly SeriesPoint[]): number => points.reduce((sum, { lines }) => sum + lines, 0);
const many = (count: number): number[] => Array.from({ length: count }, () => 100);

/** Delivers one batch at each of these times after NOW, in ms. */
async function sentAt(...times: number[]): Promise<void> {
  for (const ms of times) {
    vi.setSystemTime(Math.max(Date.now(), NOW + ms));
    await reportOutcome(run, await permitOf(run), OK);
  }
}

it("shows intervals of ten seconds with lines, POSTs, failures, target, cap and times", async () => {
  await openedAs(run, [many(4)], {});
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(503));
  const [first] = (await seriesOf()).points;
  expect(first).toEqual({
    at: "2030-04-22T18:00:00.000Z",
    seconds: 10,
    lines: 100,
    posts: 2,
    failures: 1,
    max_lines_per_second: 100_000,
    target_lines_per_second: 50_000,
    ack_ms: { p50: 23, p95: 23 },
  });
});

it("adds up to the lines sent, over evictions, repeated reports and failures", async () => {
  await openedAs(run, [many(30)], {});
  for (let n = 0; n < 30; n += 1) {
    const permit = await permitOf(run);
    if (n % 7 === 3) await reportOutcome(run, permit, TIMEOUT);
    const report = reportOf(permit, OK);
    await run.api.done("test.0", [report]);
    await run.api.done("test.0", [report]);
    if (n % 5 === 0) await run.evict();
    await run.wait(n * 700);
  }
  await sendAll(run);
  const { points, lines_without_point } = await seriesOf();
  const { log_lines_sent } = await run.status();
  expect([linesOf(points), lines_without_point]).toEqual([log_lines_sent, 0]);
  expect(points.length).toBeGreaterThan(5);
});

it("adds up to the lines sent of a whole run with real parsers and senders", async () => {
  const whole = new WholeRun(run);
  await whole.prepare();
  await run.start();
  whole.afterStep = () => run.evict();
  await whole.toTheEnd();
  const { points, lines_without_point } = await seriesOf();
  expect([linesOf(points), lines_without_point]).toEqual([whole.kept.length, 0]);
});

it("counts lines that an operator settled in no point", async () => {
  await openedAs(run, [many(2)], {});
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(400));
  await acted(run, { do: "resolve_batch", batch: 2, outcome: "delivered" }, "the partner has it");
  const { points, lines_without_point } = await seriesOf();
  expect([linesOf(points), lines_without_point, (await run.status()).log_lines_sent]).toEqual([
    100, 100, 200,
  ]);
});

describe("since", () => {
  it("leaves out the points that ended before", async () => {
    await openedAs(run, [many(5)], {});
    await sentAt(0, 25_000, 59_000, 61_000, 130_000);
    const all = (await seriesOf()).points;
    expect(all.map(({ at }) => at.slice(14, 19))).toEqual(["00:00", "00:20", "00:50", "01:00", "02:10"]);
    for (const [n, { at }] of all.entries())
      expect((await seriesOf(Date.parse(at))).points).toEqual(all.slice(n));
    expect((await seriesOf(Date.now() + MINUTE)).points).toEqual([]);
  });
});

it("shows minutes instead of intervals of ten seconds after an hour", async () => {
  await openedAs(run, [many(4)], {});
  await sentAt(0, 30_000, 70_000);
  vi.setSystemTime(NOW + HOUR + 61_000);
  await sentAt(HOUR + 61_000);
  const { points } = await seriesOf();
  expect(points.map(({ seconds, lines }) => [seconds, lines])).toEqual([
    [60, 200],
    [10, 100],
    [10, 100],
  ]);
});

it("writes no row for a batch, and one for a minute", async () => {
  await openedAs(run, [many(12)], {});
  await sentAt(0);
  const permit = await permitOf(run);
  const within = await countRows(run.stub, () => run.api.done("test.0", [reportOf(permit, OK)]));
  const next = await permitOf(run);
  vi.setSystemTime(NOW + 5 * MINUTE);
  const after = await countRows(run.stub, () => run.api.done("test.0", [reportOf(next, OK)]));
  expect(after.written - within.written).toBe(1);
});

it("keeps order and sum when the clock is set back, and shows no time in the future", async () => {
  for (const evicts of [false, true]) {
    run.fresh();
    await openedAs(run, [many(6)], {});
    await sentAt(0, 61_000, 125_000);
    vi.setSystemTime(Date.now() - 2 * HOUR);
    if (evicts) await run.evict();
    await run.status();
    await run.wait(60_000);
    for (let n = 0; n < 3; n += 1) await reportOutcome(run, await permitOf(run), OK);
    const { points, lines_without_point } = await seriesOf();
    const times = points.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
    expect([linesOf(points), lines_without_point]).toEqual([600, 0]);
  }
});

it("starts with the first report after an upgrade, and says how many lines came before", async () => {
  await openedAs(run, [many(3)], {});
  await sentAt(0);
  await leftBy(run, "0020-file-ranges");
  await run.evict();
  expect(await seriesOf()).toMatchObject({ points: [], lines_without_point: 100 });
  await sentAt(20_000);
  expect(await seriesOf()).toMatchObject({ points: [{ lines: 100, ...TARGET }], lines_without_point: 100 });
});

it("bounds the number of points by merging the oldest, and loses no line", async () => {
  await openedAs(run, [many(1)], {});
  const minutes = MOST_MINUTES + 200;
  const begin = Date.parse("2030-04-22T00:10:00Z");
  vi.setSystemTime(begin + minutes * MINUTE);
  await runInDurableObject(run.stub, (_object, { storage }) => {
    // The hours before, as merged rows.
    storage.sql.exec(
      `WITH RECURSIVE hours (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM hours WHERE n < ?)
       INSERT INTO series SELECT n, ? + n * 3600000, 3600, 1000, 60, 0, 1, 2, '[60]', NULL FROM hours`,
      MOST_HOURS,
      begin - (MOST_HOURS + 1) * HOUR - 10 * MINUTE,
    );
    storage.transactionSync(() => {
      const rows = new SeriesRows(storage.sql);
      const ten = { ten: 2, lines: 7, posts: 1, failures: 0, target: 1, cap: 2, ack: [1] };
      for (let minute = 0; minute < minutes; minute += 1)
        rows.add({ at: begin + minute * MINUTE, tens: [ten, { ...ten, ten: 4 }] });
    });
  });
  const { points } = await seriesOf();
  expect(linesOf(points)).toBe(MOST_HOURS * 1_000 + minutes * 14);
  const count = (wanted: number): number => points.filter(({ seconds }) => seconds === wanted).length;
  // 00:10 to 00:59 became one point. So did the three hours after it.
  expect([points[0]?.seconds, count(3_000), count(3_600)]).toEqual([5 * 3_600, 1, MOST_HOURS - 2]);
  expect([count(60), count(10)]).toEqual([MOST_MINUTES - 30 - 60, 120]);
  const ends = points.map(({ at, seconds }) => Date.parse(at) + seconds * 1_000);
  expect(points.every(({ at }, n) => n === 0 || Date.parse(at) >= (ends[n - 1] ?? 0))).toBe(true);
});
