// Builds the answer of GET /notifications. It shows only the host of a channel, never its URL or a secret.
import { iso, isoOrNull } from "../../../src/contract/instants.ts";
import { NOTICE_TYPES } from "../../../src/contract/notices.ts";
import {
  COUNTED_OUTCOMES,
  type ChannelCount,
  type ChannelView,
  type DeliveryView,
  type NotificationsView,
} from "../../../src/contract/notifications.ts";
import { isNamed, type ChannelSetting } from "../../../src/platform/channel-kinds.ts";
import type { NotifySettings } from "../../../src/platform/notify-settings.ts";
import type { NotifierStore, ShownDelivery } from "../store.ts";
import { UNNAMED_CHANNELS } from "../unnamed-rows.ts";

const SHOWN = 100;

export function notificationsView(store: NotifierStore, settings: NotifySettings): NotificationsView {
  const { channels, publicUrl } = settings;
  const pending = store.pendingByChannel();
  const counts = store.counts();
  return {
    public_url: publicUrl.url,
    faults: [
      ...(channels.fault === null ? [] : [{ name: "NOTIFY_CHANNELS", detail: channels.fault }]),
      ...(publicUrl.fault === null ? [] : [{ name: "PUBLIC_URL", detail: publicUrl.fault }]),
    ],
    channels: channels.channels.map((one) => {
      const name = isNamed(one) ? one.name : UNNAMED_CHANNELS;
      return channelView(store, one, counts, pending.get(name) ?? 0);
    }),
    pending: store.shown("pending", SHOWN).map(deliveryView),
    given_up: store.shown("given_up", SHOWN).map(deliveryView),
    recent: store.shown(null, SHOWN).map(deliveryView),
  };
}

/** One count for each channel and outcome, even if it is 0. A channel that was removed from the settings keeps its
 * counts. */
export function allCounts(store: NotifierStore, { channels }: NotifySettings): ChannelCount[] {
  const counts = store.counts();
  const names = new Set([
    ...channels.channels.map(({ name }) => name),
    ...counts.map(({ channel }) => channel),
  ]);
  return [...names]
    .toSorted()
    .flatMap((channel) =>
      COUNTED_OUTCOMES.map((outcome) => ({ channel, outcome, count: countOf(counts, channel, outcome) })),
    );
}

function channelView(
  store: NotifierStore,
  channel: ChannelSetting,
  counts: readonly ChannelCount[],
  pending: number,
): ChannelView {
  const { last } = store.channel(channel.name);
  const shown = channel.ok
    ? {
        kind: channel.kind,
        host: new URL(channel.url).host,
        lang: channel.lang,
        events: [...channel.events],
        fault: null,
      }
    : { kind: null, host: null, lang: null, events: [...NOTICE_TYPES], fault: channel.fault };
  const [delivered, failed, given_up] = COUNTED_OUTCOMES.map((one) => countOf(counts, channel.name, one));
  return {
    name: channel.name,
    ...shown,
    last: last && { at: iso(last.at), id: last.noticeId, outcome: last.outcome, detail: last.detail },
    counts: { delivered: delivered ?? 0, failed: failed ?? 0, given_up: given_up ?? 0 },
    pending,
  };
}

function countOf(counts: readonly ChannelCount[], channel: string, outcome: string): number {
  return counts.find((one) => one.channel === channel && one.outcome === outcome)?.count ?? 0;
}

function deliveryView(row: ShownDelivery): DeliveryView {
  const { noticeId, type, channel, state, attempts, at, changedAt, dueAt, outcome, detail } = row;
  // The due time of such a row is the end of its waiting, not an attempt.
  const nextAt = channel === UNNAMED_CHANNELS ? null : dueAt;
  const times = { at: iso(at), changed_at: iso(changedAt), next_attempt_at: isoOrNull(nextAt) };
  return { id: noticeId, type, channel, state, attempts, ...times, outcome, detail };
}
