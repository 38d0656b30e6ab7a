// The window queue from outside: thirty windows in one request, and three days with a kill -9 in the second. The queue
// works by itself: the tests only queue windows and read.
import { describe, test } from "vitest";
import { multisetDifference } from "../../local/demo/compare.ts";
import { generateLogs } from "../../local/generate/sample-logs.ts";
import { readTruth, type FileTruth } from "../../local/generate/truth.ts";
import type { QueueView, WindowDetail, WindowOutcome, WindowView } from "../../src/contract/windows.ts";
import type { ChaosApi } from "../support/chaos-api.ts";
import { DELIVERY_LIMIT_MS, WINDOW, expectedRayIds, startStack } from "../support/stack.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NO_DIFFERENCE = { missing: 0, extra: 0, unknown: 0 };
type Queued = { outcomes: WindowOutcome[]; queue: QueueView };

/** Minutes of WINDOW, half-open. */
function minutes(from: number, to: number) {
  return { start: minute(from), end: minute(to), end_exclusive: true };
}

function minute(n: number): string {
  return new Date(Date.parse(WINDOW.start) + n * 60_000).toISOString();
}

async function queued(operator: ChaosApi, body: Record<string, unknown>): Promise<WindowOutcome[]> {
  const answer = await operator.call<Queued>("POST", "/windows", { reason: "stack test", ...body });
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body.outcomes;
}

async function windowsOf(operator: ChaosApi): Promise<WindowView[]> {
  const { body } = await operator.call<{ items: WindowView[] }>("GET", "/windows?limit=1000");
  return body.items.toReversed();
}

function shown(outcome: WindowOutcome): string {
  if (outcome.outcome === "queued") return `queued ${outcome.id}`;
  if (outcome.outcome === "coalesced") return `coalesced ${outcome.into}`;
  if (outcome.outcome === "dropped") return outcome.reason;
  return `duplicate ${Object.values(outcome.of).flat().join("+")}`;
}

/** Four blocks of the hour, as windows that overlap, touch or repeat. The expected outcome is next to each window. */
const PIECES: [window: object, outcome: string][] = [
  [minutes(0, 4), "queued 1"],
  [minutes(3, 6), "coalesced 1"],
  [minutes(6, 8), "coalesced 1"],
  [minutes(2, 7), "duplicate 1"],
  [minutes(8, 10), "coalesced 1"],
  [minutes(0, 10), "duplicate 1"],
  [minutes(15, 18), "queued 2"],
  [minutes(20, 22), "queued 3"],
  [minutes(18, 20), "coalesced 2"],
  [minutes(21, 25), "coalesced 2"],
  [minutes(15, 25), "duplicate 2"],
  [minutes(24, 25), "duplicate 2"],
  [minutes(30, 31), "queued 4"],
  [minutes(44, 45), "queued 5"],
  [minutes(31, 44), "coalesced 4"],
  [minutes(30, 45), "duplicate 4"],
  [minutes(35, 36), "duplicate 4"],
  [minutes(50, 52), "queued 6"],
  [minutes(52, 54), "coalesced 6"],
  [minutes(53, 55), "coalesced 6"],
  [minutes(50, 55), "duplicate 6"],
  [minutes(50, 51), "duplicate 6"],
  [minutes(51, 51), "invalid"],
  [minutes(55, 50), "invalid"],
  [{ start: "yesterday", end: WINDOW.end }, "invalid"],
  [{ ...WINDOW, end_exclusive: "yes" }, "invalid"],
  [{ start: "2020-01-01T00:00:00Z", end: "2020-01-01T01:00:00Z" }, "too_old"],
  [{ start: "2020-01-01T00:00:00Z", end: "2020-01-01T02:00:00Z" }, "too_old"],
  [{ start: "2020-01-01T00:00:00Z", end: "2020-02-01T00:00:00Z" }, "invalid"],
  [minutes(0, 1), "duplicate 1"],
];

describe.concurrent("the window queue", () => {
  test("delivers every record of thirty windows once, and finds each outcome", async (context) => {
    const { expect } = context;
    const stack = await startStack({ logs: { files: 12, lines: 200 }, scope: context });
    const { operator, receiver, files } = stack;
    const body = { windows: PIECES.map(([window]) => window), source: "live", drop_older_than: "1500d" };
    const outcomes = PIECES.map(([, outcome]) => outcome);
    await operator.call("POST", "/windows/pause", {});

    expect((await queued(operator, body)).map(shown)).toEqual(outcomes);
    // The cap counts the 23 windows that are neither invalid nor too old. The repeat has room for 7.
    const again = await queued(operator, body);
    expect(again.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(7);
    expect(again.map(shown).filter((outcome) => outcome === "rate_limited")).toHaveLength(16);
    const gaps = [
      minutes(10, 15),
      minutes(25, 30),
      minutes(45, 50),
      { ...minutes(55, 60), end_exclusive: false },
    ];
    expect((await queued(operator, { windows: gaps, options: { polite: true } })).map(shown)).toEqual([
      "queued 7",
      "queued 8",
      "queued 9",
      "queued 10",
    ]);

    await operator.call("POST", "/windows/resume", {});
    const states = async () => (await windowsOf(operator)).map(({ id, state }) => `${id} ${state}`);
    await expect
      .poll(states, { timeout: DELIVERY_LIMIT_MS, interval: 200 })
      .toEqual([
        "1 delivered",
        "2 delivered",
        "3 coalesced",
        "4 delivered",
        "5 coalesced",
        "6 delivered",
        "7 delivered",
        "8 delivered",
        "9 delivered",
        "10 delivered",
      ]);
    expect(multisetDifference(expectedRayIds(files), receiver.tally.rayIds)).toEqual(NO_DIFFERENCE);
    expect((await queued(operator, { windows: [WINDOW], skip_sent: true })).map(shown)[0]).toMatch(
      /^duplicate 20/,
    );
  });

  test("replays three days over a kill -9 in the second, and nothing on a repeat", async (context) => {
    const { expect } = context;
    // This instant is inside the three days, even if a new hour begins while the test runs.
    const endMs = Math.floor(Date.now() / HOUR) * HOUR;
    const logs = async (dir: string) => {
      const logsDir = `${dir}/logs-in`;
      const times = { startMs: endMs - 3 * DAY + 2 * HOUR, endMs: endMs - HOUR };
      const { truthPath } = await generateLogs({
        outDir: logsDir,
        ...times,
        files: 36,
        lines: 400,
        gzipLevel: 1,
      });
      const files: FileTruth[] = [];
      for await (const file of readTruth(truthPath)) files.push(file);
      return { logsDir, files };
    };
    const vars = { LATE_MARGIN_MINUTES: "0", MAX_LINES_PER_SECOND: "2000" };
    const stack = await startStack({
      logs,
      vars,
      receiver: { behaviour: { latency_ms: [100, 300] } },
      scope: context,
    });
    const { operator, receiver, files } = stack;
    const request = { days: 3, skip_sent: true, options: { live: "ignore", batch_size: 100 } };
    expect(await queued(operator, request)).toMatchObject([{ outcome: "queued", id: 1 }]);
    const second = async () => (await windowsOf(operator)).filter(({ kind }) => kind === "window").length;
    await expect.poll(second, { timeout: DELIVERY_LIMIT_MS, interval: 50 }).toBe(2);
    const before = receiver.stats().accepted_requests;
    await expect
      .poll(() => receiver.stats().accepted_requests, { timeout: DELIVERY_LIMIT_MS, interval: 20 })
      .toBeGreaterThan(before + 3);

    await stack.dev.killGroup();
    const { operator: after } = await stack.restart();
    const series = async () => (await after.call<WindowDetail>("GET", "/windows/1")).body;
    await expect
      .poll(async () => (await series()).state, { timeout: 120_000, interval: 500 })
      .toBe("delivered");

    expect((await series()).chunks).toMatchObject({ left: null, windows: { delivered: 3 } });
    const difference = multisetDifference(expectedRayIds(files), receiver.tally.rayIds);
    const runs = await after.call<{ items: { id: string }[] }>("GET", "/runs");
    let named = 0;
    for (const { id } of runs.body.items) {
      const { body } = await after.call<{ duplicate_lines: number; possible_duplicate_lines: number }>(
        "GET",
        `/runs/${id}`,
      );
      named += body.duplicate_lines + body.possible_duplicate_lines;
    }
    // The expected RayIDs leave out records outside the time range that was given to the log generator. The replayed
    // three days are longer than this range, so the receiver may get these records as unknown.
    const beyond = files.reduce((sum, { dropped }) => sum + dropped.outside_window, 0);
    expect(difference.missing).toBe(0);
    expect(difference.unknown).toBeLessThanOrEqual(beyond);
    expect(difference.extra - difference.unknown).toBeLessThanOrEqual(named);

    const [again] = await queued(after, request);
    const { end } = await series();
    // If a new hour has begun since the first request, only this hour is queued.
    if (again?.outcome === "duplicate" || !again || !("end" in again))
      expect(again?.outcome).toBe("duplicate");
    else expect(again.end).not.toBe(end);
  });
});
