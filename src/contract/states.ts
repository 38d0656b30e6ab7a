// The states of files, batches, runs and their cleanup, and the shapes that every answer shares. Plain data.

export const FILE_STATES = [
  "listed",
  "parsing",
  "waiting",
  "open",
  "closed",
  "failed",
  "missing",
  "changed",
  "suspicious",
  "accepted",
] as const;

export type FileState = (typeof FILE_STATES)[number];

export const BATCH_STATES = ["pending", "leased", "done", "refused", "held", "discarded", "split"] as const;

export type BatchState = (typeof BATCH_STATES)[number];

/** A batch state that the API still shows, because clients may expect it. No batch enters this state, so its sums
 * are 0 and its list is empty. */
export const RETIRED_BATCH_STATE = "failed";

/** Every state that the API shows. */
export type ShownBatchState = BatchState | typeof RETIRED_BATCH_STATE;

/** The state of an attempt that did not simply end in the first 2xx of its batch. */
export type AttemptState = "uncertain" | "not_delivered" | "refused" | "done" | "duplicate" | "resolved";

export const STAGES = [
  "scanning_and_queueing",
  "sending",
  "sent_waiting_cleanup",
  "cleaned",
  "paused",
  "suspended",
  "needs_attention",
  "aborting",
  "aborted",
  "counting",
  "counted",
] as const;

export type Stage = (typeof STAGES)[number];

export const CLEANUP_STATES = ["pending", "inspecting", "ready", "deleting", "done"] as const;

export type CleanupState = (typeof CLEANUP_STATES)[number];

/** Why a run refuses a call. `detail` is written for people. */
export interface Refused<Code extends string> {
  ok: false;
  code: Code;
  detail: string;
}

export type Json =
  string | number | boolean | null | undefined | Json[] | { [key: string]: Json } | Problem[];

export interface Page<T> {
  items: T[];
  /** The cursor of the next page, which is opaque. Null after the last page. A short page may have a next page
   * too. */
  next_cursor: string | null;
}

export interface Problem {
  kind: "file" | "batch" | "run";
  key: string | null;
  file: number | null;
  batch: number | null;
  state: string;
  /** The state of the batch, also when `state` is `uncertain`. Null: the problem is about no batch. */
  batch_state: BatchState | null;
  reason: string;
  /** When the run next tries by itself. Null: the run does not try again, or an attempt is under way. */
  next_attempt_at: string | null;
  /** POSTs of the batch so far. 0: the batch was never sent. */
  attempts: number;
  /** Attempts of the batch that the receiver may have accepted. */
  uncertain_attempts: number;
}
