// Defines how fast a run sends, and what its POSTs were like. Plain data that crosses RPC.
import type { RunLimits } from "./limits.ts";

export interface RateView {
  files_per_minute: RunLimits["rate"];
  max_lines_per_second: number;
  max_requests_per_second: number | null;
  max_bytes_per_second: number | null;
  max_in_flight: number;
  /** The rate at which permits are spaced. */
  target_lines_per_second: number;
  /** Over the last ten seconds. */
  lines_per_second: number;
  /** The most lines for which permits were granted in any one second. */
  granted_peak_lines_per_second: number;
  /** The number of lines for which permits were issued today. The day begins at midnight in the time zone of
   * `send_between`, or in UTC without `send_between`. */
  lines_today: number;
}

export interface PostFiguresView {
  /** Acknowledgement times in ms. Null while no POST was answered. */
  ack_ms: { p50: number | null; p95: number | null; p99: number | null };
  /** POSTs that failed, by cause. */
  failures: Record<string, number>;
  /** POSTs without an answer, by the cause that the runtime gave. */
  connection_errors: Record<string, number>;
}
