// A run's frozen specification in the field names of POST /runs. Plain data that crosses RPC.
import type { FormatFields, LineFormat } from "./line-formats.ts";
import type { LiveMode, LiveWaitingMode } from "./live.ts";
import type { ParseVersion } from "./parse-spec.ts";
import type { BodyForm, RecordForm, TokenPlace } from "./receivers.ts";
import type { LimitsView } from "./limits.ts";

export interface WindowView {
  start: string;
  end: string;
  /** `[start, end]`, or `[start, end)` when the end is outside. */
  interval: string;
}

/** How the run sends to a receiver of the kind `http`. */
export interface ReceiverView {
  kind: "http";
  form: BodyForm;
  before_each: string | null;
  token: TokenPlace | null;
  /** How long the receiver remembers a token. */
  dedupes_ms?: number;
}

/** The limits are those of the start. `limits` of the status has the present limits. */
export interface SpecView extends LimitsView {
  start: string;
  end: string;
  end_exclusive: boolean;
  batch_size: number;
  max_batch_bytes: number;
  gzip_level: number;
  format_version: string;
  format: LineFormat;
  /** The constants of the lines, by field number. */
  format_fields?: FormatFields;
  /** The form of the records when the lines are JSON. `format` then decides nothing. */
  record?: RecordForm;
  /** The receiver of RECEIVERS. Absent: the first receiver. */
  receiver_name?: string;
  /** Absent: the receiver has the kind `ctyun`. */
  receiver?: ReceiverView;
  top_level_parent_ray_ids: (string | null)[];
  dedupe: "off" | "file";
  on_corrupt: "fail" | "salvage";
  max_line_bytes: number;
  parse_version?: ParseVersion;
  max_suspect_ratio?: number;
  log_prefix: string;
  folders: string[];
  late_margin_ms: number;
  lookback_ms: number;
  single_stamp_span_ms: number;
  cleanup_grace_ms: number;
  on_refused: "keep" | "split";
  refusal_is_atomic: boolean;
  canary: number | null;
  replay: boolean;
  continue_of: string | null;
  resend_inherited: boolean;
  /** The window of the queue that the run replays. */
  queue_window?: number;
  dry_run?: true;
  plan?: { run: string; hash: string };
  live?: LiveMode;
  live_batch_size?: number;
  live_waiting?: LiveWaitingMode;
  live_prefix?: string;
  live_settle_ms?: number;
}
