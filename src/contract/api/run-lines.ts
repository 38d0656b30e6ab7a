// The schemas of the answers about single lines: a sample of lines, and the search for a RayID.
import * as v from "valibot";
import type { RayVerdict as VerdictName } from "../rays.ts";
import { BatchItem } from "./run-lists.ts";
import { Count, CountOrNull, Text, TextOrNull, about, codes, named } from "./shapes.ts";
import { FileState } from "./states.ts";

const file = about(Count, "The number of the file in this run.");
const key = about(Text, "The key of the raw file in the bucket.");
const line = about(Count, "The number of the line in the raw file. The first line has the number 1.");

export const SampleAnswer = named(
  "SampleAnswer",
  "A few lines of a run, as the receiver gets them.",
  v.strictObject({
    items: about(
      v.array(
        v.strictObject({
          file,
          key,
          line,
          ray_id: about(Text, "The RayID of the record. Empty: the record has none."),
          text: about(Text, "The line as the receiver gets it, without its line end."),
        }),
      ),
      "The lines.",
    ),
    unread: about(
      v.array(
        v.strictObject({
          file,
          key,
          reason: about(Text, "`missing`, `changed`, `out_of_time`, or the damage of the object."),
        }),
      ),
      "Files that may have further lines, with the reason.",
    ),
  }),
);
export type SampleAnswer = v.InferOutput<typeof SampleAnswer>;

export const RayVerdict = codes<VerdictName>("RayVerdict", "Whether the receiver got a line.", {
  sent: "The receiver accepted the line, or an operator settled its batch as delivered.",
  sent_by_earlier_run: "The aborted run, which this run continues, delivered the line.",
  sent_by_live_worker: "The live worker delivered the line, so the run dropped it.",
  maybe_sent: "The answer to a POST was lost, and no other POST with the line was accepted.",
  not_sent_yet: "The line waits to be sent.",
  not_sent: "The line is dropped, refused, held or discarded, or the run is a dry run.",
  unknown: "No batch of the run matches the object.",
});

export const RaySearchResult = codes<
  "searched" | "raw_object_gone" | "raw_object_changed" | "damaged" | "out_of_time"
>("RaySearchResult", "How the search of one file ended.", {
  searched: "The search read the object.",
  raw_object_gone: "The object is missing.",
  raw_object_changed: "The object was replaced after the run had parsed it.",
  damaged: "The search stopped at an error in the object.",
  out_of_time: "The search of this file stopped after 20 s.",
});

const RayFound = v.strictObject({
  file,
  key,
  line,
  fate: about(
    v.picklist(["kept", "dropped", "malformed"]),
    "What the parser did with the line: `kept`, `dropped`, or `malformed`, which could not be read.",
  ),
  reason: about(TextOrNull, "Why the record is not kept, as a code. Null: the record is kept."),
  live_marker: about(
    TextOrNull,
    "The key of the marker of the live worker's batch that delivered the record. Null: none did.",
  ),
  verdict: about(RayVerdict, "Whether the receiver got the line."),
  detail: about(Text, "The reason of the verdict, for people."),
  deliveries: about(
    v.strictObject({
      certain: about(Count, "POSTs with the line that the receiver accepted."),
      possible: about(Count, "POSTs with the line whose answer was lost."),
    }),
    "POSTs with the line that the receiver accepted, and POSTs whose answer was lost.",
  ),
  batch: about(CountOrNull, "The number of the batch that carries the line now. Null: no batch does."),
  digest: about(TextOrNull, "The digest of this batch. Null: no batch."),
  line_in_batch: about(CountOrNull, "The position in the body of the batch, from 1. Null: no batch."),
  batches: about(
    v.array(BatchItem),
    "The batches that had the line. The first is the parser's, the last carries the line now.",
  ),
  text: about(
    TextOrNull,
    "The line as the receiver gets it. Null: dropped, or the answer would be too long.",
  ),
});

export const RayAnswer = named(
  "RayAnswer",
  "What a search for one RayID has found so far.",
  v.strictObject({
    ray_id: about(Text, "The RayID of the request."),
    found: about(v.array(RayFound), "The first 50 lines with this RayID in the files of this answer."),
    looked_at: about(
      v.array(
        v.strictObject({
          file,
          key,
          state: about(FileState, "The state of the file in this run."),
          result: about(RaySearchResult, "How the search of the file ended."),
          detail: about(TextOrNull, "More about the result, for people. Null: nothing."),
          occurrences: about(
            Count,
            "All lines of the file with this RayID, also those that are not in `found`.",
          ),
          earlier_object_batches: about(
            Count,
            "Sent batches of an earlier object under this key. Their lines are unknown.",
          ),
        }),
      ),
      "The files of this answer.",
    ),
    next_cursor: about(TextOrNull, "The `cursor` that continues the search. Null: all files were searched."),
  }),
);
export type RayAnswer = v.InferOutput<typeof RayAnswer>;
