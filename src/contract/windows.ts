// The window queue contains windows that wait to be replayed, one run after the other. The registry stores the queue.
// Plain data that crosses RPC. Names of views and outcomes are snake_case, because the API passes them on
// unchanged.
import type { Window } from "./parse-spec.ts";
import type { Idempotency, Overlap, RunRegistryApi, WantedRun } from "./registry.ts";
import type { Json, Page, Refused } from "./states.ts";

/** The states of a window of the queue:
 * - queued: the window waits for its start.
 * - running: its run is admitted, and neither delivered nor aborted.
 * - delivered: its run is delivered.
 * - blocked: a run sent lines of the window, and the request has neither `skip_sent` nor `replay`.
 * - needs_attention: its run waits for an operator.
 * - expired: the window waited longer than `max_age`.
 * - failed: its run was aborted `max_attempts` times, or could not be admitted.
 * - cancelled: an operator cancelled the window.
 * - coalesced: another window now includes the window. */
export const WINDOW_STATES = [
  "queued",
  "running",
  "delivered",
  "blocked",
  "needs_attention",
  "expired",
  "failed",
  "cancelled",
  "coalesced",
] as const;
export type WindowState = (typeof WINDOW_STATES)[number];

export const CHUNK_ORDERS = ["newest_first", "oldest_first"] as const;
export type ChunkOrder = (typeof CHUNK_ORDERS)[number];

/** The longest window of one run: 7 days. Longer windows are split, so that a typing mistake in a year cannot replay
 * a whole year. */
export const MAX_WINDOW_MS = 604_800_000;
/** The most windows that one request may add. */
export const MAX_WINDOWS = 1_000;

/** One error of a window that is dropped as invalid. The pointer is relative to the whole body. */
export interface WindowError {
  pointer: string;
  detail: string;
}

/** One entry of the list `windows` of a request. */
export type AskedWindow =
  | ({ kind: "window" } & Window)
  /** A series: a long range. The queue cuts the series into windows of `chunkMs`, one at a time, when the next
   * window can start. */
  | { kind: "series"; startMs: number; endMs: number; chunkMs: number; order: ChunkOrder }
  /** An entry that is dropped as invalid. */
  | { kind: "invalid"; errors: WindowError[] };

export interface QueueRequest {
  actor: string;
  reason: string;
  /** The name of the sender of the windows. Each source has a cap per minute. Null: no cap. */
  source: string | null;
  /** The run as POST /runs would pass it to `admit`. The queue sets the window, the actor, and the note if it is
   * absent. */
  wanted: WantedRun;
  /** A window with a higher number starts earlier. */
  priority: number;
  /** The earliest start, in epoch ms. Null: the window may start at once. */
  notBefore: number | null;
  maxAgeMs: number;
  maxAttempts: number;
  /** A window that ends before this instant is dropped as too old. Null: no window is too old. */
  oldestEnd: number | null;
  /** True: the queue leaves out what earlier runs delivered. */
  skipSent: boolean;
  /** Windows with a gap of at most this length become one window. 0 without `live: "skip_delivered"`. */
  coalesceMs: number;
  perSourcePerMinute: number;
  windows: AskedWindow[];
}

export interface WindowText {
  start: string;
  end: string;
  end_exclusive: boolean;
}

/** What covers all of the window: one window of the queue, one run, several `runs` together (only with `skip_sent`),
 * or several `windows` with the same options. */
export type DuplicateOf = { window: number } | { run: string } | { runs: string[] } | { windows: number[] };

/** What the queue did with one entry of the request. `index` is the number of the entry, from 0. */
export type WindowOutcome = { index: number } & (
  | ({ outcome: "queued"; id: number; state: "queued" } & WindowText)
  /** Lines of the window were sent before. An operator must cancel the window, and queue it again with `replay` or
   * `skip_sent`. */
  | ({ outcome: "queued"; id: number; state: "blocked"; overlaps: Overlap[] } & WindowText)
  /** `into` is the queued window, which now covers start to end. */
  | ({ outcome: "coalesced"; into: number } & WindowText)
  | ({ outcome: "duplicate"; of: DuplicateOf } & WindowText)
  | { outcome: "dropped"; reason: "rate_limited"; detail: string; retry_after_seconds: number }
  | { outcome: "dropped"; reason: "too_old"; detail: string }
  | { outcome: "dropped"; reason: "invalid"; detail: string; errors: WindowError[] }
);

export type QueueAnswer =
  | { ok: true; replayed: boolean; outcomes: WindowOutcome[]; queue: QueueView }
  | Refused<"idempotency_mismatch" | "queue_full">;

/** The first answer to a key. `unknown_key`: no request had this key. */
export type RecallWindowsAnswer =
  { ok: true; outcomes: WindowOutcome[]; queue: QueueView } | Refused<"idempotency_mismatch" | "unknown_key">;

/** Why the queue starts no window now. run_at_work: a run of the queue rests without the slot and continues by
 * itself. reserved: the slot is reserved for a run that asked for it. */
const QUEUE_HINDRANCES = [
  "paused",
  "bad_configuration",
  "disabled",
  "receiver_not_configured",
  "slot_taken",
  "reserved",
  "run_at_work",
  "not_before",
] as const;
export interface QueueHindrance {
  code: (typeof QUEUE_HINDRANCES)[number];
  /** The run that the queue waits for. */
  run: string | null;
  /** The earliest start of the first window, with code "not_before". */
  not_before: string | null;
}

/** The state of the queue as a whole. */
export interface QueueView {
  paused: { at: string; actor: string; note: string | null } | null;
  queued: number;
  running: number;
  /** The run that owns the slot. */
  holder: string | null;
  /** Why the first window does not start. Null: it starts at once, or no window is queued. */
  waits_for: string | null;
  /** The reason of `waits_for` as a code, for programs. */
  hindrance: QueueHindrance | null;
  /** Runs that get the slot before the next window starts. */
  reserved: string[];
}

export interface WindowView extends WindowText {
  id: number;
  kind: "window" | "series";
  state: WindowState;
  state_reason: { code: string; detail: string } | null;
  reason: string;
  source: string | null;
  actor: string;
  priority: number;
  created_at: string;
  not_before: string | null;
  /** When the window expires. Null: the window does not wait. */
  expires_at: string | null;
  attempts: number;
  max_attempts: number;
  /** The run of the newest attempt. */
  run: string | null;
  /** The series from which this window was cut. */
  series: number | null;
  /** The queued window that now covers this window. */
  into: number | null;
}

/** Only for a series: what is cut into windows already, and the states of these windows. */
export interface SeriesView {
  chunk_seconds: number;
  order: ChunkOrder;
  skip_sent: boolean;
  /** The part of the series that is not cut into windows yet. Null: the whole series is cut. */
  left: { start: string; end: string } | null;
  windows: { [State in WindowState]?: number };
}

export interface WindowEvent {
  event: number;
  at: string;
  /** "system" for what the queue did by itself. */
  actor: string;
  kind: string;
  detail: { [key: string]: Json };
}

export interface WindowDetail extends WindowView {
  runs: string[];
  overlaps: Overlap[];
  chunks: SeriesView | null;
  events: WindowEvent[];
}

export interface WindowsQuery {
  states: string[];
  cursor: string | null;
  limit: number;
}

/** The new place of a window in the order of starting: directly before or after another window. */
export type MovedTo = { before: number } | { after: number };

/** Who changes the queue, and why. */
export interface ChangedBy {
  actor: string;
  note: string | null;
}

export type WindowRefusal = Refused<"unknown_window" | "wrong_state">;
/** `abort`: the run that the caller must abort now. The window gets no further attempt. */
export type CancelAnswer = { ok: true; window: WindowDetail; abort: string | null } | WindowRefusal;

export type WindowAnswer = { ok: true; window: WindowDetail } | WindowRefusal;
export type WindowsAnswer = { ok: true; page: Page<WindowView>; queue: QueueView } | Refused<"bad_cursor">;

/** The RPC methods of the registry for the queue. */
export interface WindowQueueApi {
  /** Changes nothing. */
  recallWindows(idempotency: Idempotency): Promise<RecallWindowsAnswer>;
  queueWindows(request: QueueRequest, idempotency: Idempotency | null): Promise<QueueAnswer>;
  /** `queueWindows` for a receiver of RECEIVERS, for the same reason as `admitNamed`. */
  queueNamedWindows(request: QueueRequest, idempotency: Idempotency | null): Promise<QueueAnswer>;
  /** Only queued windows: in the order in which they start. Else newest first. */
  listWindows(query: WindowsQuery): Promise<WindowsAnswer>;
  showWindow(id: number): Promise<WindowAnswer>;
  cancelWindow(id: number, by: ChangedBy): Promise<CancelAnswer>;
  /** Moves a window. The moved window gets the priority of the other window, and starts directly before or after
   * it. */
  moveWindow(id: number, to: MovedTo, by: ChangedBy): Promise<WindowAnswer>;
  /** Pauses the queue. Runs that were started continue. */
  pauseQueue(by: ChangedBy): Promise<QueueView>;
  resumeQueue(by: ChangedBy): Promise<QueueView>;
}

/** All RPC methods of a receiver's registry. */
export interface RegistryApi extends RunRegistryApi, WindowQueueApi {}
