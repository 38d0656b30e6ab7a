// What others may ask a run: plain data in, outcomes out. Everything here crosses RPC, so it is data without
// classes; a refusal is a value with a code (a thrown error would lose its class on the way), a bug is a throw.
// Times are epoch milliseconds, waits are relative milliseconds.
import type { ParseSpec } from "./parse-spec.ts";
import type { OperatorAnswer, OperatorCommand } from "./operator.ts";
import type { RunLimits } from "./limits.ts";
import type { BatchView, EventView, FileView, RunStatus, SampleView } from "./views.ts";
import type { Json, Page, Refused } from "./states.ts";
import type { BatchRef, NextAnswer, RegrantAnswer, RenewAnswer, SendReport } from "./sending.ts";
import type {
  FileClaim,
  FileClaimRefusal,
  FileFailedAnswer,
  FileFailure,
  LeaseAnswer,
  ManifestPage,
  QueuedAnswer,
} from "./parsing.ts";

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
  /** What follows an attempt that may have been accepted: send again (eight counted attempts hold), or hold at once. */
  onUncertain: "resend" | "hold";
  /** What follows a refusal of one batch: keep it for an operator, or halve it down to the single line. */
  onRefused: "keep" | "split";
  /** The partner takes a batch whole or not at all: lines sent again after a refusal cannot be duplicates. */
  refusalIsAtomic: boolean;
  /** So many batches go out first, then the run waits for an operator; null: no canary. */
  canary: number | null;
  /** The operator knows that lines of this window were sent before. */
  replay: boolean;
  /** Takes over an aborted run: only what it did not deliver is sent. */
  continueOf: string | null;
  /** With continueOf: batches that the earlier run left uncertain are sent again, and counted, instead of held. */
  resendInherited: boolean;
  /** Caps beside lines per second; null: none. */
  maxRequestsPerSecond: number | null;
  maxBytesPerSecond: number | null;
  maxInFlight: number;
  /** Idle mode: starts at a tenth of the cap and yields earlier. */
  polite: boolean;
}

export type InheritedBatch = { key: string; ordinal: number; digest: string; state: "done" | "uncertain" };
/** A batch of the earlier run itself, then a place in what that run inherited and never opened. */
export type InheritCursor = number | { key: string; digest: string; ordinal: number };
export type InheritedChoices = { key: string; choices_json: string };
export interface InheritedPage {
  ok: true;
  /** What an operator chose for files. */
  choices?: InheritedChoices[];
  batches: InheritedBatch[];
  /** Whose endpoint and URI these batches went to; null when none was accepted yet. Absent from older code. */
  receiver?: { key: string; print: string } | null;
  /** Null at the end. */
  next: InheritCursor | null;
  /** Whose ledger `next` is a place in: another run, when the one that was asked had not taken over its own yet. */
  from?: string;
}
export type InheritanceAnswer = InheritedPage | Refused<"unknown_run">;
export type LimitsAnswer = { ok: true; limits: RunLimits } | Refused<"unknown_run">;
export type StartAnswer = { ok: true; already: boolean } | Refused<"other_specification">;
export interface AbortRequest {
  /** Open POSTs are cut off. */
  force: boolean;
  actor: string;
  note?: string | null;
}
export type AbortAnswer = { ok: true; status: RunStatus } | Refused<"delivered" | "unknown_run">;
export type StatusAnswer = { ok: true; status: RunStatus } | Refused<"unknown_run">;
export type RawAnswer = { ok: true; raw: { [key: string]: Json } } | Refused<"unknown_run">;
export type FilesAnswer = { ok: true; page: Page<FileView> } | Refused<"unknown_run" | "bad_cursor">;
export type BatchesAnswer = { ok: true; page: Page<BatchView> } | Refused<"unknown_run" | "bad_cursor">;
export type SamplesAnswer = { ok: true; page: Page<SampleView> } | Refused<"unknown_run" | "bad_cursor">;
export type EventsAnswer = { ok: true; page: Page<EventView> } | Refused<"unknown_run" | "bad_cursor">;
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
  listEvents(query: ListQuery): Promise<EventsAnswer>;
  listSamples(query: ListQuery): Promise<SamplesAnswer>;
  operate(command: OperatorCommand): Promise<OperatorAnswer>;
  /** For a later run that continues this one: the limits as PATCH left them. */
  limits(): Promise<LimitsAnswer>;
  /** For a later run that continues this one: batches after `after`, delivered or uncertain. */
  inheritance(after: InheritCursor): Promise<InheritanceAnswer>;
  abort(request: AbortRequest): Promise<AbortAnswer>;
  /** Keeps the newest generation of the report, because somebody reads it; false when `generation` is not it any more. */
  reportRead(generation: number | null): Promise<boolean>;
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
