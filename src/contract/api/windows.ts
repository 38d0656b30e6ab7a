// The schemas of the answers about the window queue.
import * as v from "valibot";
import { CHUNK_ORDERS, QUEUE_HINDRANCES, WINDOW_STATES } from "../windows.ts";
import { CodeAndDetail, Count, CountOrNull, EventDetail, Flag, InstantOrNull, InstantText, RunIdText, SpanText, Text, TextOrNull, about } from "./shapes.ts"; // prettier-ignore

export const OverlapItem = v.strictObject({ run: RunIdText, start: InstantText, end: InstantText });
export type OverlapItem = v.InferOutput<typeof OverlapItem>;

export const QueueAnswer = v.strictObject({
  paused: v.nullable(v.strictObject({ at: InstantText, actor: Text, note: TextOrNull })),
  queued: Count,
  running: Count,
  holder: about(v.nullable(RunIdText), "The run that has the receiver's slot. Only this run may send."),
  waits_for: about(
    TextOrNull,
    "Why the first window does not start. Null: it starts at once, or none is queued.",
  ),
  hindrance: about(
    v.nullable(
      v.strictObject({
        code: v.picklist(QUEUE_HINDRANCES),
        run: about(v.nullable(RunIdText), "The run that the queue waits for."),
        not_before: about(InstantOrNull, "With the code `not_before`: when the first window may start."),
      }),
    ),
    "The reason of `waits_for` for programs.",
  ),
  reserved: about(v.array(RunIdText), "Runs that may have the slot before the next window starts."),
});
export type QueueAnswer = v.InferOutput<typeof QueueAnswer>;

const WindowTextEntries = { start: InstantText, end: InstantText, end_exclusive: Flag };
const WindowError = v.strictObject({ pointer: Text, detail: Text });
const index = about(Count, "The place of the window in the request, from 0.");

/** What the queue did with one window of the request. */
export const WindowOutcome = v.union([
  v.strictObject({
    index,
    outcome: v.literal("queued"),
    id: Count,
    state: v.literal("queued"),
    ...WindowTextEntries,
  }),
  v.strictObject({
    index,
    outcome: v.literal("queued"),
    id: Count,
    state: v.literal("blocked"),
    overlaps: v.array(OverlapItem),
    ...WindowTextEntries,
  }),
  v.strictObject({ index, outcome: v.literal("coalesced"), into: Count, ...WindowTextEntries }),
  v.strictObject({
    index,
    outcome: v.literal("duplicate"),
    of: v.union([
      v.strictObject({ window: Count }),
      v.strictObject({ run: RunIdText }),
      v.strictObject({ runs: v.array(RunIdText) }),
      v.strictObject({ windows: v.array(Count) }),
    ]),
    ...WindowTextEntries,
  }),
  v.strictObject({
    index,
    outcome: v.literal("dropped"),
    reason: v.literal("rate_limited"),
    detail: Text,
    retry_after_seconds: Count,
  }),
  v.strictObject({ index, outcome: v.literal("dropped"), reason: v.literal("too_old"), detail: Text }),
  v.strictObject({
    index,
    outcome: v.literal("dropped"),
    reason: v.literal("invalid"),
    detail: Text,
    errors: v.array(WindowError),
  }),
]);
export type WindowOutcome = v.InferOutput<typeof WindowOutcome>;

export const QueueWindowsAnswer = v.strictObject({
  outcomes: about(v.array(WindowOutcome), "One outcome for each window, in the order of the request."),
  queue: QueueAnswer,
});
export type QueueWindowsAnswer = v.InferOutput<typeof QueueWindowsAnswer>;

const WindowEntries = {
  id: Count,
  kind: v.picklist(["window", "series"]),
  state: v.picklist(WINDOW_STATES),
  state_reason: v.nullable(CodeAndDetail),
  reason: about(Text, "Why the window is replayed."),
  source: TextOrNull,
  actor: Text,
  priority: v.pipe(v.number(), v.integer()),
  created_at: InstantText,
  not_before: InstantOrNull,
  expires_at: about(InstantOrNull, "When the window expires. Null: it no longer waits."),
  attempts: Count,
  max_attempts: Count,
  run: about(v.nullable(RunIdText), "The run of the newest attempt."),
  series: about(CountOrNull, "The series from which this window was cut."),
  into: about(CountOrNull, "The queued window that now covers this window."),
  ...WindowTextEntries,
};
export const WindowItem = v.strictObject(WindowEntries);
export type WindowItem = v.InferOutput<typeof WindowItem>;

export const WindowListAnswer = v.strictObject({
  items: v.array(WindowItem),
  next_cursor: about(TextOrNull, "The `cursor` of the next page. Null after the last page."),
  queue: QueueAnswer,
});
export type WindowListAnswer = v.InferOutput<typeof WindowListAnswer>;

const WindowsByState = Object.fromEntries(WINDOW_STATES.map((state) => [state, v.exactOptional(Count)]));

export const WindowAnswer = v.strictObject({
  ...WindowEntries,
  runs: about(v.array(RunIdText), "The runs of all attempts."),
  overlaps: v.array(OverlapItem),
  chunks: about(
    v.nullable(
      v.strictObject({
        chunk_seconds: Count,
        order: v.picklist(CHUNK_ORDERS),
        skip_sent: Flag,
        left: about(v.nullable(SpanText), "The part of the series that is not cut into windows yet."),
        windows: v.strictObject(
          WindowsByState as Record<
            (typeof WINDOW_STATES)[number],
            v.ExactOptionalSchema<typeof Count, undefined>
          >,
        ),
      }),
    ),
    "What a series has cut, and its windows by state. Null: this is no series.",
  ),
  events: v.array(
    v.strictObject({ event: Count, at: InstantText, actor: Text, kind: Text, detail: EventDetail }),
  ),
});
export type WindowAnswer = v.InferOutput<typeof WindowAnswer>;
