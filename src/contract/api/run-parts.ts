// The schemas of parts of a run's status: problems, checks, listing, plan, delivery by the live worker, recount and
// evidence.
import * as v from "valibot";
import { LIVE_PROOFS } from "../live.ts";
import { Count, CountOrNull, Digest, Flag, InstantOrNull, InstantText, RunIdText, Text, TextOrNull, about, CodeAndDetail } from "./shapes.ts"; // prettier-ignore

export const RunProblem = v.strictObject({
  kind: v.picklist(["file", "batch", "run"]),
  key: TextOrNull,
  file: CountOrNull,
  batch: CountOrNull,
  state: Text,
  reason: Text,
  next_attempt_at: about(
    InstantOrNull,
    "When the run tries again by itself. Null: it does not, or an attempt is under way.",
  ),
  attempts: about(Count, "POSTs of the batch so far. 0: it was never sent."),
  uncertain_attempts: about(Count, "Attempts of the batch that the receiver may have accepted."),
});

const Check = v.strictObject({ failing: Count, checked: Count });
export const Checks = v.strictObject({
  max_suspect_ratio: v.nullable(v.number()),
  malformed_lines: Check,
  unreadable_times: Check,
  unset_parent_ray_ids: Check,
});

export const Listing = v.strictObject({
  pass: Count,
  under_way: Flag,
  late_margin_minutes: v.number(),
  lookback_minutes: v.number(),
  longest_range_seconds: v.number(),
  farthest_kept_seconds: v.number(),
  final_at: about(InstantText, "The last listing pass begins at this time or later."),
});

export const NamedKind = v.strictObject({ kind: Text, count: Count, examples: v.array(v.string()) });

export const BulkCommand = v.strictObject({
  command: Text,
  actor: Text,
  note: TextOrNull,
  since: InstantText,
  changed: Count,
  skipped: Count,
});

const Amount = v.union([v.number(), v.string()]);
const Difference = v.strictObject({
  file: about(CountOrNull, "The file whose sums differ. Null: the sums of the run differ."),
  what: Text,
  recorded: Amount,
  counted: Amount,
});
export const Verification = v.strictObject({
  under_way: Flag,
  last: about(
    v.nullable(
      v.strictObject({ as_of: InstantText, files: Count, batches: Count, differences: v.array(Difference) }),
    ),
    "Null: the run was never recounted.",
  ),
});

export const Evidence = v.strictObject({
  prefix: about(TextOrNull, "Where the evidence is in the bucket. Null before the first part is written."),
  generation: CountOrNull,
  complete: Flag,
  parts: Count,
  head: about(TextOrNull, "The last hash of the hash chain."),
});

const Keys = v.strictObject({ count: Count, keys: about(v.array(v.string()), "The first 20 by name.") });
export const CountedPlan = v.strictObject({
  hash: about(v.nullable(Digest), "The plan hash. Null while the dry run counts."),
  files: Count,
  batches: Count,
  lines: Count,
  minutes_at_cap: v.number(),
  asks: about(v.array(CodeAndDetail), "The decisions that an operator must make in a run from this plan."),
});
export const ReplayedPlan = v.strictObject({
  run: about(RunIdText, "The dry run."),
  hash: Digest,
  compared: v.picklist(["waiting", "equal", "outdated"]),
  new: Keys,
  changed: Keys,
  missing: Keys,
});

const DeliveredMeanwhile = v.strictObject({ batches: Count, lines: Count });
export const RunLive = v.strictObject({
  batch_size: Count,
  believed: about(Flag, "True: the files prove the size, or an operator accepted it."),
  proven_by: about(
    v.nullable(v.picklist(LIVE_PROOFS)),
    "`files`: the files prove the size. `operator`: an operator accepted it. Null: the run does not trust it.",
  ),
  proving_files: about(Count, "Files that have exactly the markers that the size gives."),
  doubt: TextOrNull,
  doubt_code: TextOrNull,
  fitting_sizes: v.array(Count),
  files_with_markers: Count,
  files_waiting: Count,
  files_to_list_again: Count,
  lines_sent_while_waiting: Count,
  live_delivered_meanwhile: DeliveredMeanwhile,
});
export const FileLive = v.strictObject({
  expected: about(
    CountOrNull,
    "How many live batches the file has, by their size. Null: not parsed yet, or the borders are not known.",
  ),
  done: Count,
  waiting: Count,
  first_done_at: InstantOrNull,
  last_done_at: InstantOrNull,
  lines_sent_while_waiting: Count,
  live_delivered_meanwhile: DeliveredMeanwhile,
  detail: about(TextOrNull, "The key of the object with all markers."),
});
