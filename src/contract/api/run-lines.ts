// The schemas of the answers about single lines: a sample of lines, and the search for a RayID.
import * as v from "valibot";
import { RAY_VERDICTS } from "../rays.ts";
import { FILE_STATES } from "../states.ts";
import { BatchItem } from "./run-lists.ts";
import { Count, CountOrNull, Text, TextOrNull, about } from "./shapes.ts";

export const SampleAnswer = v.strictObject({
  items: v.array(
    v.strictObject({
      file: Count,
      key: Text,
      line: about(Count, "The number of the line in the raw file. The first line has the number 1."),
      ray_id: Text,
      text: about(Text, "The line as the receiver gets it, without its line end."),
    }),
  ),
  unread: about(
    v.array(v.strictObject({ file: Count, key: Text, reason: Text })),
    "Files that may have further lines, with the reason.",
  ),
});
export type SampleAnswer = v.InferOutput<typeof SampleAnswer>;

const RayFound = v.strictObject({
  file: Count,
  key: Text,
  line: about(Count, "The number of the line in the raw file. The first line has the number 1."),
  fate: v.picklist(["kept", "dropped", "malformed"]),
  reason: about(TextOrNull, "Why the record is not kept. Null: it is kept."),
  live_marker: about(TextOrNull, "The marker of the live batch that delivered the record."),
  verdict: v.picklist(RAY_VERDICTS),
  detail: Text,
  deliveries: about(
    v.strictObject({ certain: Count, possible: Count }),
    "POSTs with the line that the receiver accepted, and POSTs whose answer was lost.",
  ),
  batch: CountOrNull,
  digest: TextOrNull,
  line_in_batch: about(
    CountOrNull,
    "The position in the body of the batch. The first line has the number 1.",
  ),
  batches: v.array(BatchItem),
  text: about(TextOrNull, "The line as the receiver gets it."),
});

export const RayAnswer = v.strictObject({
  ray_id: Text,
  found: v.array(RayFound),
  looked_at: v.array(
    v.strictObject({
      file: Count,
      key: Text,
      state: v.picklist(FILE_STATES),
      result: v.picklist(["searched", "raw_object_gone", "raw_object_changed", "damaged", "out_of_time"]),
      detail: TextOrNull,
      occurrences: Count,
      earlier_object_batches: about(
        Count,
        "Sent batches of an earlier object under this key. Their lines are unknown.",
      ),
    }),
  ),
  next_cursor: about(TextOrNull, "The `cursor` that continues the search. Null: all files were searched."),
});
export type RayAnswer = v.InferOutput<typeof RayAnswer>;
