// The RPC methods of the Notifier Durable Object. The Notifier accepts notices, delivers them to channels, and
// shows the outcomes. Plain data. Names of answers are snake_case, because the API passes them on unchanged.
import type { Notice } from "./notices.ts";

/** The name of the Notifier. Each deployment has one Notifier Durable Object. */
export const NOTIFIER_NAME = "notifier";

export const CHANNEL_KINDS = ["standard", "slack", "dingtalk", "feishu", "wecom"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** How one POST to a channel ended.
 * - delivered: the vendor's rule for success is met.
 * - rate_limited: HTTP 429, or the vendor's code for too many messages.
 * - refused: another HTTP status, or another code of the vendor.
 * - redirected: an answer 3xx. The redirect is not followed.
 * - unreadable: HTTP 200 without the vendor's JSON.
 * - timeout: no complete answer in time.
 * - no_connection: the connection failed or ended early.
 * - bad_channel: the settings of the channel cannot be used, or the channel was removed.
 * - lost: the Worker ended during the POST.
 * - busy: a test message that would wait too long for the channel's rate limit. Nothing was sent. */
const DELIVERY_OUTCOMES = [
  "delivered",
  "rate_limited",
  "refused",
  "redirected",
  "unreadable",
  "timeout",
  "no_connection",
  "bad_channel",
  "lost",
  "busy",
] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

/** What the metric `backfill_notifications_total` counts. `failed`: one POST that will be repeated, or a failed test.
 * `given_up`: a notice whose last attempt failed. */
export const COUNTED_OUTCOMES = ["delivered", "failed", "given_up"] as const;
export type CountedOutcome = (typeof COUNTED_OUTCOMES)[number];

export interface ChannelView {
  /** "entry 2" for an entry without a usable name. */
  name: string;
  kind: ChannelKind | null;
  /** Host and port. The rest of the URL is a secret. */
  host: string | null;
  lang: Language | null;
  /** The types of notices that the channel gets. */
  events: string[];
  /** Why the channel cannot be used. The text never repeats the value of a setting. Null: the channel can be used. */
  fault: string | null;
  last: { at: string; id: string; outcome: DeliveryOutcome; detail: string | null } | null;
  counts: { [Outcome in CountedOutcome]: number };
  pending: number;
}

export interface DeliveryView {
  id: string;
  type: string;
  /** "unnamed channels" while the notice waits for the names in NOTIFY_CHANNELS. */
  channel: string;
  state: "pending" | "delivered" | "given_up" | "failed";
  /** How many POSTs were begun. */
  attempts: number;
  /** When the event happened. */
  at: string;
  changed_at: string;
  /** When the next attempt begins. Null: no attempt is planned. */
  next_attempt_at: string | null;
  /** The outcome of the last attempt. Null before the first attempt. */
  outcome: DeliveryOutcome | null;
  /** "HTTP 503" or a code of the vendor. Never a part of an answer's text. */
  detail: string | null;
}

export interface NotificationsView {
  public_url: string | null;
  /** Why PUBLIC_URL or NOTIFY_CHANNELS as a whole cannot be used. */
  faults: { name: string; detail: string }[];
  channels: ChannelView[];
  /** Each list has at most 100, newest first. */
  pending: DeliveryView[];
  given_up: DeliveryView[];
  recent: DeliveryView[];
}

export interface ChannelCount {
  channel: string;
  outcome: CountedOutcome;
  count: number;
}

export interface TestOutcome {
  channel: string;
  delivered: boolean;
  outcome: DeliveryOutcome;
  detail: string | null;
}
export type TestAnswer =
  { ok: true; outcomes: TestOutcome[] } | { ok: false; code: "unknown_channel"; channels: string[] };

export interface NotifierApi {
  /** Takes a notice once. A repeated id changes nothing. */
  accept(notice: Notice): Promise<void>;
  /** Sends a test message now, to one channel or to all. A test message is sent once and not repeated. */
  sendTest(channel: string | null, actor: string): Promise<TestAnswer>;
  view(): Promise<NotificationsView>;
  /** One row for each channel and outcome. Counts survive evictions and removed channels. */
  counts(): Promise<ChannelCount[]>;
}
