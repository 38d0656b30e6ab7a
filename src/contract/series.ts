// A run's rate over time: the points of `GET /runs/:id/series`. Plain data for RPC calls.
import type { Refused } from "./states.ts";

/** One interval of time. An interval without a reported POST has no point. */
export interface SeriesPoint {
  /** When the interval begins. */
  at: string;
  /** The length of the interval: 10, 60, or up to a few hours. */
  seconds: number;
  /** Lines of batches that became `done` through senders' reports. */
  lines: number;
  /** POSTs whose outcome was reported. */
  posts: number;
  /** The number of these POSTs that failed. */
  failures: number;
  /** The target and the cap in lines per second, at the newest report of the interval. */
  target_lines_per_second: number;
  max_lines_per_second: number;
  /** Acknowledgement times in ms. Null while no POST was answered. */
  ack_ms: { p50: number | null; p95: number | null };
}

export interface SeriesView {
  run: string;
  as_of: string;
  /** Oldest first. The newest point may still grow. */
  points: SeriesPoint[];
  /** `log_lines_sent` minus the lines of all points. These are lines that operators settled by hand, or that older
   * versions sent. */
  lines_without_point: number;
}

export type SeriesAnswer = { ok: true; series: SeriesView } | Refused<"unknown_run">;
