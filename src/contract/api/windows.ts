// The schemas of the answers about the window queue.
import * as v from "valibot";
import type { QueueHindrance as Hindrance, WindowState as StateName } from "../windows.ts";
import { CHUNK_ORDERS, WINDOW_STATES } from "../windows.ts";
import { EventItem } from "./events.ts";
import { CodeAndDetail, Count, CountOrNull, Flag, InstantOrNull, InstantText, ReceiverText, RunIdText, SpanText, Text, TextOrNull, about, codes, named, someCountsOf } from "./shapes.ts"; // prettier-ignore

export const OverlapItem = named(
  "OverlapItem",
  "A run that sent lines of a window, and the part of the window that both cover.",
  v.strictObject({
    run: about(RunIdText, "The id of the run."),
    start: about(InstantText, "The start of the common part."),
    end: about(InstantText, "The end of the common part."),
  }),
);
export type OverlapItem = v.InferOutput<typeof OverlapItem>;

const WINDOW_STATE_TEXTS: Readonly<Record<StateName, string>> = {
  queued: "The window waits for its start, or for the next attempt.",
  running: "The run of the window is admitted, and neither delivered nor aborted.",
  delivered: "The run of the window is delivered, or earlier runs covered the whole window.",
  blocked: "A run sent a part of the window, so an operator must decide.",
  needs_attention: "The run of the window waits for an operator.",
  expired: "The window waited longer than `max_age`.",
  failed: "`max_attempts` runs were aborted, or no run could be admitted.",
  cancelled: "An operator cancelled the window.",
  coalesced: "Another window now includes this window.",
};
export const WindowState = codes("WindowState", "The state of a window in the queue.", WINDOW_STATE_TEXTS);

export const QueueHindrance = codes<Hindrance["code"]>(
  "QueueHindrance",
  "Why the window queue starts no window now.",
  {
    paused: "An operator paused the queue.",
    bad_configuration: "A var or a secret cannot be used.",
    disabled: "The kill switch is off: BACKFILL_ENABLED is not `true`.",
    receiver_not_configured: "A secret of the receiver is missing.",
    slot_taken: "Another run has the receiver's slot.",
    reserved: "A run asked for the slot and gets it before the next window.",
    run_at_work: "A run of the queue rests without the slot and continues by itself.",
    not_before: "The first window may not start yet.",
  },
);

const QueueEntries = {
  paused: about(
    v.nullable(
      v.strictObject({
        at: about(InstantText, "When the queue was paused."),
        actor: about(Text, "Who paused the queue."),
        note: about(TextOrNull, "The reason. Null: none was given."),
      }),
    ),
    "The pause of the queue. Null: the queue is not paused.",
  ),
  queued: about(Count, "Windows and series that wait."),
  running: about(Count, "Windows in the state `running`."),
  holder: about(
    v.nullable(RunIdText),
    "The only run that may send, because it has the receiver's slot. Null: the slot is free.",
  ),
  waits_for: about(
    TextOrNull,
    "Why the first window does not start. Null: the window starts at once, or none is queued.",
  ),
  hindrance: about(
    v.nullable(
      v.strictObject({
        code: about(QueueHindrance, "The reason as a code."),
        run: about(
          v.nullable(RunIdText),
          "The run that the queue waits for. Null: the queue waits for no run.",
        ),
        not_before: about(
          InstantOrNull,
          "When the first window may start. Null unless the code is `not_before`.",
        ),
      }),
    ),
    "The reason of `waits_for` for programs. Null when `waits_for` is null.",
  ),
  reserved: about(v.array(RunIdText), "Runs that may have the slot before the next window starts."),
};
export const Queue = named("Queue", "The state of one window queue.", v.strictObject(QueueEntries));
export type Queue = v.InferOutput<typeof Queue>;

export const QueueAnswer = named(
  "QueueAnswer",
  "The state of the window queue of one receiver.",
  v.strictObject({ receiver: about(ReceiverText, "The receiver of the queue."), ...QueueEntries }),
);
export type QueueAnswer = v.InferOutput<typeof QueueAnswer>;

export const WindowTextEntries = {
  start: about(InstantText, "The start of the window. The window includes this instant."),
  end: about(InstantText, "The end of the window. Included, unless `end_exclusive` is true."),
  end_exclusive: about(Flag, "True: the window does not include the instant `end`."),
};
const WindowError = v.strictObject({
  pointer: about(Text, "A JSON pointer into the body of the request, as a URI fragment."),
  detail: about(Text, "What is wrong, for people."),
});
const index = about(Count, "The place of the window in the request, from 0.");
const id = about(Count, "The number of the window in the queue.");
const dropped = about(v.literal("dropped"), "`dropped`: the queue does not keep the window.");
const whyDropped = about(Text, "Why the window was dropped, for people.");

const DuplicateOf = v.union([
  about(v.strictObject({ window: about(Count, "The number of the window.") }), "One window of the queue."),
  about(v.strictObject({ run: about(RunIdText, "The id of the run.") }), "One run."),
  about(
    v.strictObject({ runs: about(v.array(RunIdText), "The ids of the runs.") }),
    "Several runs together. Only with `skip_sent`.",
  ),
  about(
    v.strictObject({ windows: about(v.array(Count), "The numbers of the windows.") }),
    "Several windows of the queue with the same options.",
  ),
]);

export const WindowOutcome = named(
  "WindowOutcome",
  "What the queue did with one window of the request.",
  v.union([
    about(
      v.strictObject({
        index,
        outcome: about(v.literal("queued"), "`queued`: the window is in the queue."),
        id,
        state: about(v.literal("queued"), "`queued`: the window waits for its start."),
        ...WindowTextEntries,
      }),
      "The window waits in the queue.",
    ),
    about(
      v.strictObject({
        index,
        outcome: about(v.literal("queued"), "`queued`: the window is in the queue."),
        id,
        state: about(v.literal("blocked"), "`blocked`: the window does not start."),
        overlaps: about(v.array(OverlapItem), "The runs that sent a part of the window."),
        ...WindowTextEntries,
      }),
      "The window is in the queue, but a run sent a part of it. An operator must decide.",
    ),
    about(
      v.strictObject({
        index,
        outcome: about(v.literal("coalesced"), "`coalesced`: a queued window now includes this window."),
        into: about(
          Count,
          "The number of the queued window. `start` and `end` are those of this window now.",
        ),
        ...WindowTextEntries,
      }),
      "A queued window grew and now includes the window.",
    ),
    about(
      v.strictObject({
        index,
        outcome: about(v.literal("duplicate"), "`duplicate`: the whole window is covered already."),
        of: about(DuplicateOf, "What covers the window."),
        ...WindowTextEntries,
      }),
      "Windows of the queue or runs already cover the whole window.",
    ),
    about(
      v.strictObject({
        index,
        outcome: dropped,
        reason: about(v.literal("rate_limited"), "`rate_limited`: the source queued too many windows."),
        detail: whyDropped,
        retry_after_seconds: about(Count, "After how many seconds to queue the window again."),
      }),
      "The source queued too many windows within a minute.",
    ),
    about(
      v.strictObject({
        index,
        outcome: dropped,
        reason: about(v.literal("too_old"), "`too_old`: the window ends before `drop_older_than`."),
        detail: whyDropped,
      }),
      "The window is too old.",
    ),
    about(
      v.strictObject({
        index,
        outcome: dropped,
        reason: about(v.literal("invalid"), "`invalid`: the window cannot be replayed."),
        detail: whyDropped,
        errors: about(v.array(WindowError), "What must be corrected."),
      }),
      "The window cannot be replayed.",
    ),
  ]),
);
export type WindowOutcome = v.InferOutput<typeof WindowOutcome>;

export const QueueWindowsAnswer = named(
  "QueueWindowsAnswer",
  "What the queue did with the windows of a request.",
  v.strictObject({
    receiver: about(ReceiverText, "The receiver of the queue."),
    outcomes: about(v.array(WindowOutcome), "One outcome for each window, in the order of the request."),
    queue: about(Queue, "The queue after the request."),
  }),
);
export type QueueWindowsAnswer = v.InferOutput<typeof QueueWindowsAnswer>;

const WindowEntries = {
  id,
  kind: about(
    v.picklist(["window", "series"]),
    "`window`: one window. `series`: a long range that the queue cuts into windows.",
  ),
  state: about(WindowState, "The state of the window or series."),
  state_reason: about(
    v.nullable(CodeAndDetail),
    "Why the window is in this state. Null: no reason is needed.",
  ),
  reason: about(Text, "Why the window is replayed."),
  source: about(TextOrNull, "The system that sent the request. Null: the request named none."),
  actor: about(Text, "Who queued the window."),
  priority: about(v.pipe(v.number(), v.integer()), "Windows with a higher number start earlier."),
  created_at: about(InstantText, "When the window was added to the queue."),
  not_before: about(InstantOrNull, "The window does not start before this instant. Null: no such limit."),
  expires_at: about(InstantOrNull, "When the window expires. Null: the window no longer waits."),
  attempts: about(Count, "How many runs the queue has started for the window."),
  max_attempts: about(Count, "How many runs the queue starts for the window at most."),
  run: about(v.nullable(RunIdText), "The run of the newest attempt. Null: there was no attempt."),
  series: about(
    CountOrNull,
    "The series from which this window was cut. Null: this window comes from no series.",
  ),
  into: about(CountOrNull, "The queued window that now covers this window. Null unless `coalesced`."),
  ...WindowTextEntries,
};
export const WindowItem = named(
  "WindowItem",
  "A window or a series of the queue.",
  v.strictObject(WindowEntries),
);
export type WindowItem = v.InferOutput<typeof WindowItem>;

export const WindowListAnswer = named(
  "WindowListAnswer",
  "One page of windows, and the queue.",
  v.strictObject({
    receiver: about(ReceiverText, "The receiver of the queue."),
    items: about(v.array(WindowItem), "The windows of this page."),
    next_cursor: about(TextOrNull, "The `cursor` of the next page. Null after the last page."),
    queue: about(Queue, "The queue as a whole."),
  }),
);
export type WindowListAnswer = v.InferOutput<typeof WindowListAnswer>;

export const WindowAnswer = named(
  "WindowAnswer",
  "A window or a series of the queue, with its runs and events.",
  v.strictObject({
    receiver: about(ReceiverText, "The receiver of the queue."),
    ...WindowEntries,
    runs: about(v.array(RunIdText), "The runs of all attempts."),
    overlaps: about(v.array(OverlapItem), "Runs that sent a part of the window when it was blocked."),
    chunks: about(
      v.nullable(
        v.strictObject({
          chunk_seconds: about(Count, "The length of each window in seconds."),
          order: about(
            v.picklist(CHUNK_ORDERS),
            "Which window starts first: `newest_first` or `oldest_first`.",
          ),
          skip_sent: about(Flag, "True: parts that earlier runs delivered are left out."),
          left: about(
            v.nullable(SpanText),
            "The part of the series that is not cut into windows yet. Null: all is cut.",
          ),
          windows: about(
            someCountsOf(
              WINDOW_STATES,
              (state) => `Windows in the state \`${state}\`. ${WINDOW_STATE_TEXTS[state]}`,
            ),
            "The windows of the series by state. States without a window are left out.",
          ),
        }),
      ),
      "What a series has cut, and its windows by state. Null: this is no series.",
    ),
    events: about(v.array(EventItem), "The audit trail of the window, oldest first."),
  }),
);
export type WindowAnswer = v.InferOutput<typeof WindowAnswer>;
