// The schemas of the answer of GET /runs/:id, and of the answers of commands, which change a run.
import * as v from "valibot";
import { CLEANUP_STATES, STAGES } from "../states.ts";
import { AssumedEntries, ReceiverAnswers } from "./receiver-answers.ts";
import { Limits, PostFiguresEntries, RateNow, Spec } from "./run-limits.ts";
import { BulkCommand, Checks, CountedPlan, Evidence, Listing, NamedKind, ReplayedPlan, RunLive, RunProblem, Verification } from "./run-parts.ts"; // prettier-ignore
import { OlderNamesEntries, SumsEntries } from "./run-sums.ts";
import { WorkEntries } from "./run-work.ts";
import { CodeAndDetail, Count, CountOrNull, Digest, EventDetail, Flag, InstantOrNull, InstantText, RunIdText, SpanText, Text, TextOrNull, about } from "./shapes.ts"; // prettier-ignore

export const Stage = about(v.picklist(STAGES), "What the run is doing now.");

export const SampleEntries = {
  file: Count,
  line: about(Count, "The number of the line in the raw file. The first line has the number 1."),
  reason: Text,
  bytes: about(Text, "The beginning of the line."),
};

const RunStatusEntries = {
  id: RunIdText,
  stage_code: Stage,
  state_reason: about(
    v.nullable(CodeAndDetail),
    "Why the run is in this stage. Null: the run needs no action.",
  ),
  summary: about(Text, "The state in one sentence."),
  window: v.strictObject({
    start: InstantText,
    end: InstantText,
    interval: about(Text, "`[start, end]`, or `[start, end)` when the end is outside."),
  }),
  delivery_completed: Flag,
  fully_completed: Flag,
  ...SumsEntries,
  leases_out: about(Count, "Leases of senders and parsers that have not ended."),
  last_post_ended_at: InstantOrNull,
  progress: about(
    v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    "The delivered share of `expected_lines`. 1 only when delivered. May fall when unread files have more lines than expected.",
  ),
  expected_lines: about(
    CountOrNull,
    "Lines of the whole run. Unparsed files count as average files. Null: no file is parsed.",
  ),
  eta_seconds: about(v.nullable(v.number()), "Null: not known."),
  rate: RateNow,
  ...PostFiguresEntries,
  answers: ReceiverAnswers,
  ...AssumedEntries,
  cleanup: v.strictObject({ state: v.picklist(CLEANUP_STATES), ends_at: InstantOrNull }),
  problems: v.array(RunProblem),
  checks: Checks,
  foreign_keys: v.array(NamedKind),
  malformed_samples: about(v.array(v.strictObject(SampleEntries)), "The first 5."),
  complete_as_of: InstantOrNull,
  listing: Listing,
  warnings: v.array(CodeAndDetail),
  commands_under_way: v.array(BulkCommand),
  verification: Verification,
  spec: about(Spec, "The options with which the run was started."),
  limits: about(Limits, "The present limits."),
  report: about(Evidence, "Where the evidence is, and how many of its parts are written."),
  uncovered: about(v.nullable(v.array(SpanText)), "The first 20 parts of the window without a raw file."),
  uncovered_seconds: CountOrNull,
  live: about(v.exactOptional(RunLive), 'Set only for a run with `live: "skip_delivered"`.'),
  continue_of: v.nullable(RunIdText),
  dry_run: Flag,
  replay: Flag,
  note: TextOrNull,
  actor: Text,
  plan_hash: v.nullable(Digest),
  plan: about(
    v.nullable(v.union([CountedPlan, ReplayedPlan])),
    "Null: the run is no dry run and was not made from a plan.",
  ),
  created_at: InstantText,
  started_at: InstantText,
  stage_since: InstantText,
  delivered_at: InstantOrNull,
  ended_at: InstantOrNull,
  ...WorkEntries,
  ...OlderNamesEntries,
};

export const RunStatusAnswer = v.strictObject(RunStatusEntries);
export type RunStatusAnswer = v.InferOutput<typeof RunStatusAnswer>;

/** The answer of a command: what the command did, and the status of the run afterwards. */
export const CommandAnswer = v.strictObject({
  ...RunStatusEntries,
  changed: about(Count, "Rows changed so far."),
  skipped: about(Count, "Rows that the command named but could not change."),
  under_way: about(Flag, "True: more rows remain. `commands_under_way` shows the progress."),
});
export type CommandAnswer = v.InferOutput<typeof CommandAnswer>;

/** The answer of GET /runs/:id?view=raw: the stored rows, for support. Their members may change in any version. */
export const RawRunAnswer = v.strictObject({
  run: EventDetail,
  totals: EventDetail,
  receiver: v.strictObject({ breaker: TextOrNull, answers: TextOrNull, pace: TextOrNull }),
  send_leases: TextOrNull,
  foreign_keys: v.array(NamedKind),
  events: v.array(EventDetail),
  pace_log: v.array(EventDetail),
});
export type RawRunAnswer = v.InferOutput<typeof RawRunAnswer>;
