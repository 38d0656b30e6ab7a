// The schemas of the audit trails: of a run, of a window of the queue, and of the watch for holes.
import * as v from "valibot";
import { AnyMembers, Count, InstantText, Text, about, named, pageOf } from "./shapes.ts";

export const EventItem = named(
  "EventItem",
  "One event of an audit trail.",
  v.strictObject({
    event: about(Count, "The number of the event. A later event has a higher number."),
    at: about(InstantText, "When the event happened."),
    actor: about(Text, "Who made the change. `system` or `system:auto-replay`: the service itself."),
    kind: about(Text, "What happened, as a code."),
    detail: about(AnyMembers, "The details. Each kind has its own members, such as the operator's `note`."),
  }),
);
export type EventItem = v.InferOutput<typeof EventItem>;

export const EventListAnswer = pageOf("EventListAnswer", ["events", "oldest first"], EventItem);
export type EventListAnswer = v.InferOutput<typeof EventListAnswer>;
