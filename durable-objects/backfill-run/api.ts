// What others may ask a run: plain data in, outcomes out. Everything here crosses RPC, so it is data without
// classes; a refusal is a value with a code (a thrown error would lose its class on the way), a bug is a throw.
// Times are epoch milliseconds, waits are relative milliseconds.
import type { DropReason, FileCounts, ParseSpec } from "../../src/pipeline/types.ts";

/** A run's frozen specification. Written once by `start`; only what PATCH may change lives outside it. */
export interface RunSpec {
  runId: string;
  createdAt: number;
  actor: string;
  note: string | null;
  parse: ParseSpec;
  /** Files enqueued per minute, or as the receiver takes them. */
  rate: number | "auto";
  maxLinesPerSecond: number;
  logPrefix: string;
  /** Folders below `logPrefix` that are no day folders and are read all the same; each ends in "/". */
  folders: string[];
  lateMarginMs: number;
  lookbackMs: number;
  singleStampSpanMs: number;
  cleanupGraceMs: number;
}

export const FILE_STATES = [
  "listed", "parsing", "open", "closed", "failed", "missing", "changed", "suspicious", "accepted",
] as const; // prettier-ignore
export type FileState = (typeof FILE_STATES)[number];

export const BATCH_STATES = [
  "pending", "leased", "done", "refused", "failed", "held", "discarded", "split",
] as const; // prettier-ignore
export type BatchState = (typeof BATCH_STATES)[number];

export const STAGES = [
  "scanning_and_queueing", "sending", "sent_waiting_cleanup", "cleaned",
  "paused", "suspended", "needs_attention", "aborting", "aborted",
] as const; // prettier-ignore
export type Stage = (typeof STAGES)[number];

export const CLEANUP_STATES = ["pending", "inspecting", "ready", "deleting", "done"] as const;
export type CleanupState = (typeof CLEANUP_STATES)[number];

/** Why a run answers "no". `detail` is for people. */
export interface Refused<Code extends string> {
  ok: false;
  code: Code;
  detail: string;
}

// ---- parsing -------------------------------------------------------------------------------------------------

export interface FileClaim {
  ok: true;
  attempt: number;
  leaseMs: number;
  key: string;
  etag: string;
  size: number;
  packKey: string;
  parse: ParseSpec;
}
export type FileClaimRefusal = Refused<"not_waiting" | "not_running" | "unknown_file" | "unknown_run">;
export type LeaseAnswer =
  { ok: true; leaseMs: number } | Refused<"superseded" | "not_running" | "unknown_file">;

/** One batch as the parser hands it over: where its gzip member lies in the pack, and what is in it. */
export interface ManifestEntry {
  ordinal: number;
  lines: number;
  digest: string;
  rawBytes: number;
  offset: number;
  length: number;
  firstRayId: string;
  lastRayId: string;
}

/** A page of a file's manifest. Pages come in order, 0-based; the last one opens the file. */
export interface ManifestPage {
  file: number;
  attempt: number;
  page: number;
  pages: number;
  /** Over all pages. */
  batches: number;
  entries: ManifestEntry[];
  packBytes: number;
  counts: FileCounts;
  salvaged: { lines: number; bytes: number } | null;
}
export type QueuedAnswer =
  | { ok: true; state: "staged" | "open" | "closed" | "suspicious" }
  | Refused<
      "superseded" | "unknown_file" | "not_running" | "unbalanced" | "digest_mismatch" | "page_out_of_order"
    >;

/** What the parser saw when a file gave no manifest. `seen` tells a changed object from a vanished one. */
export interface FileFailure {
  file: number;
  attempt: number;
  /** "gave_up": nothing is known about the object (R2 or the parser failed); the file is offered again. */
  state: "failed" | "missing" | "changed" | "gave_up";
  reason: string;
  detail: string;
  counts: FileCounts | null;
  seen: { etag: string; size: number } | null;
}
export type FileFailedAnswer = { ok: true } | Refused<"superseded" | "unknown_file">;

// ---- sending -------------------------------------------------------------------------------------------------

/** What happened to one POST, as the sender saw it; what follows from it is the object's to decide. */
export type PostOutcome =
  | {
      kind: "answer";
      status: number;
      bodyStart: string;
      bodyMatches: boolean | null;
      retryAfterMs: number | null;
    }
  /** The connection was never established: nothing can have been accepted. */
  | { kind: "no_connection"; detail: string }
  | { kind: "timeout"; detail: string }
  | { kind: "reset"; detail: string }
  /** The lease could not be renewed in time; the POST was aborted. */
  | { kind: "lease_lost"; detail: string }
  /** No POST was begun (pack missing or short, too late, shutting down). */
  | { kind: "not_sent"; reason: "pack_missing" | "pack_short" | "gave_up"; detail: string };

export interface SendReport {
  batch: number;
  attempt: number;
  outcome: PostOutcome;
  /** When the POST began and ended on the sender's clock; null when none began. */
  startedAt: number | null;
  endedAt: number | null;
  /** POST begun → answer's headers. */
  ackMs: number | null;
  /** Claim received → body in memory; and how late after its grant the POST began (round trip included). */
  bodyReadyMs: number;
  lateMs: number;
  /** HMAC-able receiver settings of this sender: endpoint + "\n" + uri. Never stored as it is. */
  receiver: string;
}

export interface Grant {
  batch: number;
  attempt: number;
  file: number;
  packKey: string;
  offset: number;
  length: number;
  lines: number;
  /** Begin the POST this long after receipt of the answer, at most `slackMs` later than that counted from the call. */
  waitMs: number;
  slackMs: number;
  leaseMs: number;
  /** How long the batch had been sendable before this claim. */
  queueWaitMs: number;
}

export type NextAnswer =
  | { kind: "grants"; grants: Grant[] }
  /** Nothing may leave right now, but soon: ask again after `waitMs` (≤ 2,000). */
  | { kind: "wait"; waitMs: number; reason: string }
  | { kind: "nothing"; reason: string };

export interface BatchRef {
  batch: number;
  attempt: number;
}
export interface RenewAnswer {
  leaseMs: number;
  /** Attempts whose lease is gone: their POST, if still open, must be aborted. */
  refused: BatchRef[];
}
export type RegrantAnswer =
  { ok: true; waitMs: number; slackMs: number; leaseMs: number } | Refused<"superseded" | "not_running">;

// ---- the operator's view -------------------------------------------------------------------------------------

export interface Problem {
  kind: "file" | "batch" | "run";
  key: string | null;
  file: number | null;
  batch: number | null;
  state: string;
  reason: string;
}

/** `GET /runs/:id`, in the words and the case of the wire. */
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
  batches: Record<BatchState, number>;
  lines: {
    read: number;
    kept: number;
    malformed: number;
    /** Empty lines are no lines; they are counted apart from `read`. */
    empty: number;
    sent: number;
    pending: number;
    refused: number;
    failed: number;
    held: number;
    discarded: number;
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
export type Json =
  string | number | boolean | null | undefined | Json[] | { [key: string]: Json } | Problem[];

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
export interface Page<T> {
  items: T[];
  /** Opaque; null at the end. A page may be short and still have a successor. */
  next_cursor: string | null;
}

export type StartAnswer = { ok: true; already: boolean } | Refused<"other_specification">;
export type AbortAnswer = { ok: true; status: RunStatus } | Refused<"delivered" | "unknown_run">;
export type StatusAnswer = { ok: true; status: RunStatus } | Refused<"unknown_run">;
export type RawAnswer = { ok: true; raw: { [key: string]: Json } } | Refused<"unknown_run">;
export type FilesAnswer = { ok: true; page: Page<FileView> } | Refused<"unknown_run" | "bad_cursor">;
export type BatchesAnswer = { ok: true; page: Page<BatchView> } | Refused<"unknown_run" | "bad_cursor">;
export interface ListQuery {
  /** Empty: every state. */
  states: string[];
  cursor: string | null;
  /** 1–1,000. */
  limit: number;
}

/** The RPC surface, as stubs see it. The class in backfill-run.ts implements it. */
export interface BackfillRunApi {
  start(spec: RunSpec, slot: { fence: number; notBefore: number }): Promise<StartAnswer>;
  status(): Promise<StatusAnswer>;
  raw(): Promise<RawAnswer>;
  listFiles(query: ListQuery): Promise<FilesAnswer>;
  listBatches(query: ListQuery): Promise<BatchesAnswer>;
  abort(request: { force: boolean; actor: string }): Promise<AbortAnswer>;
  /** Re-arms the clock if it stands; called by the registry. */
  poke(): Promise<void>;
  /** A dead letter arrived: counts it and wakes the clock. */
  deadLetter(queue: "parse" | "send"): Promise<void>;

  claimFile(file: number): Promise<FileClaim | FileClaimRefusal>;
  renewFile(file: number, attempt: number): Promise<LeaseAnswer>;
  uploadStarted(file: number, attempt: number, uploadId: string): Promise<LeaseAnswer>;
  queued(page: ManifestPage): Promise<QueuedAnswer>;
  fileFailed(failure: FileFailure): Promise<FileFailedAnswer>;

  next(lane: string, reports: SendReport[], want: number): Promise<NextAnswer>;
  done(lane: string, reports: SendReport[]): Promise<void>;
  renew(attempts: BatchRef[]): Promise<RenewAnswer>;
  regrant(ref: BatchRef): Promise<RegrantAnswer>;
  giveBack(ref: BatchRef): Promise<void>;
}
