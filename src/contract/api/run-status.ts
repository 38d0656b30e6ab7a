// The schemas of the answer of GET /runs/:id, and of the answers of commands, which change a run.
import * as v from "valibot";
import { AssumedEntries, ReceiverAnswers } from "./receiver-answers.ts";
import { Limits, PostFiguresEntries, RateNow, Spec } from "./run-limits.ts";
import { BulkCommand, Checks, CountedPlan, Evidence, Listing, NamedKind, ReplayedPlan, RunLive, RunProblem, Verification } from "./run-parts.ts"; // prettier-ignore
import { OlderNamesEntries, SumsEntries } from "./run-sums.ts";
import { WorkEntries } from "./run-work.ts";
import { AnyMembers, CodeAndDetail, Count, CountOrNull, Digest, Flag, InstantOrNull, InstantText, ReceiverText, RunIdText, SpanText, Text, TextOrNull, about, named } from "./shapes.ts"; // prettier-ignore
import { CleanupState, Stage } from "./states.ts";

export const SampleEntries = {
  file: about(Count, "The number of the file in this run."),
  line: about(Count, "The number of the line in the raw file. The first line has the number 1."),
  reason: about(Text, "Why the line could not be read, as a code such as `not_json`."),
  bytes: about(Text, "The first 200 bytes of the line, with control characters escaped."),
};

const RunStatusEntries = {
  id: about(RunIdText, "The id of the run."),
  stage_code: about(Stage, "What the run is doing now."),
  state_reason: about(
    v.nullable(CodeAndDetail),
    "Why the run is in this stage. Null: the run needs no action.",
  ),
  summary: about(Text, "The stage and its reason as a sentence, for people."),
  window: about(
    v.strictObject({
      start: about(InstantText, "The start of the window. The window includes this instant."),
      end: about(InstantText, "The end of the window."),
      interval: about(Text, "`[start, end]`, or `[start, end)` when the end is outside."),
    }),
    "The window that the run replays.",
  ),
  delivery_completed: about(Flag, "True: everything is delivered. Never true for a dry run."),
  fully_completed: about(Flag, "True: everything is delivered, and the run has deleted its packs."),
  ...SumsEntries,
  leases_out: about(Count, "Leases of senders and parsers that have not ended."),
  last_post_ended_at: about(
    InstantOrNull,
    "When the end of the last POST was reported. Null: no POST was reported.",
  ),
  progress: about(
    v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    "The settled share of `expected_lines`, 1 only when delivered or counted. The share may fall while files are parsed.",
  ),
  expected_lines: about(
    CountOrNull,
    "Lines of the whole run, with an estimate for unparsed files. Null: no file is parsed.",
  ),
  eta_seconds: about(
    v.nullable(v.number()),
    "Seconds until the remaining lines are sent, at the present speed. Null: not known.",
  ),
  rate: about(RateNow, "How fast the run sends."),
  ...PostFiguresEntries,
  answers: about(ReceiverAnswers, "What the run has recorded about the receiver's answers."),
  ...AssumedEntries,
  cleanup: about(
    v.strictObject({
      state: about(CleanupState, "How far the cleanup is."),
      ends_at: about(InstantOrNull, "When the grace period ends. Null: the run is not delivered."),
    }),
    "The deletion of the run's packs.",
  ),
  problems: about(
    v.array(RunProblem),
    "The first 100 files and batches that need a person or are uncertain.",
  ),
  checks: about(Checks, "The checks for suspicious files, over all files that are not suspicious."),
  foreign_keys: about(
    v.array(NamedKind),
    "Keys below the prefix that the run does not read, by kind, as of the last complete listing pass.",
  ),
  malformed_samples: about(v.array(v.strictObject(SampleEntries)), "The first 5 malformed lines."),
  complete_as_of: about(
    InstantOrNull,
    "When the newest complete listing pass began. Null: no pass is complete.",
  ),
  listing: about(Listing, "How far the run has listed the bucket."),
  warnings: about(v.array(CodeAndDetail), "Settings that look wrong. `misspelt_var` is the only code."),
  commands_under_way: about(v.array(BulkCommand), "Commands that still change rows in the background."),
  verification: about(Verification, "The recount of the run's own rows."),
  spec: about(Spec, "The options with which the run was started."),
  limits: about(Limits, "The present limits."),
  report: about(Evidence, "Where the evidence is, and how many of its parts are written."),
  uncovered: about(
    v.nullable(v.array(SpanText)),
    "The first 20 parts of the window without a raw file. Null: not listed yet, or an older run.",
  ),
  uncovered_seconds: about(
    CountOrNull,
    "Seconds of all parts of the window without a raw file. Null when `uncovered` is null.",
  ),
  live: about(v.exactOptional(RunLive), 'Set only for a run with `live: "skip_delivered"`.'),
  receiver: about(ReceiverText, "The receiver to which the run sends."),
  continue_of: about(v.nullable(RunIdText), "The aborted run that this run continues. Null: none."),
  dry_run: about(Flag, "True: the run is a dry run, which sends nothing."),
  replay: about(Flag, "True: an operator confirmed that lines of this window are sent again."),
  note: about(TextOrNull, "The note of the request that started the run. Null: none was given."),
  actor: about(Text, "Who started the run."),
  plan_hash: about(
    v.nullable(Digest),
    "The hash of a counted dry run, or of the plan that the run replays. Null: there is none.",
  ),
  plan: about(
    v.nullable(v.union([CountedPlan, ReplayedPlan])),
    "The plan of a dry run, or the comparison with the replayed plan. Null: neither.",
  ),
  created_at: about(InstantText, "When the run was admitted."),
  started_at: about(InstantText, "When the run's Durable Object began its work."),
  stage_since: about(InstantText, "When the run entered its stage."),
  delivered_at: about(InstantOrNull, "When the run was delivered. Null: the run is not delivered."),
  ended_at: about(
    InstantOrNull,
    "When the run became `cleaned`, `aborted` or `counted`. Null: the run has not ended.",
  ),
  ...WorkEntries,
  ...OlderNamesEntries,
};

export const RunStatusAnswer = named(
  "RunStatusAnswer",
  "The present state of a run.",
  v.strictObject(RunStatusEntries),
);
export type RunStatusAnswer = v.InferOutput<typeof RunStatusAnswer>;

/** The answer of a command: what the command did, and the status of the run afterwards. */
export const CommandAnswer = named(
  "CommandAnswer",
  "What a command did, and the state of the run afterwards.",
  v.strictObject({
    ...RunStatusEntries,
    changed: about(Count, "Files, batches, codes, attempts or limits that the command changed so far."),
    skipped: about(Count, "Files that the command could not change, because a sender has a lease."),
    under_way: about(Flag, "True: more rows remain. `commands_under_way` shows the progress."),
  }),
);
export type CommandAnswer = v.InferOutput<typeof CommandAnswer>;

/** The answer of GET /runs/:id?view=raw: the stored rows, for support. Their members may change in any version. */
export const RawRunAnswer = named(
  "RawRunAnswer",
  "The stored rows of a run, for support. Their members may change in any version.",
  v.strictObject({
    run: about(AnyMembers, "The row of the run, without the fingerprint of the receiver."),
    totals: about(AnyMembers, "The row of sums."),
    receiver: about(
      v.strictObject({
        breaker: about(TextOrNull, "The circuit breaker, as JSON text."),
        answers: about(TextOrNull, "What the run recorded about answers, as JSON text."),
        pace: about(TextOrNull, "The rate limiter, as JSON text."),
      }),
      "What the run remembers about the receiver.",
    ),
    send_leases: about(TextOrNull, "The leases of senders, as JSON text."),
    foreign_keys: about(v.array(NamedKind), "Keys below the prefix that the run does not read, by kind."),
    events: about(v.array(AnyMembers), "The first 100 events."),
    pace_log: about(v.array(AnyMembers), "The newest send permits. The rate limiter counts them."),
  }),
);
export type RawRunAnswer = v.InferOutput<typeof RawRunAnswer>;
