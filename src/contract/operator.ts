// The commands that an operator may give a run, and their answers. Plain data that crosses RPC. Each accepted
// command writes one line to the audit trail. A refusal changes nothing.
import type { AnswerWords } from "./answers.ts";
import type { LiveWaitingMode } from "./live.ts";
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
  "live_waiting",
  "live_batch_size_unproven",
] as const;
export type AcceptableCode = (typeof ACCEPTABLE_CODES)[number];

/** For commands that make batches sendable: confirms that lines which another run already sent may be sent again. */
type Replay = { replay?: boolean };

export type OperatorCommand = { actor: string; note: string | null } & (
  | { do: "accept_codes"; codes: AcceptableCode[] }
  /** Lists the window again and adds late files to the run. */
  | ({ do: "take_late" } & Replay)
  /** An absent option keeps the earlier choice for this file, or else the run's own setting. */
  | ({
      do: "retry_file";
      file: number;
      allowDuplicates: boolean;
      topLevelParentRayIds?: (string | null)[];
      onCorrupt?: "fail" | "salvage";
      liveWaiting?: LiveWaitingMode;
    } & Replay)
  /** `send` decides about the batches of a suspicious file. Absent when the file kept no line. */
  | ({ do: "accept_file"; file: number; send?: boolean } & Replay)
  /** Retries all failed and missing files, and all refused and held batches. */
  | ({ do: "retry_all" } & Replay)
  | ({ do: "retry_batch"; batch: number } & Replay)
  | ({ do: "resolve_batch"; batch: number; outcome: "delivered" | "resend" | "discard" } & Replay)
  | { do: "pause"; park: boolean }
  | { do: "resume"; acceptReceiver: boolean; answers: AnswerWords | null }
  /** Changes only the limits in `limits`. */
  | { do: "patch"; limits: Partial<RunLimits> }
  | { do: "verify" }
);

export type OperatorCode =
  | "unknown_run"
  /** The run is aborting, aborted or cleaned. It takes no more commands. */
  | "run_ended"
  | "unknown_file"
  | "unknown_batch"
  /** The command does not apply to the present state of the file, batch or run. */
  | "wrong_state"
  | "nothing_to_accept"
  | "note_needed"
  /** The file kept lines. The operator must decide whether they are sent or discarded. */
  | "send_needed";

/** A value that is within the field's bounds but impossible for this run. `limit` is the name of the field. */
export type InvalidValue = Refused<"invalid_value"> & { limit: LimitName };

export type OperatorAnswer =
  | {
      ok: true;
      status: RunStatus;
      leasesOut: number;
      /** Rows changed so far. */
      changed: number;
      /** Rows that the command selected but could not change. */
      skipped: number;
      /** More rows remain. The clock changes them; `commands_under_way` of the status shows the progress. */
      underWay: boolean;
    }
  | Refused<OperatorCode>
  | InvalidValue
  | (Refused<"slot_taken"> & { holder: string })
  | (Refused<"overlap"> & { overlaps: { run: string; start: string; end: string }[] });
