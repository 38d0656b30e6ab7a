// What operators see of a run, in the field names of the API. Plain data that crosses RPC.
import type { DropReason } from "./file-counts.ts";
import type { BatchState, CleanupState, FileState, Json, Problem, ShownBatchState, Stage } from "./states.ts";

/** The answer of `GET /runs/:id`. */
export interface RunStatus {
  id: string;
  stage_code: Stage;
  state_reason: { code: string; detail: string } | null;
  summary: string;
  window: { start: string; end: string; interval: string };
  delivery_completed: boolean;
  fully_completed: boolean;
  exceptions: number;
  matched_raw_files: number;
  files: Record<FileState, number>;
  batches: Record<ShownBatchState, number>;
  lines: {
    read: number;
    kept: number;
    malformed: number;
    /** Empty lines. They are not part of `read`. */
    empty: number;
    /** Commas between records that belong to no JSON array. */
    repaired: number;
    sent: number;
    pending: number;
    refused: number;
    /** Always 0: see RETIRED_BATCH_STATE. */
    failed: number;
    held: number;
    discarded: number;
    /** Of the discarded lines: those that the continued run had delivered. */
    inherited: number;
    dropped: Record<DropReason, number>;
  };
  in_flight: number;
  last_post_ended_at: string | null;
  log_lines_sent: number;
  duplicate_lines: number;
  possible_duplicate_lines: number;
  progress: number;
  eta_seconds: number | null;
  rate: Record<string, number | string | null>;
  cleanup: { state: CleanupState; ends_at: string | null };
  problems: Problem[];
  [more: string]: Json;
}

export interface FileView {
  file: number;
  key: string;
  size: number;
  etag: string;
  state: FileState;
  reason: string | null;
  attempt: number;
  range: { start: string; end: string };
  lines: {
    read: number;
    kept: number;
    malformed: number;
    /** Commas between records that belong to no JSON array. */
    repaired: number;
    empty: number;
    dropped: Record<string, number>;
  } | null;
  batches: { first: number | null; count: number; unsettled: number };
  [more: string]: Json;
}
export interface BatchView {
  batch: number;
  file: number;
  ordinal: number;
  state: BatchState;
  reason: string | null;
  lines: number;
  digest: string;
  attempts: number;
  first_ray_id: string;
  last_ray_id: string;
  [more: string]: Json;
}
/** A line that could not be read. `bytes` is its beginning. */
export interface SampleView {
  sample: number;
  key: string | null;
  file: number;
  line: number;
  reason: string;
  bytes: string;
  [more: string]: Json;
}
/** One line of the audit trail. `actor` is "system" for what the run did by itself. */
export interface EventView {
  event: number;
  at: string;
  actor: string;
  kind: string;
  detail: { [key: string]: Json };
}
