// The sums of a run's rows as the status shows them. Plain data that crosses RPC.
import type { DropReason } from "./file-counts.ts";
import type { FileState, ShownBatchState } from "./states.ts";

export interface SumsView {
  /** Decisions that operators made by hand, and files that were read in part. */
  exceptions: number;
  matched_raw_files: number;
  files: Record<FileState, number>;
  batches: Record<ShownBatchState, number>;
  lines: LineSums;
  /** Field values in which a control character became a space. */
  sanitized_fields: number;
  repeated_ray_ids: number;
  /** Kept records whose RayID was not compared with earlier ones, because the file has too many RayIDs. */
  untracked_ray_ids: number;
  /** Batches leased to a sender now. */
  in_flight: number;
  log_lines_sent: number;
  duplicate_lines: number;
  possible_duplicate_lines: number;
  /** Lines of uncertain attempts that were sent again while the receiver remembered their token. Set only for a run to
   * such a receiver. */
  deduped_lines?: number;
  uncertain_attempts: number;
  dead_letters: { parse: number; send: number };
}

export interface LineSums {
  read: number;
  kept: number;
  malformed: number;
  /** Empty lines. They are not part of `read`. */
  empty: number;
  /** How many commas between records belong to no JSON array. */
  repaired: number;
  sent: number;
  pending: number;
  refused: number;
  /** Always 0: see RETIRED_BATCH_STATE. */
  failed: number;
  held: number;
  discarded: number;
  /** The discarded lines that the continued run had delivered. */
  inherited: number;
  dropped: Record<DropReason, number>;
}

/** Further counts and times of a run, under the names that an earlier system of the operators used. Operators still
 * look for these names. */
export interface OlderNames {
  batches_sent: number;
  batches_pending: number;
  batch_lines_avg: number | null;
  batch_lines_min: number | null;
  batch_lines_max: number | null;
  replay_window_beijing: string;
  last_refresh_beijing: string;
}
