// Delivers notices to channels. Each attempt is written to SQL before its POST begins. So the attempt still counts
// when the Durable Object is evicted or stopped during the POST. alarm() does not wait for a POST to end.
import type { Notice } from "../../../src/contract/notices.ts";
import type { TestAnswer, TestOutcome } from "../../../src/contract/notifications.ts";
import {
  areAllNamed,
  isNamed,
  type ChannelSetting,
  type ChannelSettings,
} from "../../../src/platform/channel-kinds.ts";
import { errorText } from "../../../src/platform/log.ts";
import type { NotifySettings } from "../../../src/platform/notify-settings.ts";
import { channelRequest } from "../channels/channel-request.ts";
import type { Judged } from "../channels/judge-answer.ts";
import { postToChannel } from "../channels/post-to-channel.ts";
import { ATTEMPT_LEASE_MS, planDeliveries } from "../rules/plan-deliveries.ts";
import { gapMs, retryAt } from "../rules/retries.ts";
import { typesOf, wants } from "../rules/wanted-types.ts";
import type { NotifierStore, PendingDelivery } from "../store.ts";
import { GivenUpReports, type ReportDeps } from "./given-up-reports.ts";
import { UNNAMED_CHANNELS } from "../unnamed-rows.ts";

export interface DelivererDeps extends ReportDeps {
  store: NotifierStore;
  settings: () => NotifySettings;
  /** Returns a random number from 0 to 1. */
  random: () => number;
  wait: (ms: number) => Promise<void>;
  /** Sets the alarm to the next possible time. */
  wake: () => void;
  /** Keeps the Durable Object in memory until `work` ends. */
  keepAlive: (work: Promise<void>) => void;
}

/** How long a test message may wait until the channel may get its next message. */
const LONGEST_TEST_WAIT_MS = 10_000;
const KEPT_MS = 30 * 86_400_000;
/** The longest time between two alarms. So a clock that was set back delays a delivery by no more than this. */
const LONGEST_SLEEP_MS = 300_000;
const BAD_CHANNEL: Judged = { outcome: "bad_channel", detail: null, waitMs: 0 };

export class Deliverer {
  readonly #deps: DelivererDeps;
  /** The channels whose POST has not ended. */
  readonly #busy = new Set<string>();
  readonly #reports: GivenUpReports;

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
    this.#reports = new GivenUpReports(deps);
  }

  /** Stores a notice, and creates a delivery for each channel that wants notices of this type. A wrongly configured
   * channel gets a delivery too, because it may be corrected before the last attempt. While the name of a channel is
   * not known, the notice also waits for this name. */
  accept(notice: Notice): void {
    const { store, settings, now } = this.#deps;
    const list = settings().channels;
    store.transaction(() => {
      if (!store.addNotice(notice, JSON.stringify(notice), now())) return;
      for (const channel of list.channels.filter(isNamed))
        if (wants(channel, notice.type)) store.addDelivery(notice.id, channel.name, now(), now());
      if (!areAllNamed(list)) store.unnamed.add(notice.id, now() + KEPT_MS, now());
    });
  }

  /** Does the work of one alarm. Returns the time of the next alarm. Null: no delivery is pending. */
  async turn(): Promise<number | null> {
    const { store, settings, now } = this.#deps;
    store.prune(now() - KEPT_MS);
    const isWaitingForNames = this.#addNamed();
    const opensAt = (channel: string): number => store.channel(channel).opensAt;
    const pending = store.pending();
    const known = pending.filter(isKnownIn(settings().channels));
    const { start, giveUp, wakeAt } = planDeliveries(known, opensAt, this.#busy, now());
    for (const row of giveUp) this.#ended(row, { outcome: "lost", detail: null, waitMs: 0 });
    for (const row of start) this.#begin(row);
    const reportAt = await this.#reports.send();
    const times = [wakeAt, reportAt].filter((at) => at !== null);
    const isWaiting = times.length > 0 || isWaitingForNames || known.length < pending.length;
    return isWaiting ? Math.min(...times, now() + LONGEST_SLEEP_MS) : null;
  }

  /** Creates the deliveries of the notices that waited for a channel's name, as far as the names are known now.
   * Returns true when notices still wait. */
  #addNamed(): boolean {
    const { store, settings, now, log } = this.#deps;
    if (!store.unnamed.some()) return false;
    const list = settings().channels;
    const givenUp = store.transaction(() => {
      for (const channel of list.channels.filter(isNamed))
        store.unnamed.addDeliveries(channel.name, typesOf(channel), now());
      if (areAllNamed(list)) store.unnamed.remove();
      const ended = store.unnamed.giveUp(now());
      for (const _ of ended) store.count(UNNAMED_CHANNELS, "given_up");
      return ended;
    });
    const fields = { channel: UNNAMED_CHANNELS, attempts: 0, outcome: "bad_channel", detail: null };
    for (const id of givenUp) log("error", "notification.given_up", { id, ...fields });
    return store.unnamed.some();
  }

  /** Sends a test message at once. A failed test message is not sent again. */
  async sendTest(name: string | null, actor: string): Promise<TestAnswer> {
    const { settings, store, now } = this.#deps;
    const all = settings().channels.channels;
    const chosen = name === null ? all : all.filter((channel) => channel.name === name);
    if (name !== null && chosen.length === 0)
      return { ok: false, code: "unknown_channel", channels: all.map((channel) => channel.name) };
    const notice: Notice = { id: `test.${crypto.randomUUID()}`, type: "test", at: now(), data: { actor } };
    store.addNotice(notice, JSON.stringify(notice), now());
    return { ok: true, outcomes: await Promise.all(chosen.map((channel) => this.#testOne(notice, channel))) };
  }

  async #testOne(notice: Notice, channel: ChannelSetting): Promise<TestOutcome> {
    const { store, now, wait } = this.#deps;
    const { name } = channel;
    const opensAt = Math.max(now(), store.channel(name).opensAt);
    const waitMs = opensAt - now();
    let judged: Judged = { outcome: "busy", detail: null, waitMs: 0 };
    if (waitMs <= LONGEST_TEST_WAIT_MS) {
      this.#close(channel, opensAt);
      if (waitMs > 0) await wait(waitMs);
      judged = await this.#post(notice, channel);
    }
    const isDelivered = judged.outcome === "delivered";
    store.transaction(() => {
      const state = isDelivered ? "delivered" : "failed";
      const { outcome, detail } = judged;
      const attempts = outcome === "busy" ? 0 : 1;
      store.addSettled(
        notice.id,
        name,
        { state, attempts, dueAt: null, outcome, detail, untold: false },
        now(),
      );
      if (outcome !== "busy") this.#remember(notice.id, name, judged, isDelivered ? "delivered" : "failed");
    });
    return { channel: name, delivered: isDelivered, outcome: judged.outcome, detail: judged.detail };
  }

  /** Writes the attempt, then starts its POST. Does not wait for the end of the POST. */
  #begin(row: PendingDelivery): void {
    const { store, now, keepAlive, wake, log } = this.#deps;
    const notice = store.notice(row.noticeId);
    if (notice === null) throw new Error("a delivery without its notice");
    const channel = this.#channel(row.channel);
    const attempts = row.attempts + 1;
    store.transaction(() => {
      if (row.outcome === "lost") store.count(row.channel, "failed");
      const lease = { state: "pending", dueAt: now() + ATTEMPT_LEASE_MS } as const;
      const lost = { outcome: "lost", detail: null, untold: false } as const;
      store.changeDelivery(row.delivery, { ...lease, ...lost, attempts }, now());
      if (channel) this.#close(channel, now());
    });
    this.#busy.add(row.channel);
    const work = (channel ? this.#post(notice, channel) : Promise.resolve(BAD_CHANNEL))
      .then((judged) => this.#ended({ ...row, attempts }, judged))
      .catch((error: unknown) =>
        log("error", "notification.not_recorded", { id: row.noticeId, error: errorText(error) }),
      )
      .finally(() => {
        this.#busy.delete(row.channel);
        wake();
      });
    keepAlive(work);
  }

  async #post(notice: Notice, channel: ChannelSetting): Promise<Judged> {
    if (!channel.ok) return BAD_CHANNEL;
    const { settings, now } = this.#deps;
    const request = await channelRequest(notice, channel, settings().publicUrl.url, now());
    return postToChannel(channel.kind, request);
  }

  /** Writes the outcome of an attempt. */
  #ended({ delivery, noticeId, channel, attempts }: PendingDelivery, judged: Judged): void {
    const { store, now, random, log } = this.#deps;
    // This attempt ended late and has already counted as lost. A later attempt has begun, or the delivery has ended.
    if (store.pendingOne(delivery)?.attempts !== attempts) return;
    const { outcome, detail, waitMs } = judged;
    const setting = this.#channel(channel);
    const kind = setting?.ok ? setting.kind : null;
    const isDelivered = outcome === "delivered";
    const next = isDelivered ? null : retryAt({ attempts, kind, askedMs: waitMs, random: random() }, now());
    const isGivenUp = !isDelivered && next === null;
    const state = isDelivered ? "delivered" : isGivenUp ? "given_up" : "pending";
    store.transaction(() => {
      store.changeDelivery(
        delivery,
        { state, attempts, dueAt: next, outcome, detail, untold: isGivenUp },
        now(),
      );
      this.#remember(
        noticeId,
        channel,
        judged,
        isDelivered ? "delivered" : isGivenUp ? "given_up" : "failed",
      );
    });
    const fields = { id: noticeId, channel, attempts, outcome, detail };
    if (isDelivered) log("info", "notification.delivered", fields);
    else if (isGivenUp) log("error", "notification.given_up", fields);
    else log("warn", "notification.failed", { ...fields, retry_in_ms: (next ?? now()) - now() });
  }

  #remember(
    noticeId: string,
    channel: string,
    { outcome, detail, waitMs }: Judged,
    counted: "delivered" | "failed" | "given_up",
  ): void {
    const { store, now } = this.#deps;
    const { opensAt } = store.channel(channel);
    const last = { at: now(), noticeId, outcome, detail };
    store.saveChannel(channel, { opensAt: Math.max(opensAt, waitMs === 0 ? 0 : now() + waitMs), last });
    store.count(channel, counted);
  }

  /** Forbids messages to the channel for the shortest time that its vendor demands between two messages. */
  #close(channel: ChannelSetting, from: number): void {
    const { store } = this.#deps;
    const opensAt = from + gapMs(channel.ok ? channel.kind : null);
    store.saveChannel(channel.name, { ...store.channel(channel.name), opensAt });
  }

  #channel(name: string): ChannelSetting | undefined {
    return this.#deps.settings().channels.channels.find((channel) => channel.name === name);
  }
}

/** False: the list does not name all channels, and does not name this one. It may be there after a correction, so its
 * deliveries wait and lose no attempt. */
function isKnownIn(list: ChannelSettings): (row: PendingDelivery) => boolean {
  const names = new Set(list.channels.map(({ name }) => name));
  const isComplete = areAllNamed(list);
  return ({ channel }) => isComplete || names.has(channel);
}
