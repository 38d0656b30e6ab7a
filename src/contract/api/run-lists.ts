// The schemas of lists: runs, files, batches, events, malformed lines, and the ledger.
import * as v from "valibot";
import { DROP_REASONS, LIVE_BORDER_LOSSES } from "../file-counts.ts";
import { LIVE_WAITING_MODES } from "../live.ts";
import { BATCH_STATES, FILE_STATES } from "../states.ts";
import { AssumedCount } from "./receiver-answers.ts";
import { FileLive } from "./run-parts.ts";
import { SampleEntries, Stage } from "./run-status.ts";
import { Count, CountOrNull, EventDetail, Flag, InstantOrNull, InstantText, RunIdText, SpanText, Text, TextOrNull, about, eachOf, pageOf } from "./shapes.ts"; // prettier-ignore

export const RunItem = v.strictObject({
  id: RunIdText,
  created_at: InstantText,
  start: InstantText,
  end: InstantText,
  end_exclusive: Flag,
  stage_code: Stage,
  summary: Text,
  note: TextOrNull,
  actor: Text,
  active: about(Flag, "True: the run has the receiver's slot. Only this run may send."),
  finished: Flag,
  sent_something: Flag,
  dry_run: Flag,
  log_lines_sent: Count,
  exceptions: CountOrNull,
  delivered_at: InstantOrNull,
  duration_seconds: about(
    v.nullable(v.number()),
    "From the run's start to its delivery or abort, or until now.",
  ),
  lines_per_second_avg: about(v.nullable(v.number()), "Delivered lines divided by the duration."),
});
export type RunItem = v.InferOutput<typeof RunItem>;
export const RunListAnswer = pageOf(RunItem);
export type RunListAnswer = v.InferOutput<typeof RunListAnswer>;

const MalformedSample = v.strictObject({
  line: Count,
  reason: v.picklist(["not_json", "not_an_object", "too_long", "invalid_utf8"]),
  bytes: Text,
});

const FileChoices = v.strictObject({
  top_level_parent_ray_ids: v.nullable(v.array(v.nullable(v.string()))),
  on_corrupt: v.nullable(v.picklist(["fail", "salvage"])),
  live_waiting: v.exactOptional(v.picklist(LIVE_WAITING_MODES)),
  accepted: v.nullable(v.strictObject({ send: Flag })),
});

const FileEntries = {
  file: about(Count, "The number of the file in this run."),
  key: about(Text, "The key of the raw object."),
  size: about(Count, "Bytes."),
  etag: Text,
  uploaded_at: InstantText,
  state: v.picklist(FILE_STATES),
  reason: TextOrNull,
  attempt: Count,
  crashes: about(Count, "Parsers that stopped without a report while they read this file."),
  range: about(SpanText, "The range of time in the name of the object."),
  lines: about(
    v.nullable(
      v.strictObject({
        read: Count,
        kept: Count,
        malformed: Count,
        repaired: Count,
        empty: Count,
        dropped: eachOf(DROP_REASONS, Count),
      }),
    ),
    "Null: the file is not parsed yet.",
  ),
  bytes: v.nullable(v.strictObject({ read: Count, inflated: Count })),
  first_kept: InstantOrNull,
  last_kept: InstantOrNull,
  salvaged: about(
    v.nullable(v.strictObject({ lines: Count, bytes: Count })),
    "The readable part of a file that is cut short.",
  ),
  samples: about(v.array(MalformedSample), "The first 20 malformed lines."),
  choices: about(v.nullable(FileChoices), "An operator's choices for this file."),
  batches: v.strictObject({ first: CountOrNull, count: Count, unsettled: Count }),
  live: about(v.exactOptional(FileLive), 'Set only for a run with `live: "skip_delivered"`.'),
  borders: v.exactOptional(v.nullable(v.picklist(["known", ...LIVE_BORDER_LOSSES]))),
};
export const FileItem = v.strictObject(FileEntries);
export type FileItem = v.InferOutput<typeof FileItem>;
export const FileListAnswer = pageOf(FileItem);
export type FileListAnswer = v.InferOutput<typeof FileListAnswer>;

export const AttemptItem = v.strictObject({
  attempt: Count,
  state: v.picklist(["uncertain", "not_delivered", "refused", "done", "duplicate", "resolved"]),
  cause: Text,
  detail: TextOrNull,
  started_at: InstantOrNull,
  ended_at: InstantText,
  followed_by: about(CountOrNull, "The next attempt. Null: there is none."),
  deduped_by: about(
    v.exactOptional(Count),
    "The first later attempt that sent the batch again while the receiver remembered its token.",
  ),
});
export type AttemptItem = v.InferOutput<typeof AttemptItem>;

const BatchEntries = {
  batch: about(Count, "The number of the batch in this run."),
  file: Count,
  ordinal: about(Count, "The position of the batch in its file, from 0."),
  parent: about(CountOrNull, "The batch that this part was split from."),
  state: v.picklist(BATCH_STATES),
  reason: TextOrNull,
  lines: Count,
  digest: about(Text, "The SHA-256 of the uncompressed lines."),
  bytes: v.strictObject({ raw: Count, gzip: Count, offset: Count }),
  attempts: Count,
  counted_attempts: about(
    Count,
    "Uncertain attempts that count against the batch. After 8 of them the run holds it.",
  ),
  done_attempt: CountOrNull,
  done_at: InstantOrNull,
  answer_status: CountOrNull,
  assumed_not_delivered: v.array(v.strictObject({ ...AssumedCount.entries, status: Count })),
  first_ray_id: Text,
  last_ray_id: Text,
  exceptional_attempts: about(
    v.array(AttemptItem),
    "All attempts except an ordinary success and definite failures.",
  ),
};
export const BatchItem = v.strictObject(BatchEntries);
export type BatchItem = v.InferOutput<typeof BatchItem>;
export const BatchListAnswer = pageOf(BatchItem);
export type BatchListAnswer = v.InferOutput<typeof BatchListAnswer>;

export const EventItem = v.strictObject({
  event: Count,
  at: InstantText,
  actor: about(Text, "Who made the change. `system`: the run itself."),
  kind: Text,
  detail: EventDetail,
});
export type EventItem = v.InferOutput<typeof EventItem>;
export const EventListAnswer = pageOf(EventItem);
export type EventListAnswer = v.InferOutput<typeof EventListAnswer>;

export const MalformedLine = v.strictObject({ sample: Count, key: TextOrNull, ...SampleEntries });
export type MalformedLine = v.InferOutput<typeof MalformedLine>;
export const MalformedListAnswer = pageOf(MalformedLine);
export type MalformedListAnswer = v.InferOutput<typeof MalformedListAnswer>;

/** One line of GET /runs/:id/ledger. */
export const LedgerLine = v.variant("kind", [
  v.strictObject({ kind: v.literal("file"), ...FileEntries }),
  v.strictObject({ kind: v.literal("batch"), ...BatchEntries }),
  v.strictObject({ kind: v.literal("end"), files: Count, batches: Count }),
]);
export type LedgerLine = v.InferOutput<typeof LedgerLine>;
