// The schemas of the answers about notifications.
import * as v from "valibot";
import type { CountedOutcome, DeliveryOutcome as OutcomeName, DeliveryView } from "../notifications.ts";
import { CHANNEL_KINDS, COUNTED_OUTCOMES, LANGUAGES } from "../notifications.ts";
import { Count, Flag, InstantOrNull, InstantText, Text, TextOrNull, about, codes, countsOf, named } from "./shapes.ts"; // prettier-ignore

export const DeliveryOutcome = codes<OutcomeName>("DeliveryOutcome", "How one POST to a channel ended.", {
  delivered: "The POST succeeded by the vendor's rule.",
  rate_limited: "HTTP 429, or the vendor's code for too many messages.",
  refused: "Another HTTP status, or another code of the vendor.",
  redirected: "HTTP 3xx, which is not followed.",
  unreadable: "HTTP 200 without the vendor's JSON.",
  timeout: "No complete answer came within 10 s.",
  no_connection: "The connection failed or ended early.",
  bad_channel: "Nothing was sent, because the settings of the channel cannot be used.",
  lost: "The outcome is not known, because the Worker ended during the POST.",
  busy: "Nothing was sent. The test message would have waited longer than 10 s.",
});

export const DeliveryState = codes<DeliveryView["state"]>("DeliveryState", "The state of a delivery.", {
  pending: "The notification waits to be sent, or to be sent again.",
  delivered: "The channel accepted the notification.",
  given_up: "The last attempt failed. The notification is not sent again.",
  failed: "The channel did not accept the test message. A test is not repeated.",
});

const Detail = about(
  TextOrNull,
  "The HTTP status or the vendor's code, never a part of an answer's text. Null: there is none.",
);
const kinds = CHANNEL_KINDS.map((kind) => `\`${kind}\``).join(", ");

const COUNTS: Readonly<Record<CountedOutcome, string>> = {
  delivered: "Notifications that the channel accepted.",
  failed: "Single POSTs that failed and are repeated, and failed test messages.",
  given_up: "Notifications whose last attempt failed.",
};

const Channel = v.strictObject({
  name: about(Text, 'The name of the channel. "entry 2" for an entry without a usable name.'),
  kind: about(
    v.nullable(v.picklist(CHANNEL_KINDS)),
    `The vendor's form of messages: ${kinds}. Null: the channel cannot be used.`,
  ),
  host: about(TextOrNull, "The host and port of the channel. The rest of its URL is a secret."),
  lang: about(
    v.nullable(v.picklist(LANGUAGES)),
    "The language of messages: `en` English, `zh` Chinese. Null: the channel cannot be used.",
  ),
  events: about(v.array(Text), "The types of notifications that the channel gets."),
  fault: about(TextOrNull, "Why the channel cannot be used. Null: the channel can be used."),
  last: about(
    v.nullable(
      v.strictObject({
        at: about(InstantText, "When the POST ended."),
        id: about(Text, "The id of the notification."),
        outcome: about(DeliveryOutcome, "How the POST ended."),
        detail: Detail,
      }),
    ),
    "The last POST to the channel. Null: there was none.",
  ),
  counts: about(
    countsOf(COUNTED_OUTCOMES, (outcome) => COUNTS[outcome]),
    "Counts since the name of the channel was first used.",
  ),
  pending: about(Count, "Notifications that wait to be sent to this channel, or to be sent again."),
});

const Delivery = v.strictObject({
  id: about(Text, "The same on each delivery: `<run>.<event>`, `coverage.<event>` or `test.<uuid>`."),
  type: about(Text, "The type of the notification, such as `run.aborted`."),
  channel: about(
    Text,
    'The name of the channel. "unnamed channels": the names cannot be read, so the notification waits.',
  ),
  state: about(DeliveryState, "The state of the delivery."),
  attempts: about(Count, "POSTs that were begun."),
  at: about(InstantText, "When the event happened."),
  changed_at: about(InstantText, "When this delivery last changed."),
  next_attempt_at: about(InstantOrNull, "When the next attempt begins. Null: no attempt is planned."),
  outcome: about(
    v.nullable(DeliveryOutcome),
    "The outcome of the last attempt, or `lost` while its POST is open. Null before the first.",
  ),
  detail: Detail,
});

export const NotificationsAnswer = named(
  "NotificationsAnswer",
  "The channels, and the state of the newest notifications.",
  v.strictObject({
    public_url: about(TextOrNull, "The var PUBLIC_URL. Null: messages have no link."),
    faults: about(
      v.array(
        v.strictObject({
          name: about(Text, "`PUBLIC_URL` or `NOTIFY_CHANNELS`."),
          detail: about(Text, "Why the setting cannot be used, without its value."),
        }),
      ),
      "Why PUBLIC_URL, or NOTIFY_CHANNELS as a whole, cannot be used.",
    ),
    channels: about(v.array(Channel), "One item for each entry of NOTIFY_CHANNELS."),
    pending: about(v.array(Delivery), "The newest 100 deliveries that wait to be sent or sent again."),
    given_up: about(v.array(Delivery), "The newest 100 deliveries that were given up."),
    recent: about(v.array(Delivery), "The newest 100 deliveries in any state."),
  }),
);
export type NotificationsAnswer = v.InferOutput<typeof NotificationsAnswer>;

export const TestMessagesAnswer = named(
  "TestMessagesAnswer",
  "What each channel answered to a test message.",
  v.strictObject({
    outcomes: about(
      v.array(
        v.strictObject({
          channel: about(Text, "The name of the channel."),
          delivered: about(Flag, "True: the channel accepted the message."),
          outcome: about(DeliveryOutcome, "How the POST ended."),
          detail: Detail,
        }),
      ),
      "One item for each channel that was tested.",
    ),
  }),
);
export type TestMessagesAnswer = v.InferOutput<typeof TestMessagesAnswer>;
