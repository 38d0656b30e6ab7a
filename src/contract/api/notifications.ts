// The schemas of the answers about notifications.
import * as v from "valibot";
import { CHANNEL_KINDS, COUNTED_OUTCOMES, DELIVERY_OUTCOMES, LANGUAGES } from "../notifications.ts";
import { Count, Flag, InstantOrNull, InstantText, Text, TextOrNull, about, eachOf } from "./shapes.ts";

const Outcome = v.picklist(DELIVERY_OUTCOMES);
const Detail = about(TextOrNull, "The HTTP status or the vendor's code. Never a part of an answer's text.");

const Channel = v.strictObject({
  name: about(Text, '"entry 2" for an entry without a usable name.'),
  kind: v.nullable(v.picklist(CHANNEL_KINDS)),
  host: about(TextOrNull, "The host and port of the channel. The rest of its URL is a secret."),
  lang: v.nullable(v.picklist(LANGUAGES)),
  events: about(v.array(Text), "The types of notifications that the channel gets."),
  fault: about(TextOrNull, "Why the channel cannot be used. Null: it can be used."),
  last: v.nullable(v.strictObject({ at: InstantText, id: Text, outcome: Outcome, detail: Detail })),
  counts: about(
    eachOf(COUNTED_OUTCOMES, Count),
    "`failed` counts single POSTs. `given_up` counts notifications.",
  ),
  pending: Count,
});

const Delivery = v.strictObject({
  id: about(Text, "The same on each delivery: `<run>.<event>`, `coverage.<event>` or `test.<uuid>`."),
  type: Text,
  channel: Text,
  state: v.picklist(["pending", "delivered", "given_up", "failed"]),
  attempts: about(Count, "POSTs that were begun."),
  at: about(InstantText, "When the event happened."),
  changed_at: InstantText,
  next_attempt_at: about(InstantOrNull, "When the next attempt begins. Null: there is no further attempt."),
  outcome: about(v.nullable(Outcome), "The outcome of the last attempt. Null before the first."),
  detail: Detail,
});

export const NotificationsAnswer = v.strictObject({
  public_url: TextOrNull,
  faults: about(
    v.array(v.strictObject({ name: Text, detail: Text })),
    "Why PUBLIC_URL, or NOTIFY_CHANNELS as a whole, cannot be used.",
  ),
  channels: v.array(Channel),
  pending: about(v.array(Delivery), "The newest 100 that wait to be sent or sent again."),
  given_up: about(v.array(Delivery), "The newest 100 that were given up."),
  recent: about(v.array(Delivery), "The newest 100 in any state."),
});
export type NotificationsAnswer = v.InferOutput<typeof NotificationsAnswer>;

export const TestMessagesAnswer = v.strictObject({
  outcomes: v.array(v.strictObject({ channel: Text, delivered: Flag, outcome: Outcome, detail: Detail })),
});
export type TestMessagesAnswer = v.InferOutput<typeof TestMessagesAnswer>;
