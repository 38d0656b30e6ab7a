// The RPC methods of one run. Arguments and answers are plain data. A refusal is a value with a code, because a
// thrown error loses its class in an RPC call. Only a bug throws. Times are epoch milliseconds. Waits are
// milliseconds from now.
import type { ParseSpec } from "./parse-spec.ts";
import type { LiveSpec } from "./live.ts";
import type { HttpSending } from "./receivers.ts";
import type { OperatorAnswer, OperatorCommand } from "./operator.ts";
import type { RunLimits } from "./limits.ts";
import type { SendRange } from "./send-hours.ts";
import type { NoticeOwnerApi } from "./notices.ts";
import type { RayApi, RayLive } from "./rays.ts";
import type { RunMetrics } from "./run-metrics.ts";
import type { BatchView, EventView, FileView, RunStatus, SampleView } from "./views.ts";
import type { RunMapAnswer } from "./run-map.ts";
import type { SeriesAnswer } from "./series.ts";
import type { Json, Page, Refused } from "./states.ts";
import type { BatchRef, NextAnswer, PermitRenewal, RenewAnswer, SendReport } from "./sending.ts";
import type {
  FileClaim,
  FileClaimRefusal,
  FileFailedAnswer,
  FileFailure,
  LeaseAnswer,
  ManifestPage,
  QueuedAnswer,
} from "./parsing.ts";

/** A run's frozen specification. `start` writes it once. The limits that PATCH may change are stored elsewhere. */
export interface RunSpec {
  runId: string;
  createdAt: number;
  actor: string;
  note: string | null;
  parse: ParseSpec;
  /** Files enqueued per minute. "auto" adapts to the speed of the receiver. */
  rate: number | "auto";
  maxLinesPerSecond: number;
  logPrefix: string;
  /** LIVE_PREFIX, which is never input. Absent: a run of older code. */
  livePrefix?: string;
  /** Folders below `logPrefix` that are read in addition to day folders. Each ends in "/". */
  folders: string[];
  lateMarginMs: number;
  lookbackMs: number;
  singleStampSpanMs: number;
  cleanupGraceMs: number;
  /** What the run does after an attempt that the receiver may have accepted. "resend": the run sends the batch
   * again, and holds it after eight attempts that count against the batch (see `countsAgainstBatch`). "hold": the
   * run holds the batch at once. */
  onUncertain: "resend" | "hold";
  /** What the run does after the refusal of a batch. "keep": an operator decides. "split": the run halves the batch,
   * down to single lines. */
  onRefused: "keep" | "split";
  /** True: the partner accepts either all lines or no line of a batch. Lines that are sent again after a refusal are
   * then not duplicates. */
  refusalIsAtomic: boolean;
  /** The number of canary batches. The run waits for an operator after them. Null: no canary. */
  canary: number | null;
  /** The operator confirms that lines of this window were sent before. */
  replay: boolean;
  /** The aborted run that this run continues. This run sends only batches that the aborted run did not deliver. */
  continueOf: string | null;
  /** With `continueOf`: batches that the earlier run left uncertain are sent again and counted. Otherwise they
   * are held. */
  resendInherited: boolean;
  /** Further caps per second. Null: no cap. */
  maxRequestsPerSecond: number | null;
  maxBytesPerSecond: number | null;
  maxInFlight: number;
  /** The run starts at a tenth of the cap, and slows down at a smaller rise in latency. */
  polite: boolean;
  /** The run sends only within these ranges. Null: at any time. */
  sendBetween: SendRange[] | null;
  /** The most lines of send permits in one calendar day. Null: no cap. */
  dailyLines: number | null;
  /** True: the run is a dry run. It lists and parses everything, takes no slot, sends nothing and writes nothing
   * to R2. */
  dryRun?: true;
  /** The dry run that this run replays, and the hash of its plan. */
  plan?: { run: string; hash: string };
  /** Set when records that the live worker delivered are not sent. Absent: such records are sent too. */
  live?: LiveSpec;
  /** The receiver of RECEIVERS to which the run sends. Absent: the first receiver. The run id ends in this name. */
  receiver?: string;
  /** How the run sends to a receiver of the kind `http`. Absent: the receiver has the kind `ctyun`. */
  http?: HttpSending;
  /** Runs that sent lines, and whose windows share a single instant with this run's window. They are no overlaps. */
  sharedWith?: string[];
  /** The window of the queue that this run replays. Pausing such a run releases the slot. */
  queueWindow?: number;
}

export type { RunMapAnswer, SeriesAnswer };
export type InheritedLive = { key: string; live_json: string };
export type InheritedBatch = {
  key: string;
  ordinal: number;
  digest: string;
  state: "done" | "uncertain" | "partly";
};
/** A position in the ledger of an earlier run. A number: the last batch of that run that was read. A JSON object: a
 * place among the batches that the earlier run inherited and never parsed itself. The place names the last row that
 * was read. */
export type InheritCursor = number | { key: string; digest: string; ordinal: number };
export type InheritedChoices = { key: string; choices_json: string };
export interface InheritedPage {
  ok: true;
  /** The operator's choices for single files. */
  choices?: InheritedChoices[];
  /** The markers that were stored with the first manifests of files (LiveMarkers). */
  live?: InheritedLive[];
  batches: InheritedBatch[];
  /** The endpoint and URI that received these batches, as an HMAC. Null when none was accepted yet. Absent from
   * older code. */
  receiver?: { key: string; print: string } | null;
  /** Null after the last page. */
  next: InheritCursor | null;
  /** The run to which `next` belongs. It is another run than the called run, if the called run had not copied its
   * own inherited batches yet. */
  from?: string;
}
export type InheritanceAnswer = InheritedPage | Refused<"unknown_run">;
/** One planned raw log object. `sha256` is the hash of its text (plan-text.ts). */
export interface PlannedFile {
  key: string;
  etag: string;
  sha256: string;
  /** 0: the dry run made no batches of this R2 object. */
  parsed: 0 | 1;
}
/** The plan of a dry run that has counted: its hash, and the margins with which the dry run ended. `files` are in
 * the order of their keys' bytes. `next` is null after the last page. */
export type PlannedAnswer =
  | {
      ok: true;
      hash: string;
      lateMarginMs: number;
      lookbackMs: number;
      files: PlannedFile[];
      /** The markers that were stored with the first manifests of these files. */
      live?: InheritedLive[];
      next: string | null;
    }
  | Refused<"unknown_run" | "not_dry" | "not_counted">;
export interface SampleFile {
  file: number;
  key: string;
  etag: string;
  parse: ParseSpec;
  /** Null: the run ignores the live worker, or the markers of this file are not stored yet. */
  live: RayLive | null;
}
/** A few files of the run that are likely to have lines for a sample. */
export type SampleSourceAnswer = { ok: true; files: SampleFile[] } | Refused<"unknown_run">;
export type LimitsAnswer = { ok: true; limits: RunLimits } | Refused<"unknown_run">;
export type StartAnswer = { ok: true; already: boolean } | Refused<"other_specification">;
export interface AbortRequest {
  /** True: senders end their open POSTs at once. */
  force: boolean;
  actor: string;
  note?: string | null;
}
export type AbortAnswer = { ok: true; status: RunStatus } | Refused<"delivered" | "counted" | "unknown_run">;
export type StatusAnswer = { ok: true; status: RunStatus } | Refused<"unknown_run">;
export type MetricsAnswer = { ok: true; metrics: RunMetrics } | Refused<"unknown_run">;
export type RawAnswer = { ok: true; raw: { [key: string]: Json } } | Refused<"unknown_run">;
export type FilesAnswer = { ok: true; page: Page<FileView> } | Refused<"unknown_run" | "bad_cursor">;
export type BatchesAnswer = { ok: true; page: Page<BatchView> } | Refused<"unknown_run" | "bad_cursor">;
export type SamplesAnswer = { ok: true; page: Page<SampleView> } | Refused<"unknown_run" | "bad_cursor">;
export type EventsAnswer = { ok: true; page: Page<EventView> } | Refused<"unknown_run" | "bad_cursor">;
export interface ListQuery {
  /** The states of the wanted rows. Empty: every state. */
  states: string[];
  cursor: string | null;
  /** The most rows of one page, from 1 to 1,000. */
  limit: number;
  /** The number of the first row. */
  from?: number;
  /** Only files whose range meets [startMs, endMs). */
  range?: { startMs: number; endMs: number };
}

/** The RPC surface that stubs see. The class in backfill-run.ts implements it. */
export interface BackfillRunApi extends RayApi, NoticeOwnerApi {
  start(spec: RunSpec, slot: { fence: number; notBefore: number }): Promise<StartAnswer>;
  status(): Promise<StatusAnswer>;
  /** The figures of this run for GET /metrics. Reads a few rows, whatever the size of the run. */
  metrics(): Promise<MetricsAnswer>;
  raw(): Promise<RawAnswer>;
  listFiles(query: ListQuery): Promise<FilesAnswer>;
  listBatches(query: ListQuery): Promise<BatchesAnswer>;
  listEvents(query: ListQuery): Promise<EventsAnswer>;
  listSamples(query: ListQuery): Promise<SamplesAnswer>;
  /** The rate over time. Points that end after `since` (epoch ms); null: all points. */
  series(since: number | null): Promise<SeriesAnswer>;
  /** The files over the window. */
  map(): Promise<RunMapAnswer>;
  operate(command: OperatorCommand): Promise<OperatorAnswer>;
  /** For a later run that continues this run: the limits as PATCH left them. */
  limits(): Promise<LimitsAnswer>;
  /** For a later run that continues this run: the delivered or uncertain batches after `after`. */
  inheritance(after: InheritCursor): Promise<InheritanceAnswer>;
  abort(request: AbortRequest): Promise<AbortAnswer>;
  /** For a run made from this dry run: the planned R2 objects after the key `after`. With `after` null, only the hash
   * and the margins, which admission needs. */
  planned(after: string | null): Promise<PlannedAnswer>;
  sampleSource(): Promise<SampleSourceAnswer>;
  /** Keeps the newest generation of the evidence while a reader pages through it. False when `generation` is no
   * longer the newest. */
  reportRead(generation: number | null): Promise<boolean>;
  /** Called by the registry. Re-arms the run's clock when the clock has no alarm. */
  poke(): Promise<void>;
  /** Counts a dead letter (a queue message that failed three times) and wakes the clock. */
  deadLetter(queue: "parse" | "send"): Promise<void>;

  claimFile(file: number): Promise<FileClaim | FileClaimRefusal>;
  renewFile(file: number, attempt: number): Promise<LeaseAnswer>;
  uploadStarted(file: number, attempt: number, uploadId: string): Promise<LeaseAnswer>;
  queued(page: ManifestPage): Promise<QueuedAnswer>;
  fileFailed(failure: FileFailure): Promise<FileFailedAnswer>;

  /** `call` numbers the calls of `lane` from 1. A repeated call has the number of the first one, and gets its permits
   * again. Absent from senders of older code. */
  next(lane: string, reports: SendReport[], want: number, call?: number): Promise<NextAnswer>;
  done(lane: string, reports: SendReport[]): Promise<void>;
  renew(attempts: BatchRef[]): Promise<RenewAnswer>;
  regrant(ref: BatchRef): Promise<PermitRenewal>;
}
