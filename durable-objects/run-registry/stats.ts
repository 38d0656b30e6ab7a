// GET /stats: totals over the runs' last progress reports, also by the day of creation. Reads, never writes.
import { iso } from "../../src/contract/instants.ts";
import type { RunTotals, StatsQuery, StatsView, StatsZone } from "../../src/contract/stats.ts";
import type { DaySums } from "./stats-rows.ts";
import type { RegistryStore } from "./store.ts";
import { DAY_MS } from "../../src/contract/time-units.ts";

/** For each zone of the statistics, its wall clock minus UTC, in milliseconds. */
const OFFSET_MS: Record<StatsZone, number> = { UTC: 0, "Asia/Shanghai": 8 * 3_600_000 };

export function runStats(store: RegistryStore, { since, until, zone }: StatsQuery): StatsView {
  const days = store.stats.byDay(since, until, OFFSET_MS[zone]);
  return {
    since: iso(since),
    until: iso(until),
    zone,
    ...totalsOf(days),
    days: days.map((day) => ({ day: iso(day.day * DAY_MS).slice(0, 10), ...totalsOf([day]) })),
  };
}

/** The sums over days. Does no I/O. */
export function totalsOf(days: readonly DaySums[]): RunTotals {
  const sum = (of: (day: DaySums) => number): number => days.reduce((all, day) => all + of(day), 0);
  const runs = {
    all: sum((day) => day.runs),
    delivered: sum((day) => day.delivered),
    aborted: sum((day) => day.aborted),
    counted: sum((day) => day.counted),
  };
  return {
    runs: {
      ...runs,
      under_way: runs.all - runs.delivered - runs.aborted - runs.counted,
      without_figures: sum((day) => day.without_figures),
    },
    log_lines_sent: sum((day) => day.log_lines_sent),
    duplicate_lines: sum((day) => day.duplicate_lines),
    possible_duplicate_lines: sum((day) => day.possible_duplicate_lines),
    exceptions: sum((day) => day.exceptions),
    bytes: { read: sum((day) => day.bytes_read), sent: sum((day) => day.bytes_sent) },
    sending_seconds: Math.round(sum((day) => day.sending_ms) / 1_000),
    cost_usd: Math.round(sum((day) => day.cost_usd) * 1e6) / 1e6,
  };
}
