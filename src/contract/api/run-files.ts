// The schemas of a run's files, and of the lines that could not be read.
import * as v from "valibot";
import type { LiveBorders as BordersName, MalformedSample as MalformedName } from "../file-counts.ts";
import { LIVE_WAITING_MODES } from "../live.ts";
import { FileLive } from "./run-parts.ts";
import { SampleEntries } from "./run-status.ts";
import { Dropped } from "./run-sums.ts";
import { Count, CountOrNull, Flag, InstantOrNull, InstantText, SpanText, Text, TextOrNull, about, codes, named, pageOf } from "./shapes.ts"; // prettier-ignore
import { FileState } from "./states.ts";

export const MalformedReason = codes<MalformedName["reason"]>(
  "MalformedReason",
  "Why a line could not be read.",
  {
    not_json: "The line is no JSON.",
    not_an_object: "The line is JSON, but no object.",
    too_long: "The line is longer than MAX_LINE_BYTES.",
    invalid_utf8: "The line is no UTF-8.",
  },
);
const MalformedSample = v.strictObject({
  line: about(Count, "The number of the line in the raw file. The first line has the number 1."),
  reason: about(MalformedReason, "Why the line could not be read."),
  bytes: about(Text, "The first 200 bytes of the line, with control characters escaped."),
});

const FileChoices = v.strictObject({
  top_level_parent_ray_ids: about(
    v.nullable(v.array(v.nullable(v.string()))),
    "The values of ParentRayID that mean top level in this file. Null: those of the run.",
  ),
  on_corrupt: about(
    v.nullable(v.picklist(["fail", "salvage"])),
    "If the file is truncated: `fail` sends none of it, `salvage` its readable part. Null: as the run does.",
  ),
  live_waiting: about(
    v.exactOptional(v.picklist(LIVE_WAITING_MODES)),
    "Unanswered batches of the live worker: `hold` lets the file wait, `send` sends their lines. Absent: as the run does.",
  ),
  accepted: about(
    v.nullable(
      v.strictObject({
        send: about(Flag, "True: the kept lines are sent. False: the unsent lines are never sent."),
      }),
    ),
    "How an operator accepted the file. Null: the file is not accepted.",
  ),
});

export const LiveBorders = codes<BordersName>(
  "LiveBorders",
  "Whether the run knows which records each batch has that the live worker made of a file.",
  {
    known: "The records of each batch of the live worker are known.",
    too_long: "Not known, because a line is longer than MAX_LINE_BYTES.",
    invalid_utf8: "Not known, because a line is no UTF-8.",
    trailing_comma: "Not known, because a line ends in a comma.",
    array: "Not known, because a line is part of a JSON array.",
    not_one_record_a_line: "Not known, because a line has several records, or a record has several lines.",
    salvaged: "Not known, because the file is truncated.",
  },
);

export const FileEntries = {
  file: about(Count, "The number of the file in this run."),
  key: about(Text, "The key of the raw object."),
  size: about(Count, "The size of the R2 object in bytes, as listed."),
  etag: about(Text, "The etag of the R2 object. Another etag means another object."),
  uploaded_at: about(InstantText, "When the R2 object was written."),
  state: about(FileState, "The state of the file."),
  reason: about(TextOrNull, "Why the file is in this state. Null: no reason is recorded."),
  attempt: about(Count, "The number of the newest attempt to parse the file. 0: there was none."),
  crashes: about(Count, "Parsers that stopped without a report while they read this file."),
  counted: about(
    v.boolean(),
    "True: the sums of the run contain `lines` of this file. False: its records are in no sum.",
  ),
  range: about(SpanText, "The range of time that the object covers, by its name."),
  lines: about(
    v.nullable(
      v.strictObject({
        read: about(Count, "`kept` + the sum of `dropped` + `malformed`."),
        kept: about(Count, "Records that became lines."),
        malformed: about(Count, "Lines that could not be read."),
        repaired: about(Count, "Commas between records that belong to no JSON array."),
        empty: about(Count, "Empty lines, which are not part of `read`."),
        dropped: Dropped,
      }),
    ),
    "Lines of the raw file by what the parser did with them. Null: the file is not parsed yet.",
  ),
  bytes: about(
    v.nullable(
      v.strictObject({
        read: about(Count, "Compressed bytes that the parser read."),
        inflated: about(Count, "The same bytes, uncompressed."),
      }),
    ),
    "Bytes of the raw file. Null: the file is not parsed yet.",
  ),
  first_kept: about(
    InstantOrNull,
    "The earliest EdgeStartTimestamp of the kept records. Null: none was kept.",
  ),
  last_kept: about(InstantOrNull, "The latest EdgeStartTimestamp of the kept records. Null: none was kept."),
  salvaged: about(
    v.nullable(
      v.strictObject({
        lines: about(Count, "Lines that could be read."),
        bytes: about(Count, "The uncompressed bytes of these lines."),
      }),
    ),
    "The readable part of a file that is cut short. Null: the file was read completely.",
  ),
  samples: about(v.array(MalformedSample), "The first 20 malformed lines."),
  choices: about(v.nullable(FileChoices), "An operator's choices for this file. Null: there are none."),
  batches: about(
    v.strictObject({
      first: about(CountOrNull, "The number of the first batch. Null: the file has no batch."),
      count: about(Count, "Batches that the parser made. Their numbers follow each other."),
      unsettled: about(Count, "Batches that are not settled, parts of split batches included."),
    }),
    "The batches of the file.",
  ),
  live: about(
    v.exactOptional(FileLive),
    'Set only for a run with `live: "skip_delivered"`, once the file\'s markers are known.',
  ),
  borders: about(
    v.exactOptional(v.nullable(LiveBorders)),
    "Whether the records of each batch of the live worker are known, if `live` is present. Null: not parsed yet.",
  ),
};
export const FileItem = named("FileItem", "A file of a run.", v.strictObject(FileEntries));
export type FileItem = v.InferOutput<typeof FileItem>;
export const FileListAnswer = pageOf("FileListAnswer", ["files", "in the order of their numbers"], FileItem);
export type FileListAnswer = v.InferOutput<typeof FileListAnswer>;

export const MalformedLine = named(
  "MalformedLine",
  "A line of a raw file that could not be read.",
  v.strictObject({
    sample: about(Count, "The number of the line in this list."),
    key: about(TextOrNull, "The key of the raw file in the bucket. Null: the run no longer has the file."),
    ...SampleEntries,
  }),
);
export type MalformedLine = v.InferOutput<typeof MalformedLine>;
export const MalformedListAnswer = pageOf(
  "MalformedListAnswer",
  ["malformed lines", "in the order in which they were found"],
  MalformedLine,
);
export type MalformedListAnswer = v.InferOutput<typeof MalformedListAnswer>;
