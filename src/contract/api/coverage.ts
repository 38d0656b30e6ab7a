// The schemas of the answers about coverage and about the watch for holes.
import * as v from "valibot";
import { AUTO_REPLAY_MODES, AUTO_REPLAY_STATES } from "../auto-replay.ts";
import { LiveState } from "./plan.ts";
import { Stage } from "./run-status.ts";
import { CodeAndDetail, Count, CountOrNull, EventDetail, Flag, InstantOrNull, InstantText, RunIdText, SpanText, Text, TextOrNull, about } from "./shapes.ts"; // prettier-ignore

export const Proposal = v.strictObject({
  id: Count,
  start: InstantText,
  end: about(InstantText, "The end of the hole. The hole does not include this instant."),
  state: v.picklist(AUTO_REPLAY_STATES),
  files: about(Count, "Raw files that start in a cell of the hole."),
  proposed_at: InstantText,
  changed_at: InstantText,
  window: about(CountOrNull, "The window of the queue to which the part was added."),
  detail: TextOrNull,
});
export type Proposal = v.InferOutput<typeof Proposal>;

const Hours = v.strictTuple([Count, Count]);
const Counts = v.array(CountOrNull);
const CoverageColumns = v.strictObject({
  raw_files: Counts,
  raw_bytes: Counts,
  live_files: Counts,
  done_batches: Counts,
  waiting_batches: Counts,
  last_done_at: v.array(InstantOrNull),
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
  note: TextOrNull,
  foreign_keys: about(
    v.record(v.string(), Count),
    "The number of keys below the prefix of the markers that belong to no raw file, by kind.",
  ),
});

export const CoverageHole = v.strictObject({
  kind: v.literal("not_delivered"),
  start: InstantText,
  end: InstantText,
  files: about(Count, "Raw files that the live worker did not deliver completely."),
  bytes: Count,
  inner: about(SpanText, "The window that sends the fewest lines twice."),
  outer: about(SpanText, "The window that leaves out the fewest lines."),
  replays: about(v.array(RunIdText), "Runs whose window covers `inner`."),
});
export type CoverageHole = v.InferOutput<typeof CoverageHole>;

export const PossibleHole = v.strictObject({
  start: InstantText,
  end: about(InstantText, "The end of the last cell. The possible hole does not include this instant."),
  judged_at: about(InstantText, "When the first of the cells becomes `n`, unless a marker appears."),
});
export type PossibleHole = v.InferOutput<typeof PossibleHole>;

const ProgressEntries = {
  as_of: about(InstantOrNull, "When the oldest of the shown hours was checked."),
  complete: about(Flag, "True: every hour of the range was listed in this detail and is up to date."),
  retry_after_ms: about(
    CountOrNull,
    "After how many milliseconds to repeat the request. Null: the answer is complete.",
  ),
};

export const CoverageAnswer = v.strictObject({
  start: InstantText,
  end: InstantText,
  cell_seconds: Count,
  ...ProgressEntries,
  progress: about(
    v.strictObject({ raw: Hours, presence: Hours, exact: Hours }),
    "Each `[done, wanted]`, in hours of the range.",
  ),
  oldest_evidence: about(InstantOrNull, "Start of the oldest raw file with a marker."),
  states: about(v.pipe(v.string(), v.regex(/^[dpnwets?.]*$/)), "One letter for each cell."),
  columns: about(v.exactOptional(CoverageColumns), "The figures of each cell. Only with `columns=true`."),
  holes: v.array(CoverageHole),
  possible_holes: about(
    v.array(PossibleHole),
    "Adjoining cells that are too recent to judge, and whose raw files have no marker so far.",
  ),
  live: LiveSeen,
  proposals: about(
    v.array(Proposal),
    "The newest 100 holes, or parts of holes, that the watch proposed or queued.",
  ),
  runs: about(
    v.array(
      v.strictObject({
        id: RunIdText,
        start: InstantText,
        end: InstantText,
        stage_code: Stage,
        delivery_completed: Flag,
        dry_run: Flag,
      }),
    ),
    "The newest 100 runs whose window touches the range.",
  ),
  limits: about(v.array(v.string()), "What coverage cannot know."),
});
export type CoverageAnswer = v.InferOutput<typeof CoverageAnswer>;

export const CoverageFile = v.strictObject({
  key: Text,
  start: InstantText,
  end: InstantText,
  size: Count,
  uploaded: InstantText,
  state: LiveState,
  done: about(CountOrNull, "Live batches with a marker. Null: not counted."),
  waiting: CountOrNull,
  missing: about(v.nullable(v.array(Count)), "The first 100 missing indexes."),
  first_done_at: InstantOrNull,
  last_done_at: InstantOrNull,
});
export type CoverageFile = v.InferOutput<typeof CoverageFile>;

export const CoverageFilesAnswer = v.strictObject({
  start: InstantText,
  end: InstantText,
  ...ProgressEntries,
  live: LiveSeen,
  files: v.array(CoverageFile),
  files_left_off: Count,
  limits: v.array(v.string()),
});
export type CoverageFilesAnswer = v.InferOutput<typeof CoverageFilesAnswer>;

const Mode = v.picklist(AUTO_REPLAY_MODES);
export const AutoReplayAnswer = v.strictObject({
  mode: Mode,
  deployed: about(Mode, "The value of the var AUTO_REPLAY."),
  switched: about(
    v.nullable(v.strictObject({ at: InstantText, actor: Text, note: TextOrNull })),
    "The change by POST /auto-replay that applies now. Null: the var applies.",
  ),
  after_minutes: v.number(),
  max_lines_per_second: Count,
  live_batch_size: CountOrNull,
  proven_by: about(v.nullable(RunIdText), "The run whose files prove the size of live batches."),
  waits_for: about(
    v.nullable(CodeAndDetail),
    "Why the mode `queue` only proposes holes at present. Null: it adds them to the queue.",
  ),
  looked_at: InstantOrNull,
  next_look_at: InstantOrNull,
  proposals: about(v.array(Proposal), "The newest 100."),
  events: about(
    v.array(v.strictObject({ event: Count, at: InstantText, actor: Text, kind: Text, detail: EventDetail })),
    "The newest 100.",
  ),
});
export type AutoReplayAnswer = v.InferOutput<typeof AutoReplayAnswer>;
