// Adds up the totals of several registries. Does no I/O.
import type { RunTotals, StatsView } from "../../contract/stats.ts";

/** Adds up the views. All of them have the same time range and time zone. Returns undefined if there is no view. */
export function mergedStats(views: readonly StatsView[]): StatsView | undefined {
  const [first] = views;
  if (first === undefined || views.length === 1) return first;
  const { since, until, zone } = first;
  const byDay = new Map<string, RunTotals[]>();
  for (const { day, ...totals } of views.flatMap(({ days }) => days))
    byDay.set(day, [...(byDay.get(day) ?? []), totals]);
  const days = [...byDay].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    since,
    until,
    zone,
    ...sumOf(views),
    days: days.map(([day, totals]) => ({ day, ...sumOf(totals) })),
  };
}

function sumOf(all: readonly RunTotals[]): RunTotals {
  const sum = (of: (totals: RunTotals) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    runs: {
      all: sum(({ runs }) => runs.all),
      delivered: sum(({ runs }) => runs.delivered),
      aborted: sum(({ runs }) => runs.aborted),
      counted: sum(({ runs }) => runs.counted),
      under_way: sum(({ runs }) => runs.under_way),
      without_figures: sum(({ runs }) => runs.without_figures),
    },
    log_lines_sent: sum((one) => one.log_lines_sent),
    duplicate_lines: sum((one) => one.duplicate_lines),
    possible_duplicate_lines: sum((one) => one.possible_duplicate_lines),
    exceptions: sum((one) => one.exceptions),
    bytes: { read: sum(({ bytes }) => bytes.read), sent: sum(({ bytes }) => bytes.sent) },
    sending_seconds: sum((one) => one.sending_seconds),
    cost_usd: Math.round(sum((one) => one.cost_usd) * 1e6) / 1e6,
  };
}
