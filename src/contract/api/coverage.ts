// The schemas of the answers about coverage and about the watch for holes.
import * as v from "valibot";
import type { AutoReplayMode as ModeName, AutoReplayState } from "../auto-replay.ts";
import { EventItem } from "./events.ts";
import { LiveState } from "./plan.ts";
import { Stage } from "./states.ts";
import { CodeAndDetail, Count, CountOrNull, Flag, InstantOrNull, InstantText, RunIdText, SpanText, Text, TextOrNull, about, codes, named } from "./shapes.ts"; // prettier-ignore

export const ProposalState = codes<AutoReplayState>("ProposalState", "The state of a part of a hole.", {
  proposed: "No run replays this part of a hole yet.",
  closed: "The part was proposed, and is no longer a hole, or a run replays it.",
  taken_up: "The part was proposed. Newer proposals replace it.",
  queueing: "The answer of the window queue is not known yet. The next check asks for it.",
  queued: "The part is in the window queue, as `window`.",
  coalesced: "The part became a part of the queued window `window`.",
  duplicate: "A queued window, or the run in `detail`, already covers the part.",
  blocked: "A run sent lines of the part, so an operator must decide in the queue.",
  refused: "The queue refused the part, for the reason in `detail`.",
  expired: "The part became older than 24 hours before it was queued.",
});

export const Proposal = named(
  "Proposal",
  "A hole, or a part of a hole, that the watch for holes proposed or queued.",
  v.strictObject({
    id: about(Count, "The number of the proposal."),
    start: about(InstantText, "The start of the part."),
    end: about(InstantText, "The end of the part. The part does not include this instant."),
    state: about(ProposalState, "The state of the part."),
    files: about(Count, "Raw files that start in a cell of the part."),
    proposed_at: about(InstantText, "When Coverage recorded the part."),
    changed_at: about(InstantText, "When the state last changed."),
    window: about(
      CountOrNull,
      "The number of the window of the queue to which the part was added. Null: not added.",
    ),
    detail: about(TextOrNull, "The answer of the window queue, for people. Null: there is none."),
  }),
);
export type Proposal = v.InferOutput<typeof Proposal>;

function hours(what: string) {
  return about(v.strictTuple([Count, Count]), `\`[done, wanted]\`: hours of the range ${what}.`);
}
const Counts = v.array(CountOrNull);
const CoverageColumns = v.strictObject({
  raw_files: about(Counts, "Raw files that start in the cell. Null: the cell was not listed."),
  raw_bytes: about(Counts, "Compressed bytes of these files. Null: the cell was not listed."),
  live_files: about(Counts, "Files with at least one marker. Null: the cell was not listed."),
  done_batches: about(Counts, "Live batches that were accepted. Null: no file's markers were counted."),
  waiting_batches: about(Counts, "Live batches without an answer. Null: no file's markers were counted."),
  last_done_at: about(
    v.array(InstantOrNull),
    "When the live worker's newest batch of the cell was accepted. Null: none is known.",
  ),
  judged_at: about(
    v.array(InstantOrNull),
    "For a possible hole: when the cell becomes `n`, unless a marker appears. Null for other cells.",
  ),
});

const LiveSeen = v.strictObject({
  seen: about(
    v.nullable(Flag),
    "True: the bucket has markers of a live worker. Null: this was not checked yet.",
  ),
  note: about(TextOrNull, "What coverage cannot show without a live worker. Null unless `seen` is false."),
  foreign_keys: about(
    v.record(v.string(), Count),
    "The number of keys below the prefix of the markers that belong to no raw file, by kind.",
  ),
});

export const CoverageHole = named(
  "CoverageHole",
  "Adjoining cells in the states `n`, `p` or `w`.",
  v.strictObject({
    kind: about(v.literal("not_delivered"), "Always `not_delivered`."),
    start: about(InstantText, "The start of the first cell of the hole."),
    end: about(InstantText, "The end of the last cell. The hole does not include this instant."),
    files: about(Count, "Raw files that the live worker did not deliver completely."),
    bytes: about(Count, "Compressed bytes of these files."),
    inner: about(
      SpanText,
      "The window of the files without a marker. Its replay sends the fewest lines twice.",
    ),
    outer: about(SpanText, "The window of all these files. Its replay leaves out the fewest lines."),
    replays: about(
      v.array(RunIdText),
      "Runs of the receiver `default` whose window covers `inner`, and that sent lines or may still send them.",
    ),
  }),
);
export type CoverageHole = v.InferOutput<typeof CoverageHole>;

export const PossibleHole = named(
  "PossibleHole",
  "Adjoining cells that are too recent to judge, and whose raw files have no marker so far.",
  v.strictObject({
    start: about(InstantText, "The start of the first cell."),
    end: about(InstantText, "The end of the last cell. The possible hole does not include this instant."),
    judged_at: about(InstantText, "When the first of the cells becomes `n`, unless a marker appears."),
  }),
);
export type PossibleHole = v.InferOutput<typeof PossibleHole>;

const RangeEntries = {
  start: about(InstantText, "The start of the range."),
  end: about(InstantText, "The end of the range. The range does not include this instant."),
};
const ProgressEntries = {
  as_of: about(
    InstantOrNull,
    "When the oldest of the shown hours was checked. Null: no shown hour was checked yet.",
  ),
  complete: about(Flag, "True: every hour of the range was listed in this detail and is up to date."),
  retry_after_ms: about(
    CountOrNull,
    "After how many milliseconds to repeat the request. Null: the answer is complete.",
  ),
};
const limits = about(v.array(v.string()), "What coverage cannot know, as sentences for people.");

export const CoverageAnswer = named(
  "CoverageAnswer",
  "Which part of a range the live worker delivered.",
  v.strictObject({
    start: about(InstantText, "The start of the range, moved back to the edge of a cell."),
    end: about(InstantText, "The end of the range, moved on to the edge of a cell. Not included."),
    cell_seconds: about(Count, "The length of a cell in seconds. Always 300."),
    ...ProgressEntries,
    progress: about(
      v.strictObject({
        raw: hours("whose raw files were listed"),
        presence: hours("whose files were checked for a marker"),
        exact: hours("whose markers were counted"),
      }),
      "Each `[done, wanted]`, in hours of the range.",
    ),
    oldest_evidence: about(
      InstantOrNull,
      "Start of the oldest raw file with a marker. Null: no marker is known.",
    ),
    states: about(
      v.pipe(v.string(), v.regex(/^[dpnwets?.]*$/)),
      "One letter for each cell. docs/reference/http-api.md lists the letters.",
    ),
    columns: about(v.exactOptional(CoverageColumns), "The figures of each cell. Only with `columns=true`."),
    holes: about(v.array(CoverageHole), "The holes of the range, oldest first."),
    possible_holes: about(
      v.array(PossibleHole),
      "Adjoining cells that are too recent to judge, and whose raw files have no marker so far.",
    ),
    live: about(LiveSeen, "Whether the bucket shows a live worker."),
    proposals: about(
      v.array(Proposal),
      "The newest 100 holes, or parts of holes, that the watch proposed or queued.",
    ),
    receiver: about(
      Text,
      "The receiver whose runs are in `runs`. States and holes are about the receiver `default`.",
    ),
    runs: about(
      v.array(
        v.strictObject({
          id: about(RunIdText, "The id of the run."),
          start: about(InstantText, "The start of the run's window."),
          end: about(InstantText, "The end of the run's window."),
          stage_code: about(Stage, "The stage in the run's last progress report."),
          delivery_completed: about(Flag, "True: the run delivered its window. Always false for a dry run."),
          dry_run: about(Flag, "True: the run is a dry run, which sends nothing."),
        }),
      ),
      "The newest 100 runs of the receiver whose window touches the range.",
    ),
    limits,
  }),
);
export type CoverageAnswer = v.InferOutput<typeof CoverageAnswer>;

export const CoverageFile = named(
  "CoverageFile",
  "A raw file, and what the live worker's markers show about it.",
  v.strictObject({
    key: about(Text, "The key of the raw file in the bucket."),
    start: about(InstantText, "The start of the time that the file covers, by its name."),
    end: about(InstantText, "The end of the time that the file covers, by its name. Not included."),
    size: about(Count, "Compressed bytes of the file."),
    uploaded: about(InstantText, "When the file was written to the bucket."),
    state: about(LiveState, "What the live worker delivered of the file."),
    done: about(CountOrNull, "Live batches with a marker. Null: not counted."),
    waiting: about(CountOrNull, "Live batches that have no answer yet. Null: not counted."),
    missing: about(
      v.nullable(v.array(Count)),
      "The first 100 missing indexes, below the file's greatest index with a marker. Null: not counted.",
    ),
    first_done_at: about(
      InstantOrNull,
      "When the live worker's first batch was accepted. Null: none is known.",
    ),
    last_done_at: about(
      InstantOrNull,
      "When the live worker's last batch was accepted. Null: none is known.",
    ),
  }),
);
export type CoverageFile = v.InferOutput<typeof CoverageFile>;

export const CoverageFilesAnswer = named(
  "CoverageFilesAnswer",
  "The raw files of at most an hour, with their markers counted.",
  v.strictObject({
    ...RangeEntries,
    ...ProgressEntries,
    live: about(LiveSeen, "Whether the bucket shows a live worker."),
    files: about(v.array(CoverageFile), "The first 10,000 files of the range, by start and key."),
    files_left_off: about(Count, "How many further files the range has."),
    limits,
  }),
);
export type CoverageFilesAnswer = v.InferOutput<typeof CoverageFilesAnswer>;

export const AutoReplayMode = codes<ModeName>("AutoReplayMode", "What the watch for holes does.", {
  off: "Coverage proposes no holes.",
  propose: "Coverage records holes.",
  queue: "Coverage records holes and adds them to the window queue.",
});

export const AutoReplayAnswer = named(
  "AutoReplayAnswer",
  "The holes that Coverage found by itself, and what it did about them.",
  v.strictObject({
    mode: about(AutoReplayMode, "The mode that applies now."),
    deployed: about(AutoReplayMode, "The value of the var AUTO_REPLAY."),
    switched: about(
      v.nullable(
        v.strictObject({
          at: about(InstantText, "When the mode was changed."),
          actor: about(Text, "Who changed the mode."),
          note: about(TextOrNull, "The reason for the change. Null: none was given."),
        }),
      ),
      "The change by POST /auto-replay that applies now. Null: the var applies.",
    ),
    after_minutes: about(v.number(), "How old a part of a hole must be before it is proposed, in minutes."),
    max_lines_per_second: about(Count, "The cap of a run that the watch queues, in lines per second."),
    live_batch_size: about(CountOrNull, "The var LIVE_BATCH_SIZE, in records. Null: the var is not set."),
    proven_by: about(
      v.nullable(RunIdText),
      "The run whose files prove the size of the live worker's batches. Null: no run proves it.",
    ),
    waits_for: about(
      v.nullable(CodeAndDetail),
      "Why the mode `queue` only proposes holes at present. Null: there is no such reason.",
    ),
    looked_at: about(
      InstantOrNull,
      "When the newest complete check of the last 24 hours began. Null: a check is due or under way.",
    ),
    next_look_at: about(InstantOrNull, "When the next check begins. Null: no check is planned."),
    proposals: about(v.array(Proposal), "The newest 100 proposals, newest first."),
    events: about(v.array(EventItem), "The newest 100 events, newest first."),
  }),
);
export type AutoReplayAnswer = v.InferOutput<typeof AutoReplayAnswer>;
