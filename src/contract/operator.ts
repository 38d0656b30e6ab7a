// What an operator may tell a run, and how it answers. Plain data, it crosses RPC. Each command is one line of the
// audit trail; each refusal leaves the run as it was.
import type { AnswerWords } from "./answers.ts";
import type { Refused } from "./states.ts";
import type { RunStatus } from "./views.ts";
import type { LimitName, RunLimits } from "./limits.ts";

export const ACCEPTABLE_CODES = [
  "empty_window",
  "foreign_folders",
  "late_files",
  "log_without_time",
  "not_looked_through",
  "duplicate_objects",
  "suspect_records",
] as const;
export type AcceptableCode = (typeof ACCEPTABLE_CODES)[number];

/** Of a command that makes work sendable: lines of this window were sent by another run, and are meant to be sent again. */
type Replay = { replay?: boolean };

export type OperatorCommand = { actor: string; note: string | null } & (
  | { do: "accept_codes"; codes: AcceptableCode[] }
  /** Lists the window again and takes in what came late. */
  | ({ do: "take_late" } & Replay)
  /** What is absent stays as it was chosen before, or as the run does it. */
  | ({
      do: "retry_file";
      file: number;
      allowDuplicates: boolean;
      topLevelParentRayIds?: (string | null)[];
      onCorrupt?: "fail" | "salvage";
    } & Replay)
  /** `send`: what becomes of the batches of a suspicious file; absent where nothing was kept. */
  | ({ do: "accept_file"; file: number; send?: boolean } & Replay)
  /** All failed and missing files, and all refused, failed and held batches. */
  | ({ do: "retry_all" } & Replay)
  | ({ do: "retry_batch"; batch: number } & Replay)
  | ({ do: "resolve_batch"; batch: number; outcome: "delivered" | "resend" | "discard" } & Replay)
  | { do: "pause"; park: boolean }
  | { do: "resume"; acceptReceiver: boolean; answers: AnswerWords | null }
  /** Only what is named changes. */
  | { do: "patch"; limits: Partial<RunLimits> }
  | { do: "verify" }
);

export type OperatorCode =
  | "unknown_run"
  /** The run is aborting, aborted or cleaned: nothing can be asked of it any more. */
  | "run_ended"
  | "unknown_file"
  | "unknown_batch"
  /** The file, the batch or the run is in a state in which this means nothing. */
  | "wrong_state"
  | "nothing_to_accept"
  | "note_needed"
  /** The file kept lines: they are sent or discarded by the operator's word. */
  | "send_needed";

/** A limit that this run cannot take, whatever the bounds of the field are; `limit` names it. */
export type InvalidValue = Refused<"invalid_value"> & { limit: LimitName };

export type OperatorAnswer =
  | {
      ok: true;
      status: RunStatus;
      leasesOut: number;
      /** Rows changed so far. */
      changed: number;
      /** Rows that the command names but could not change. */
      skipped: number;
      /** The clock changes the rest; `commands_under_way` of the status follows it. */
      underWay: boolean;
    }
  | Refused<OperatorCode>
  | InvalidValue
  | (Refused<"slot_taken"> & { holder: string })
  | (Refused<"overlap"> & { overlaps: { run: string; start: string; end: string }[] });
