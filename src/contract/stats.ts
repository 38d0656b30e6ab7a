// Totals over runs: the answer of `GET /stats`. Plain data that crosses RPC.

/** The zones in which days may be counted. Neither has a summer time. */
export const STATS_ZONES = ["UTC", "Asia/Shanghai"] as const;
export type StatsZone = (typeof STATS_ZONES)[number];

/** Runs that were created at or after `since`, and at or before `until`. Epoch ms. */
export interface StatsQuery {
  since: number;
  until: number;
  zone: StatsZone;
}

export interface RunTotals {
  /** `without_figures`: runs that have reported no bytes, time and cost. An older version started them, or they have
   * reported nothing yet. */
  runs: {
    all: number;
    delivered: number;
    aborted: number;
    counted: number;
    under_way: number;
    without_figures: number;
  };
  log_lines_sent: number;
  duplicate_lines: number;
  possible_duplicate_lines: number;
  exceptions: number;
  /** These bytes, `sending_seconds` and `cost_usd` are lower bounds, as in WorkView. */
  bytes: { read: number; sent: number };
  sending_seconds: number;
  /** US dollars: what the runs counted, without estimates. */
  cost_usd: number;
}

export type DayTotals = { day: string } & RunTotals;

export interface StatsView extends RunTotals {
  since: string;
  until: string;
  zone: StatsZone;
  /** The days on which runs were created, oldest first. A day without a run is left out. */
  days: DayTotals[];
}
