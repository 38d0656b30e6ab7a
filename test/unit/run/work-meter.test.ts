// Tests what a run counts about its work, and what the work costs.
import { describe, expect, it } from "vitest";
import { NO_WORK, costOf } from "../../../src/contract/work.ts";
import { WorkMeter } from "../../../durable-objects/backfill-run/ledger/work-meter.ts";
import { EMPTY_SERIES, addReported } from "../../../durable-objects/backfill-run/receiver/series.ts";
import { workView } from "../../../durable-objects/backfill-run/views/work-view.ts";

const NOW = 1_900_000_000_000;

function begun(): WorkMeter {
  const meter = new WorkMeter();
  meter.begin(NOW);
  return meter;
}

/** SQLite whose statements report the given numbers of read and written rows. */
const SQL = {
  exec: (statement: string) => {
    const [rowsRead = 0, rowsWritten = 0] = statement.split(" ").map(Number);
    return { rowsRead, rowsWritten };
  },
} as never;

describe("the meter of a run", () => {
  it("goes on after an eviction with what was stored, and loses only what was counted since", () => {
    const meter = begun();
    meter.add({ bytesSent: 10 });
    meter.r2.classB += 2;
    const stored = meter.text() ?? "";
    meter.add({ bytesSent: 5 });
    expect(meter.now()).toEqual({ ...NO_WORK, bytesSent: 15, classB: 2 });
    const next = new WorkMeter();
    next.restore(stored);
    next.add({ classB: 1 });
    expect(next.now()).toEqual({ ...NO_WORK, bytesSent: 10, classB: 3 });
  });

  it("counts nothing for a run that older code started", () => {
    const meter = new WorkMeter();
    meter.restore("");
    meter.takesOver("call");
    meter.add({ bytesSent: 10 });
    meter.r2.classA += 1;
    expect([meter.now(), meter.text(), meter.hasUnsaved]).toEqual([null, null, false]);
  });

  it("counts each row once, calls of the run's own consumers, and nothing that readers ask for", () => {
    const meter = begun();
    const sql = meter.counted(SQL);
    meter.takesOver("call");
    sql.exec("3 1");
    sql.exec("10 2");
    meter.takesOver("reader");
    sql.exec("1000 0");
    meter.takesOver("clock");
    sql.exec("7 1");
    meter.takesOver("reader");
    expect(meter.now()).toEqual({ ...NO_WORK, objectRequests: 1, rowsRead: 20, rowsWritten: 4 });
  });

  it("stores R2 operations once", () => {
    const meter = begun();
    meter.r2.classA += 3;
    expect(meter.hasUnsaved).toBe(true);
    expect(JSON.parse(meter.text() ?? "")).toMatchObject({ classA: 3 });
    expect([meter.hasUnsaved, meter.now()?.classA]).toEqual([false, 3]);
  });

  it("adds the time between two calls of senders when a batch was leased meanwhile", () => {
    const meter = begun();
    const calls: [atMs: number, isSending: boolean][] = [
      [5_000, false],
      [6_500, true],
      [9_000, true],
      [60_000, false],
      [61_000, true],
      // Set back, and then forward by hours.
      [1_000, true],
      [1_200, true],
      [9_000_000, true],
    ];
    for (const [ms, isSending] of calls) meter.senderCalled(isSending, NOW + ms);
    expect(meter.now()?.sendingMs).toBe(1_500 + 2_500 + 1_000 + 0 + 200 + 30_000);
  });
});

it("prices a million of each operation, and keeps the estimate apart", () => {
  const work = {
    ...NO_WORK,
    classA: 1e6,
    classB: 1e6,
    objectRequests: 1e6,
    rowsWritten: 1e6,
    rowsRead: 1e6,
    queueMessages: 1e6,
  };
  const cost = costOf(work, 1e6);
  expect(cost).toEqual({
    r2: 4.86,
    durable_objects: 1.151,
    queues: 1.2,
    counted: 7.211,
    object_duration_estimate: 1.6,
  });
});

describe("the work in the status", () => {
  const row = { started_at: NOW, delivered_at: NOW + 20_000, ended_at: NOW + 90_000 };
  const series = addReported(EMPTY_SERIES, { lines: 45_000, posts: 45, failures: 0, target: 1, cap: 1, ack: [] }, NOW).state; // prettier-ignore
  const done = { work: { ...NO_WORK, sendingMs: 12_340 }, series, linesSent: 60_000 };

  it.each([
    ["sending", 30],
    ["sent_waiting_cleanup", 20],
    ["cleaned", 20],
    ["aborted", 90],
    ["counted", 90],
    ["needs_attention", 30],
  ] as const)("ends with the work of a run that is %s", (stage, seconds) => {
    expect(workView(row, stage, done, NOW + 30_000)).toMatchObject({
      duration_seconds: seconds,
      lines_per_second_avg: Math.round(60_000 / seconds),
      lines_per_second_peak: 4_862,
      sending_seconds: 12.3,
    });
  });

  it("keeps the peak while the run is paused", () => {
    const canary = { work: { ...NO_WORK, sendingMs: 2_000 }, series, linesSent: 146_000 };
    const open = { ...row, delivered_at: null, ended_at: null };
    const peaks = [5, 60, 3_600].map(
      (seconds) => workView(open, "paused", canary, NOW + seconds * 1_000).lines_per_second_peak,
    );
    expect(peaks).toEqual([73_000, 73_000, 73_000]);
  });

  it("shows at least the average as the peak of a run that is shorter than ten seconds", () => {
    const short = { ...row, delivered_at: NOW + 3_000 };
    expect(workView(short, "cleaned", { ...done, linesSent: 45_000 }, NOW)).toMatchObject({
      lines_per_second_avg: 15_000,
      lines_per_second_peak: 15_000,
    });
  });

  it("shows null for what was never counted", () => {
    const older = { work: null, series, linesSent: 60_000 };
    expect(workView(row, "cleaned", older, NOW)).toEqual({
      duration_seconds: 20,
      lines_per_second_avg: 3_000,
      lines_per_second_peak: null,
      sending_seconds: null,
      bytes: null,
      operations: null,
      cost_usd: null,
    });
  });
});
