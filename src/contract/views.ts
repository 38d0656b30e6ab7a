// Defines what operators see of a run, in the field names of the API. Plain data that crosses RPC. Each part of the
// status has its type next to its subject.
import type { AnswersView, AssumedCount, AssumedView } from "./answers.ts";
import type { DropReason, LiveBorders, MalformedSample } from "./file-counts.ts";
import type { LiveFileView, LiveView, LiveWaitingMode } from "./live.ts";
import type { LimitsView } from "./limits.ts";
import type { OlderNames, SumsView } from "./line-sums.ts";
import type { ListingView, NamedKind } from "./listing.ts";
import type { PlanView } from "./plan-view.ts";
import type { PostFiguresView, RateView } from "./rate.ts";
import type { EvidenceView } from "./report.ts";
import type { SpecView, WindowView } from "./spec-view.ts";
import type { AttemptState, BatchState, CleanupState, FileState, Json, Problem, Stage } from "./states.ts";
import type { WorkView } from "./work.ts";
import type { VerificationView } from "./verification.ts";

/** The answer of `GET /runs/:id`. */
export interface RunStatus
  extends
    StageView,
    SumsView,
    PostFiguresView,
    AssumedView,
    UncoveredView,
    OriginView,
    TimesView,
    WorkView,
    OlderNames {
  id: string;
  window: WindowView;
  /** Leases of senders and parsers that have not ended. */
  leases_out: number;
  last_post_ended_at: string | null;
  progress: number;
  /** The lines of the whole run, partly estimated. Null: no file is parsed. */
  expected_lines: number | null;
  eta_seconds: number | null;
  rate: RateView;
  answers: AnswersView;
  cleanup: { state: CleanupState; ends_at: string | null };
  problems: Problem[];
  checks: ChecksView;
  foreign_keys: NamedKind[];
  malformed_samples: Omit<SampleView, "sample" | "key">[];
  complete_as_of: string | null;
  listing: ListingView;
  warnings: { code: string; detail: string }[];
  commands_under_way: BulkView[];
  verification: VerificationView;
  spec: SpecView;
  limits: LimitsView;
  report: EvidenceView;
  /** The plan hash of a dry run that has counted, or of the plan that the run was made from. Null for all other
   * runs. */
  plan_hash: string | null;
  /** Null: the run is no dry run and was not made from a plan. */
  plan: PlanView | null;
  /** Set only for a run with `live: "skip_delivered"`. */
  live?: LiveView;
}

/** The parts of the window without a raw file. The members are null before the first complete listing pass, and
 * for runs that older code started. */
export interface UncoveredView {
  /** The first 20 parts of the window without a raw file. */
  uncovered: { start: string; end: string }[] | null;
  /** How many seconds all parts without a raw file have. */
  uncovered_seconds: number | null;
}

export interface StageView {
  stage_code: Stage;
  state_reason: { code: string; detail: string } | null;
  summary: string;
  delivery_completed: boolean;
  fully_completed: boolean;
}

/** Where the run sends, who started it, and why. */
export interface OriginView {
  /** The name of the receiver. "default": the first receiver. */
  receiver: string;
  continue_of: string | null;
  /** True: the run is a dry run, which sends nothing. */
  dry_run: boolean;
  replay: boolean;
  note: string | null;
  actor: string;
}

export interface TimesView {
  created_at: string;
  started_at: string;
  stage_since: string;
  delivered_at: string | null;
  ended_at: string | null;
}

interface CheckView {
  failing: number;
  checked: number;
}
/** The results of each check of records, over all files that are not suspicious by themselves. */
export interface ChecksView {
  max_suspect_ratio: number | null;
  malformed_lines: CheckView;
  unreadable_times: CheckView;
  unset_parent_ray_ids: CheckView;
}

/** A command over many rows that is under way. */
export interface BulkView {
  command: string;
  actor: string;
  note: string | null;
  since: string;
  changed: number;
  skipped: number;
}

export interface FileView {
  file: number;
  key: string;
  size: number;
  etag: string;
  uploaded_at: string;
  state: FileState;
  reason: string | null;
  attempt: number;
  /** Parsers that stopped without a report while they read this file. */
  crashes: number;
  /** True: the sums of the run contain `lines` of this file. */
  counted: boolean;
  range: { start: string; end: string };
  lines: {
    read: number;
    kept: number;
    malformed: number;
    /** How many commas between records belong to no JSON array. */
    repaired: number;
    empty: number;
    dropped: Record<DropReason, number>;
  } | null;
  bytes: { read: number; inflated: number } | null;
  first_kept: string | null;
  last_kept: string | null;
  /** The readable part of a file that is cut short. */
  salvaged: { lines: number; bytes: number } | null;
  samples: MalformedSample[];
  choices: ChoicesView | null;
  batches: { first: number | null; count: number; unsettled: number };
  /** Set only for a run with `live: "skip_delivered"`, once the file's markers are known. */
  live?: LiveFileView;
  borders?: LiveBorders | null;
}

/** An operator's choices for one file. */
export interface ChoicesView {
  top_level_parent_ray_ids: (string | null)[] | null;
  on_corrupt: "fail" | "salvage" | null;
  live_waiting?: LiveWaitingMode;
  accepted: { send: boolean } | null;
}

export interface BatchView {
  batch: number;
  file: number;
  ordinal: number;
  /** The batch that this part was split from. */
  parent: number | null;
  state: BatchState;
  reason: string | null;
  lines: number;
  digest: string;
  bytes: { raw: number; gzip: number; offset: number };
  attempts: number;
  /** Attempts that count against the batch. */
  counted_attempts: number;
  done_attempt: number | null;
  done_at: string | null;
  answer_status: number | null;
  assumed_not_delivered: (AssumedCount & { status: number })[];
  first_ray_id: string;
  last_ray_id: string;
  exceptional_attempts: AttemptView[];
}

export interface AttemptView {
  attempt: number;
  state: AttemptState;
  cause: string;
  detail: string | null;
  started_at: string | null;
  ended_at: string;
  followed_by: number | null;
  /** The first later attempt that sent the batch again while the receiver remembered its token. Absent: none. */
  deduped_by?: number;
}

/** A line that could not be read. `bytes` is its beginning. */
export interface SampleView {
  sample: number;
  key: string | null;
  file: number;
  line: number;
  reason: string;
  bytes: string;
}
/** One line of the audit trail. `actor` is "system" for what the run did by itself. */
export interface EventView {
  event: number;
  at: string;
  actor: string;
  kind: string;
  detail: { [key: string]: Json };
}
