// The schemas of lists: runs, batches, and the ledger.
import * as v from "valibot";
import { AssumedCount } from "./receiver-answers.ts";
import { FileEntries } from "./run-files.ts";
import { Count, CountOrNull, Flag, InstantOrNull, InstantText, ReceiverText, RunIdText, Text, TextOrNull, about, named, pageOf } from "./shapes.ts"; // prettier-ignore
import { AttemptState, BatchState, Stage } from "./states.ts";

export const RunItem = named(
  "RunItem",
  "A run, as it last reported its progress. The report may be a minute old.",
  v.strictObject({
    id: about(RunIdText, "The id of the run."),
    receiver: about(ReceiverText, "The receiver to which the run sends."),
    created_at: about(InstantText, "When the run was admitted."),
    start: about(InstantText, "The start of the window. The window includes this instant."),
    end: about(InstantText, "The end of the window. Included, unless `end_exclusive` is true."),
    end_exclusive: about(Flag, "True: the window does not include the instant `end`."),
    stage_code: about(Stage, "What the run was doing."),
    summary: about(Text, "The stage and its reason as a sentence, for people."),
    note: about(TextOrNull, "The note of the request that started the run. Null: none was given."),
    actor: about(Text, "Who started the run."),
    active: about(Flag, "True: the run has its receiver's slot. Only this run may send to the receiver."),
    finished: about(
      Flag,
      "True: the run is `cleaned` or `counted`, or it is `aborted` and has nothing left to clean up.",
    ),
    sent_something: about(Flag, "True: at least one batch is delivered or has an uncertain attempt."),
    dry_run: about(Flag, "True: the run is a dry run, which sends nothing."),
    log_lines_sent: about(Count, "Lines that the run delivered, each counted once."),
    exceptions: about(
      CountOrNull,
      "Decisions by operators, and files read only in part. Null: not reported yet, or an older run.",
    ),
    delivered_at: about(InstantOrNull, "When the run was delivered. Null: not delivered, or an older run."),
    duration_seconds: about(
      v.nullable(v.number()),
      "From the run's start to its delivery or abort, or until now. Null: not reported yet, or an older run.",
    ),
    lines_per_second_avg: about(
      v.nullable(v.number()),
      "Delivered lines divided by the duration. Null when `duration_seconds` is null.",
    ),
  }),
);
export type RunItem = v.InferOutput<typeof RunItem>;
export const RunListAnswer = pageOf("RunListAnswer", ["runs", "newest first"], RunItem);
export type RunListAnswer = v.InferOutput<typeof RunListAnswer>;

export const AttemptItem = named(
  "AttemptItem",
  "An attempt to send a batch that was no ordinary success and no definite failure.",
  v.strictObject({
    attempt: about(
      Count,
      "The number of the attempt. 0: an attempt of another batch or of the continued run.",
    ),
    state: about(AttemptState, "What is known of the attempt."),
    cause: about(
      Text,
      "What happened, such as `timeout`. docs/internals/state-machines.md lists the causes.",
    ),
    detail: about(TextOrNull, "More about the cause, for people. Null: nothing."),
    started_at: about(InstantOrNull, "When the POST began. Null: not known."),
    ended_at: about(InstantText, "When the run recorded the end of the attempt."),
    followed_by: about(
      CountOrNull,
      "The first later attempt that may have delivered the lines again, or 0: the parent's POST. Null: none.",
    ),
    deduped_by: about(
      v.exactOptional(Count),
      "The first later attempt that sent the batch again while the receiver remembered its token. Absent: none.",
    ),
  }),
);
export type AttemptItem = v.InferOutput<typeof AttemptItem>;

const BatchEntries = {
  batch: about(Count, "The number of the batch in this run."),
  file: about(Count, "The number of the file that the lines come from."),
  ordinal: about(Count, "The position of the batch in its file, from 0."),
  parent: about(CountOrNull, "The batch that this part was split from. Null: the batch is no part."),
  state: about(BatchState, "The state of the batch."),
  reason: about(TextOrNull, "Why the batch is in this state. Null: no reason is recorded."),
  lines: about(Count, "How many lines the batch has."),
  digest: about(
    Text,
    "The SHA-256 of the uncompressed lines, in lower-case hex. A part adds its lines as `[from,to)`.",
  ),
  bytes: about(
    v.strictObject({
      raw: about(Count, "Uncompressed bytes of the lines. An estimate for a part."),
      gzip: about(Count, "Compressed bytes in the pack. A part has the number of the batch that was split."),
      offset: about(Count, "Where the batch begins in its pack, in bytes from 0."),
    }),
    "The size of the batch, and its place in the pack.",
  ),
  attempts: about(
    Count,
    "The number of the newest attempt to send the batch. 0: no sender ever had the batch.",
  ),
  counted_attempts: about(
    Count,
    "Uncertain attempts that count against the batch. After 8 of them the run holds it.",
  ),
  done_attempt: about(
    CountOrNull,
    "The attempt that delivered the batch, or 0 for a POST of another batch. Null: no attempt did.",
  ),
  done_at: about(
    InstantOrNull,
    "When the 2xx was reported, or an operator settled the batch as delivered. Null: not delivered, or not recorded.",
  ),
  answer_status: about(
    CountOrNull,
    "The HTTP status of this 2xx. Null: there is none, or it was not recorded.",
  ),
  assumed_not_delivered: about(
    v.array(
      v.strictObject({ ...AssumedCount.entries, status: about(Count, "The HTTP status of the answer.") }),
    ),
    "Attempts whose answer means that the receiver did not accept the batch, by status.",
  ),
  first_ray_id: about(
    Text,
    "The RayID of the first line. Empty: its record has none, or the batch is a part.",
  ),
  last_ray_id: about(Text, "The RayID of the last line. Empty: its record has none, or the batch is a part."),
  exceptional_attempts: about(
    v.array(AttemptItem),
    "All attempts except an ordinary success and definite failures.",
  ),
};
export const BatchItem = named("BatchItem", "A batch of a run.", v.strictObject(BatchEntries));
export type BatchItem = v.InferOutput<typeof BatchItem>;
export const BatchListAnswer = pageOf(
  "BatchListAnswer",
  ["batches", "in the order of their numbers"],
  BatchItem,
);
export type BatchListAnswer = v.InferOutput<typeof BatchListAnswer>;

/** One line of GET /runs/:id/ledger. */
export const LedgerLine = named(
  "LedgerLine",
  "One line of the ledger: a file, a batch, or the end.",
  v.variant("kind", [
    about(
      v.strictObject({ kind: about(v.literal("file"), "`file`: this line is a file."), ...FileEntries }),
      "A file of the run. The files come first.",
    ),
    about(
      v.strictObject({ kind: about(v.literal("batch"), "`batch`: this line is a batch."), ...BatchEntries }),
      "A batch of the run. The batches come after the files.",
    ),
    about(
      v.strictObject({
        kind: about(v.literal("end"), "`end`: this is the last line. Without it the export was cut off."),
        files: about(Count, "How many lines of the kind `file` came before."),
        batches: about(Count, "How many lines of the kind `batch` came before."),
      }),
      "The end of the ledger.",
    ),
  ]),
);
export type LedgerLine = v.InferOutput<typeof LedgerLine>;
