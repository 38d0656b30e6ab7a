// The schemas of parts of a run's status: problems, checks, listing, plan, delivery by the live worker, recount and
// evidence.
import * as v from "valibot";
import { BatchState } from "./states.ts";
import { LIVE_PROOFS } from "../live.ts";
import type { ReplayedPlanView } from "../plan-view.ts";
import { Count, CountOrNull, Digest, Flag, InstantOrNull, InstantText, RunIdText, SpanText, Text, TextOrNull, about, CodeAndDetail, codes, named } from "./shapes.ts"; // prettier-ignore

export const RunProblem = named(
  "RunProblem",
  "A file or a batch that needs a person or is uncertain.",
  v.strictObject({
    kind: about(
      v.picklist(["file", "batch", "run"]),
      "What the problem is about: a `file` or a `batch`. No problem is about the `run` at present.",
    ),
    key: about(TextOrNull, "The key of the raw file in the bucket. Null: not known."),
    file: about(CountOrNull, "The number of the file. Null: the problem is about no file."),
    batch: about(CountOrNull, "The number of the batch. Null: the problem is about a file."),
    state: about(
      Text,
      "The state of the file or the batch. `uncertain`: the batch has uncertain attempts and is not set aside.",
    ),
    batch_state: about(
      v.nullable(BatchState),
      "The state of the batch, also if `state` is `uncertain`. Null: the problem is about no batch.",
    ),
    reason: about(Text, "Why the file or the batch is in this state. Empty: no reason is recorded."),
    next_attempt_at: about(
      InstantOrNull,
      "When the run tries again by itself. Null: no further attempt, or an attempt is under way.",
    ),
    attempts: about(Count, "POSTs of the batch so far. 0: the batch was never sent."),
    uncertain_attempts: about(Count, "Attempts of the batch that the receiver may have accepted."),
  }),
);

function check(what: string, failing: string, checked: string) {
  return about(v.strictObject({ failing: about(Count, failing), checked: about(Count, checked) }), what);
}
export const Checks = v.strictObject({
  max_suspect_ratio: about(
    v.nullable(v.number()),
    "The share, from 0 to 1, that may fail a check. Null: an older rule applies.",
  ),
  malformed_lines: check("Lines that could not be read.", "Malformed lines.", "Lines read."),
  unreadable_times: check(
    "Records whose EdgeStartTimestamp cannot be read.",
    "Records without a readable time.",
    "Top-level records.",
  ),
  unset_parent_ray_ids: check(
    "Records without a usable ParentRayID.",
    "Records whose ParentRayID is absent, empty or only zeros.",
    "Records that are not subrequests.",
  ),
});

export const Listing = v.strictObject({
  pass: about(Count, "The number of the present or last listing pass."),
  under_way: about(Flag, "True: a listing pass has work left."),
  late_margin_minutes: about(v.number(), "How long after the window's end a file may begin, in minutes."),
  lookback_minutes: about(v.number(), "How long before the window the listed days begin, in minutes."),
  longest_range_seconds: about(v.number(), "The longest time range in the name of a file, in seconds."),
  farthest_kept_seconds: about(
    v.number(),
    "The longest time between a kept record and the range of its file, in seconds.",
  ),
  final_at: about(InstantText, "The last listing pass begins at this time or later."),
});

export const NamedKind = v.strictObject({
  kind: about(Text, "The kind of key. docs/reference/inputs.md lists the kinds."),
  count: about(Count, "How many keys are of this kind."),
  examples: about(v.array(v.string()), "The first 5 of these keys by name."),
});

export const BulkCommand = v.strictObject({
  command: about(Text, "`retry_all`, `hold_uncertain`, `answer_words` or `read_duplicates`."),
  actor: about(Text, "Who gave the command."),
  note: about(TextOrNull, "The reason. Null: none was given."),
  since: about(InstantText, "When the command began."),
  changed: about(Count, "Rows changed so far."),
  skipped: about(Count, "Rows that the command named but could not change."),
});

const Amount = v.union([v.number(), v.string()]);
const Difference = v.strictObject({
  file: about(CountOrNull, "The file whose sums differ. Null: the sums of the run differ."),
  what: about(Text, "The name of the sum that differs."),
  recorded: about(Amount, "The value that the run has recorded."),
  counted: about(Amount, "The value that the recount found."),
});
export const Verification = v.strictObject({
  under_way: about(Flag, "True: a recount is under way."),
  last: about(
    v.nullable(
      v.strictObject({
        as_of: about(InstantText, "When the recount ended."),
        files: about(Count, "How many file rows it counted."),
        batches: about(Count, "How many batch rows it counted."),
        differences: about(v.array(Difference), "The first 100 differences. Empty: the sums are correct."),
      }),
    ),
    "The result of the newest recount. Null: the run was never recounted.",
  ),
});

export const Evidence = named(
  "Evidence",
  "Where the evidence of a run is, and how far it is written.",
  v.strictObject({
    prefix: about(TextOrNull, "Where the evidence is in the bucket. Null before the first part is written."),
    generation: about(
      CountOrNull,
      "The number of the event that began this version of the evidence. Null: not begun, or an older run.",
    ),
    complete: about(Flag, "True: all parts and `chain.json` are written."),
    parts: about(Count, "How many parts are written."),
    head: about(TextOrNull, "The last hash of the hash chain. Null: the evidence is not complete."),
  }),
);

function keys(what: string) {
  return about(
    v.strictObject({
      count: about(Count, "How many keys there are."),
      keys: about(v.array(v.string()), "The first 20 by name."),
    }),
    what,
  );
}
export const CountedPlan = named(
  "CountedPlan",
  "The plan of a dry run.",
  v.strictObject({
    hash: about(v.nullable(Digest), "The plan hash. Null while the dry run counts."),
    files: about(Count, "Raw files that the plan hash covers. 0 while the dry run counts."),
    batches: about(Count, "Batches that the dry run made."),
    lines: about(Count, "Lines that the dry run kept."),
    minutes_at_cap: about(v.number(), "How many minutes the lines take at `max_lines_per_second`."),
    asks: about(v.array(CodeAndDetail), "The decisions that an operator must make in a run from this plan."),
  }),
);
export const PlanComparison = codes<ReplayedPlanView["compared"]>(
  "PlanComparison",
  "How the bucket compares with a plan.",
  {
    waiting: "The run has not compared the bucket with the plan yet.",
    equal: "The bucket has exactly the planned files.",
    outdated: "The bucket differs from the plan, so the run ends as `aborted`.",
  },
);
export const ReplayedPlan = named(
  "ReplayedPlan",
  "The comparison of the bucket with the plan that the run replays.",
  v.strictObject({
    run: about(RunIdText, "The dry run."),
    hash: about(Digest, "The hash of its plan."),
    compared: about(PlanComparison, "How far the comparison is, and its result."),
    new: keys("Files that the plan does not have. Empty unless `outdated`."),
    changed: keys("Files whose etag differs from the plan. Empty unless `outdated`."),
    missing: keys("Planned files that the bucket lacks. Empty unless `outdated`."),
  }),
);

const meanwhile = about(
  v.strictObject({
    batches: about(Count, "Live batches."),
    lines: about(Count, "The lines that the run kept of these batches."),
  }),
  "What the live worker delivered after the run had parsed the file. These lines are possible duplicates.",
);
const leftOut = {
  before: about(Count, "Records before the window."),
  after: about(Count, "Records after the window."),
  first: about(InstantText, "The earliest time of these records."),
  last: about(InstantText, "The latest time of these records."),
};
const OUTSIDE =
  "Records up to a day outside the window, delivered neither by the live worker nor by this run. Null: none.";
const furtherWindows = about(v.array(SpanText), "What a further run must replay to send these records.");
const sentWhileWaiting = about(
  Count,
  "Lines that the run sends although their batch of the live worker has no answer. These lines are possible duplicates.",
);
export const RunLive = named(
  "RunLive",
  "What the run knows about the live worker's batches.",
  v.strictObject({
    batch_size: about(Count, "The assumed size of the live worker's batches, in records."),
    believed: about(Flag, "True: the files prove the size, or an operator accepted it."),
    proven_by: about(
      v.nullable(v.picklist(LIVE_PROOFS)),
      "What proves the size: the run's `files`, or an `operator` accepted it. Null: the run does not trust it.",
    ),
    proving_files: about(Count, "Files that have exactly the markers that the size gives."),
    doubt: about(
      TextOrNull,
      "Why the run does not trust the size, for people. Null: no doubt, or no file has a marker.",
    ),
    doubt_code: about(
      TextOrNull,
      "Why the files do not prove the size: `contradicted`, `too_few_files`, `several_sizes_fit` or `size_changed`. Null: the files prove the size.",
    ),
    fitting_sizes: about(
      v.array(Count),
      "Sizes that no file contradicts and that fit most files, in records.",
    ),
    files_with_markers: about(Count, "Parsed files that have a marker."),
    files_waiting: about(Count, "Files in the state `waiting`."),
    files_to_list_again: about(Count, "Files whose markers are listed again before the run is delivered."),
    lines_sent_while_waiting: sentWhileWaiting,
    live_delivered_meanwhile: meanwhile,
    outside_not_delivered: about(
      v.nullable(v.strictObject({ ...leftOut, windows: furtherWindows })),
      OUTSIDE,
    ),
  }),
);
export const FileLive = named(
  "FileLive",
  "What the run knows about the batches that the live worker made of a file.",
  v.strictObject({
    expected: about(
      CountOrNull,
      "How many batches the live worker made of the file. Null: not parsed yet, or the borders are not known.",
    ),
    done: about(Count, "Live batches accepted before the run parsed the file. Their records are not sent."),
    waiting: about(Count, "Live batches that had no answer when the run parsed the file."),
    first_done_at: about(
      InstantOrNull,
      "When the first of the `done` batches was accepted. Null: `done` is 0.",
    ),
    last_done_at: about(
      InstantOrNull,
      "When the last of the `done` batches was accepted. Null: `done` is 0.",
    ),
    lines_sent_while_waiting: sentWhileWaiting,
    live_delivered_meanwhile: meanwhile,
    outside_not_delivered: about(v.nullable(v.strictObject(leftOut)), OUTSIDE),
    detail: about(TextOrNull, "The key of the R2 object with all markers. Null: there is no such object."),
  }),
);
