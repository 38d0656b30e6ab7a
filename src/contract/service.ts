// The public contract of the entrypoint BackfillService. Another Worker of the account calls it through a service
// binding. The caller imports these types. Names inside bodies and answers are snake_case, as in the HTTP API.
// Every refusal is a value. No method throws for bad input.
import type { LineFormat } from "./line-formats.ts";
import type { CoverageDetail, CoverageView } from "./coverage.ts";
import type { LiveMode, LiveWaitingMode } from "./live.ts";
import type { Overlap } from "./registry.ts";
import type { Role } from "./roles.ts";
import type { Stage } from "./states.ts";
import type { RunStatus } from "./views.ts";
import type { ChunkOrder, QueueView, WindowOutcome } from "./windows.ts";

/** What a caller may do. The var BINDING_ROLES maps the name in the binding's `props` to a role. */
export const SERVICE_ROLES = ["viewer", "operator"] as const satisfies readonly Role[];
export type ServiceRole = (typeof SERVICE_ROLES)[number];

/** The `props` of the caller's service binding. */
export interface ServiceProps {
  name: string;
}

/** One thing to correct. `pointer` is a JSON pointer into the first argument. */
export interface ServiceError {
  pointer?: string;
  /** The name of an option, for `invalid_options`. */
  parameter?: string;
  detail: string;
}

/** A refusal changes nothing. `code` is a problem code of the HTTP API, or one of the codes of the binding. `detail`
 * is written for people. */
export interface ServiceRefusal {
  ok: false;
  code: string;
  detail: string;
  errors?: ServiceError[];
  errors_left_off?: number;
  /** The run that the refusal is about. */
  run?: string;
  overlaps?: Overlap[];
  /** After how many seconds the call may be repeated. Absent: a repeated call would be refused again. */
  retry_after_seconds?: number;
}

export interface CallOptions {
  /** A key of 1 to 255 printable ASCII characters. A repeated call with the same key and body gets the first
   * answer. */
  idempotencyKey?: string;
}

/** The options of POST /runs (docs/reference/http-api.md). Instants are RFC 3339 texts. */
export interface RunOptions {
  /** The name of a receiver. Absent: the first receiver. */
  receiver?: string;
  batch_size?: number;
  rate?: number | "auto";
  max_lines_per_second?: number;
  max_requests_per_second?: number | null;
  max_bytes_per_second?: number | null;
  max_in_flight?: number;
  polite?: boolean;
  note?: string;
  top_level_parent_ray_ids?: (string | null)[];
  on_corrupt?: "fail" | "salvage";
  on_uncertain?: "resend" | "hold";
  on_refused?: "keep" | "split";
  refusal_is_atomic?: boolean;
  dedupe?: "off" | "file";
  folders?: string[];
  max_suspect_ratio?: number;
  format?: LineFormat;
  replay?: boolean;
  live?: LiveMode;
  live_batch_size?: number;
  live_waiting?: LiveWaitingMode;
}

/** The body of POST /runs. */
export interface RunBody extends RunOptions {
  /** Absent only with `continue_of` or `from_plan`. */
  start?: string;
  end?: string;
  end_exclusive?: boolean;
  canary?: number;
  continue_of?: string;
  dry_run?: boolean;
  from_plan?: string;
  plan_hash?: string;
}

export interface WindowBody {
  start: string;
  end: string;
  end_exclusive?: boolean;
}

/** The body of POST /windows. Exactly one of `windows`, `last`, `days` and `from_coverage` is given. */
export interface WindowsBody {
  windows?: WindowBody[];
  last?: string;
  days?: number;
  from_coverage?: { start: string; end: string };
  chunk?: string;
  order?: ChunkOrder;
  reason: string;
  /** Absent: the caller's name. The cap per minute counts by source. */
  source?: string;
  options?: RunOptions;
  priority?: number;
  not_before?: string;
  max_age?: string;
  max_attempts?: number;
  drop_older_than?: string;
  skip_sent?: boolean;
}

export interface CoverageBody {
  start: string;
  end: string;
  detail?: CoverageDetail;
  columns?: boolean;
  /** The receiver whose runs are listed. Absent: the first receiver. */
  receiver?: string;
}

/** The coverage of a range, and the runs whose window shares an instant with the range. */
export interface CoverageWithRuns extends CoverageView {
  /** The receiver whose runs are listed. The states, the holes and their `replays` are always about the first receiver. */
  receiver: string;
  runs: {
    id: string;
    start: string;
    end: string;
    stage_code: Stage;
    delivery_completed: boolean;
    dry_run: boolean;
  }[];
}

export type StartRunAnswer =
  /** `replayed` is true when an earlier call with this key started the run. */
  { ok: true; replayed: boolean; id: string; run: RunStatus } | ServiceRefusal;
export type QueueWindowsAnswer =
  /** One outcome for each window, in their order. `replayed` is true when an earlier call with this key queued them. */
  | { ok: true; receiver: string; replayed: boolean; outcomes: WindowOutcome[]; queue: QueueView }
  | ServiceRefusal;
export type RunStatusAnswer = { ok: true; run: RunStatus } | ServiceRefusal;
export type CoverageAnswer = { ok: true; coverage: CoverageWithRuns } | ServiceRefusal;
export type HealthAnswer = { ok: true } | ServiceRefusal;

/** The type of the binding in the caller's `Env`. */
export interface BackfillServiceApi {
  /** Does what POST /windows does. Only operators may call it. */
  queueWindows(body: WindowsBody, options?: CallOptions): Promise<QueueWindowsAnswer>;
  /** Does what POST /runs does. Only operators may call it. */
  startRun(body: RunBody, options?: CallOptions): Promise<StartRunAnswer>;
  /** Does what GET /runs/:id does. */
  status(run: string): Promise<RunStatusAnswer>;
  /** Does what GET /coverage does: answers at once with what is known. */
  coverage(range: CoverageBody): Promise<CoverageAnswer>;
  /** Does what GET /health does. `health` is the only method for callers without a role. */
  health(): Promise<HealthAnswer>;
}
