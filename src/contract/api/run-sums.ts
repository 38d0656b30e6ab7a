// The schemas of the counts in a run's status: files, batches and lines. Some counts also have a name that an earlier
// system used.
import * as v from "valibot";
import { DROP_REASONS } from "../file-counts.ts";
import { BATCH_STATES, FILE_STATES, RETIRED_BATCH_STATE } from "../states.ts";
import { Count, CountOrNull, Text, about, eachOf } from "./shapes.ts";

export const LineSums = v.strictObject({
  read: about(Count, "`kept` + the sum of `dropped` + `malformed`."),
  kept: about(Count, "The lines of all batches together, whatever their states."),
  malformed: Count,
  empty: about(Count, "Empty lines. They are not part of `read`."),
  repaired: about(Count, "Commas between records that belong to no JSON array."),
  sent: Count,
  pending: Count,
  refused: Count,
  failed: about(Count, "Always 0. No batch enters this state any more."),
  held: Count,
  discarded: Count,
  inherited: about(Count, "The discarded lines that the continued run had delivered."),
  dropped: about(
    eachOf(DROP_REASONS, Count),
    "Records that are not sent, by the first check that each failed.",
  ),
});

const SHOWN_BATCH_STATES = [...BATCH_STATES, RETIRED_BATCH_STATE] as const;

export const SumsEntries = {
  exceptions: about(Count, "The number of decisions by operators, and of files that were read only in part."),
  matched_raw_files: Count,
  files: about(eachOf(FILE_STATES, Count), "Files by state."),
  batches: about(eachOf(SHOWN_BATCH_STATES, Count), "Batches by state."),
  lines: LineSums,
  sanitized_fields: about(Count, "Field values in which a control character became a space."),
  repeated_ray_ids: Count,
  untracked_ray_ids: about(
    Count,
    "Kept records whose RayID was not compared, because the file has too many.",
  ),
  in_flight: about(Count, "Batches leased to a sender now."),
  log_lines_sent: about(Count, "Lines whose delivery the receiver confirmed, each counted once."),
  duplicate_lines: about(Count, "Lines that the receiver accepted more than once."),
  possible_duplicate_lines: about(
    Count,
    "Lines of attempts that stayed uncertain and were followed by another POST.",
  ),
  deduped_lines: about(
    v.exactOptional(Count),
    "Lines of uncertain attempts that were sent again while the receiver remembered their token.",
  ),
  uncertain_attempts: Count,
  dead_letters: v.strictObject({ parse: Count, send: Count }),
};

export const OlderNamesEntries = {
  batches_sent: Count,
  batches_pending: Count,
  batch_lines_avg: v.nullable(v.number()),
  batch_lines_min: CountOrNull,
  batch_lines_max: CountOrNull,
  replay_window_beijing: Text,
  last_refresh_beijing: Text,
};
