// The log of a working run shows its counts every 30 s. The log of a waiting run shows the reason.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { acted, openFile, openedAs } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { OK, permitOf, putLogs, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
type Line = { at: string; event: string; run: string; reason: string | null } & Record<string, unknown>;
let lines: Line[] = [];

beforeEach(() => {
  run.setUp();
  lines = [];
  Object.assign(env, { LOG_LEVEL: "info" });
  vi.spyOn(console, "log").mockImplementation((text: string) => {
    const line = JSON.parse(text) as Line;
    if (line.run === run.id) lines.push(line);
  });
});
afterEach(() => {
  run.tearDown();
  Object.assign(env, { LOG_LEVEL: "error" });
});

const LINES = 100;
const of = (event: string) => lines.filter((line) => line.event === event);
const seconds = (shown: Line[]) => shown.map(({ at }) => Math.round(Date.parse(at) / 1_000));

it("shows the figures of a run at work", async () => {
  await putLogs(run, 2);
  await run.start({});
  await run.settle();
  await openFile(run, 1, [LINES, LINES, LINES]);
  for (let n = 0; n < 2; n += 1) await reportOutcome(run, await permitOf(run), OK);
  await permitOf(run);
  expect(of("run_progress")).toEqual([]);
  await run.wait(30_000);
  const { at: _at, ...line } = of("run_progress")[0] ?? {};
  expect(line).toEqual({
    level: "info",
    event: "run_progress",
    run: run.id,
    stage: "scanning_and_queueing",
    reason: null,
    files_read: 1,
    files_left: 1,
    lines_read: 3 * LINES + 3,
    lines_kept: 3 * LINES,
    lines_sent: 2 * LINES,
    lines_skipped: {
      not_top_level: 2,
      invalid_timestamp: 0,
      outside_window: 0,
      delivered_live: 0,
      repeated_ray_id: 0,
      malformed: 1,
    },
    lines_per_second: 0,
    lines_per_second_avg: 7,
    in_flight: 1,
    backlog_bytes: 1_000,
    eta_seconds: null,
  });
});

it("comes every 30 s, also over evictions, and ends with the delivery", async () => {
  await openedAs(run, [Array.from({ length: 8 }, () => LINES)], {});
  for (let n = 0; n < 8; n += 1) {
    await run.wait(15_000);
    await run.evict();
    await reportOutcome(run, await permitOf(run), OK);
  }
  await run.settle();
  expect(await run.stage()).toBe("sent_waiting_cleanup");
  const times = seconds(of("run_progress"));
  expect(times.length).toBeGreaterThanOrEqual(3);
  const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
  expect(gaps.every((gap) => gap >= 29 && gap <= 46)).toBe(true);
  await run.wait(HOUR);
  expect(of("run_progress")).toHaveLength(times.length);
  expect(of("run_waiting")).toEqual([]);
});

it("shows once what a run waits for, then every 10 min, and a new reason at once", async () => {
  const sendBetween = [{ from: "05:00", to: "07:00", zone: "Asia/Shanghai" }];
  await openedAs(run, [[LINES, LINES]], {});
  await acted(run, { do: "patch", limits: { sendBetween } });
  await run.settle();
  const shown = of("run_waiting");
  expect(shown).toMatchObject([
    {
      stage: "suspended",
      reason: "quiet_hours",
      goes_on_at: "2030-04-22T21:00:00.000Z",
      files_left: 0,
      lines_left: 2 * LINES,
    },
  ]);
  for (let n = 0; n < 5; n += 1) {
    await run.wait(300_000);
    await run.evict();
  }
  const times = seconds(of("run_waiting"));
  expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 600, 1_200]);
  await acted(run, { do: "pause", park: false });
  await run.settle();
  expect(of("run_waiting").slice(3)).toMatchObject([
    { stage: "paused", reason: "operator", goes_on_at: null },
  ]);
  await acted(run, { do: "resume", acceptReceiver: false, answers: null });
  await acted(run, { do: "patch", limits: { sendBetween: null } });
  await sendAll(run);
  expect(of("run_waiting")).toHaveLength(4);
});
