// The schemas of the counts in a run's status: files, batches and lines. Some counts also have a name that an earlier
// system used.
import * as v from "valibot";
import { DROP_REASONS, type DropReason } from "../file-counts.ts";
import { BATCH_STATES, FILE_STATES, RETIRED_BATCH_STATE } from "../states.ts";
import { Count, CountOrNull, Text, about, countsOf } from "./shapes.ts";
import { batchesIn, filesIn } from "./states.ts";

const DROPPED: Readonly<Record<DropReason, string>> = {
  not_top_level: "Records that are no top-level request.",
  invalid_timestamp: "Records whose EdgeStartTimestamp cannot be read.",
  outside_window: "Records whose time is outside the window.",
  delivered_live: "Records that the live worker delivered.",
  repeated_ray_id: "Records whose RayID an earlier kept record of the file has. Only with `dedupe: file`.",
};
export const Dropped = about(
  countsOf(DROP_REASONS, (reason) => DROPPED[reason]),
  "Records that are not sent, by the first check that each failed.",
);

export const LineSums = v.strictObject({
  read: about(Count, "`kept` + the sum of `dropped` + `malformed`."),
  kept: about(Count, "The lines of all batches together, whatever their states."),
  malformed: about(Count, "Lines of raw files that could not be read."),
  empty: about(Count, "Empty lines, which are not part of `read`."),
  repaired: about(Count, "Commas between records that belong to no JSON array."),
  sent: about(Count, "Lines of batches in the state `done`. Equal to `log_lines_sent`."),
  pending: about(Count, "Lines of batches in the states `pending` and `leased`."),
  refused: about(Count, "Lines of batches in the state `refused`."),
  failed: about(Count, "Always 0. No batch enters this state any more."),
  held: about(Count, "Lines of batches in the state `held`."),
  discarded: about(Count, "Lines of batches in the state `discarded`."),
  inherited: about(Count, "The discarded lines that the continued run had delivered."),
  dropped: Dropped,
});

const SHOWN_BATCH_STATES = [...BATCH_STATES, RETIRED_BATCH_STATE] as const;

export const SumsEntries = {
  exceptions: about(Count, "The number of decisions by operators, and of files that were read only in part."),
  matched_raw_files: about(Count, "Files of the run whose time range overlaps the window."),
  files: about(
    countsOf(FILE_STATES, filesIn),
    "Files by state. Also counts files of the lookback and the late margin.",
  ),
  batches: about(countsOf(SHOWN_BATCH_STATES, batchesIn), "Batches by state."),
  lines: about(LineSums, "Lines by what happened to them. `read` is `kept` + `dropped` + `malformed`."),
  sanitized_fields: about(Count, "Field values in which a control character became a space."),
  repeated_ray_ids: about(Count, "Kept records whose RayID an earlier kept record of the same file has."),
  untracked_ray_ids: about(
    Count,
    "Kept records whose RayID was not compared, because the file has too many.",
  ),
  in_flight: about(Count, "Batches leased to a sender now."),
  log_lines_sent: about(
    Count,
    "Lines of batches that are `done`: accepted, or settled as delivered. Each counts once.",
  ),
  duplicate_lines: about(Count, "Lines that the receiver accepted more than once."),
  possible_duplicate_lines: about(
    Count,
    "Lines that may have arrived twice, in addition to `duplicate_lines`. An upper bound.",
  ),
  deduped_lines: about(
    v.exactOptional(Count),
    "Lines sent again while the receiver remembered their token. Absent: the receiver remembers none.",
  ),
  uncertain_attempts: about(
    Count,
    "Attempts that the receiver may have accepted, without a definite answer.",
  ),
  dead_letters: about(
    v.strictObject({
      parse: about(Count, "Messages of the parse queue."),
      send: about(Count, "Messages of the send queue."),
    }),
    "Queue messages of this run that failed three times.",
  ),
};

export const OlderNamesEntries = {
  batches_sent: about(Count, "The older name of `batches.done`."),
  batches_pending: about(Count, "The older name of `batches.pending` + `batches.leased`."),
  batch_lines_avg: about(
    v.nullable(v.number()),
    "Average lines of a delivered batch. Null: no batch is delivered.",
  ),
  batch_lines_min: about(CountOrNull, "Lines of the smallest batch so far. Null: there is no batch."),
  batch_lines_max: about(CountOrNull, "Lines of the largest batch so far. Null: there is no batch."),
  replay_window_beijing: about(Text, "Start and end of the window in Beijing time, for people."),
  last_refresh_beijing: about(Text, "The time of this answer in Beijing time, for people."),
};
