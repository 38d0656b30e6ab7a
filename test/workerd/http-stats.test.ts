// GET /stats: totals over runs, by the day of their creation.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunReport } from "../../src/contract/registry.ts";
import type { StatsView } from "../../src/contract/stats.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { HOUR, START, aReport, wantedRun } from "../support/registry-fixtures.ts";
import { NOW, admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

const WORK = { bytesRead: 1_000, bytesSent: 500, sendingMs: 60_400, costUsd: 0.25 };
let count = 0;

/** Admits a run at `now` and lets it report. */
async function ranAt(now: number, report: Partial<RunReport> | null): Promise<string> {
  vi.setSystemTime(now);
  count += 1;
  const id = admitted(await api.api.admit(wantedRun({ startMs: START - count * HOUR }), null));
  if (report) await api.api.report(aReport(id, report));
  await api.api.release(id, count, now, false);
  return id;
}

async function stats(query = ""): Promise<StatsView> {
  const answer = await api.ask(`/stats${query}`);
  expect(answer.status).toBe(200);
  return answer.json as StatsView;
}

it("adds up runs by their end, lines, duplicates, exceptions, bytes, time and cost", async () => {
  count = 0;
  const ended = {
    logLinesSent: 5_000,
    exceptions: 1,
    duplicateLines: 10,
    possibleDuplicateLines: 20,
    work: WORK,
  };
  await ranAt(NOW, { ...ended, stage: "cleaned", finished: true });
  await ranAt(NOW + 1_000, { ...ended, stage: "sent_waiting_cleanup" });
  await ranAt(NOW + 2_000, { ...ended, stage: "aborted", finished: true });
  await ranAt(NOW + 3_000, {
    stage: "counted",
    finished: true,
    work: { ...WORK, bytesSent: 0, sendingMs: 0 },
  });
  // A run of an older version, and a run that has reported nothing.
  await ranAt(NOW + 4_000, { stage: "needs_attention", logLinesSent: 7 });
  await ranAt(NOW + 5_000, null);
  expect(await stats()).toMatchObject({
    runs: { all: 6, delivered: 2, aborted: 1, counted: 1, under_way: 2, without_figures: 2 },
    log_lines_sent: 15_007,
    duplicate_lines: 30,
    possible_duplicate_lines: 60,
    exceptions: 3,
    bytes: { read: 4_000, sent: 1_500 },
    sending_seconds: 181,
    cost_usd: 1,
  });
});

it("counts a run once, by its newest report", async () => {
  count = 0;
  const id = await ranAt(NOW, { logLinesSent: 5, work: WORK });
  await api.api.report(aReport(id, { logLinesSent: 9, work: { ...WORK, bytesSent: 900 } }));
  expect(await stats()).toMatchObject({ runs: { all: 1 }, log_lines_sent: 9, bytes: { sent: 900 } });
});

it("counts days in UTC or in Beijing, and its days add up to the totals", async () => {
  count = 0;
  const evening = Date.parse("2030-04-22T15:59:59Z");
  for (const [n, at] of [evening, evening + 1_000, evening + 9 * HOUR].entries())
    await ranAt(at, { logLinesSent: 10 ** n });
  const lines = ({ days }: StatsView) => days.map((day) => [day.day, day.log_lines_sent]);
  const range = "?since=2030-04-22T00:00:00Z&until=2030-04-24T00:00:00Z";
  const [utc, beijing] = [await stats(range), await stats(`${range}&zone=Asia/Shanghai`)];
  expect(lines(utc)).toEqual([
    ["2030-04-22", 11],
    ["2030-04-23", 100],
  ]);
  expect(lines(beijing)).toEqual([
    ["2030-04-22", 1],
    ["2030-04-23", 110],
  ]);
  for (const view of [utc, beijing]) {
    expect(view.days.reduce((sum, day) => sum + day.log_lines_sent, 0)).toBe(view.log_lines_sent);
    expect(view.days.reduce((sum, day) => sum + day.runs.all, 0)).toBe(view.runs.all);
  }
  const later = await stats("?since=2030-04-22T16:00:00Z&until=2030-04-22T23:00:00Z");
  expect([later.runs.all, later.log_lines_sent]).toEqual([1, 10]);
});

it("answers with zeros without a run, and refuses another zone", async () => {
  expect(await stats()).toMatchObject({ runs: { all: 0 }, log_lines_sent: 0, cost_usd: 0, days: [] });
  expect(await api.ask("/stats?zone=Europe/Berlin")).toMatchObject({
    status: 422,
    json: { code: "invalid_query", errors: [{ parameter: "zone" }] },
  });
});
