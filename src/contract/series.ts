// How a run's sending went over time: the points of `GET /runs/:id/series`. Plain data that crosses RPC.
import type { Refused } from "./states.ts";

/** One interval of time. An interval without a reported POST has no point. */
export interface SeriesPoint {
  /** When the interval begins. */
  at: string;
  /** The length of the interval: 10, 60, or up to a few hours. */
  seconds: number;
  /** Lines that senders' reports made delivered. */
  lines: number;
  /** POSTs whose outcome was reported. */
  posts: number;
  /** POSTs of these that failed. */
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
  /** `log_lines_sent` without the lines of all points: what operators settled by hand, and what older code sent. */
  lines_without_point: number;
}

export type SeriesAnswer = { ok: true; series: SeriesView } | Refused<"unknown_run">;
