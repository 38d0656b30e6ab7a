// The Notifier, one Durable Object for each deployment. It receives notices from the outboxes of runs and of
// Coverage, and delivers them to channels. Only the Notifier posts to channels, so no run waits for a channel. This
// file contains the RPC methods and alarm().
import { DurableObject } from "cloudflare:workers";
import { ownerOf, type Notice } from "../../src/contract/notices.ts";
import type {
  ChannelCount,
  NotificationsView,
  NotifierApi,
  TestAnswer,
} from "../../src/contract/notifications.ts";
import { Clock } from "../../src/platform/clock.ts";
import { logLevelOf } from "../../src/platform/config.ts";
import type { Env } from "../../src/platform/env.ts";
import { createLog, errorText } from "../../src/platform/log.ts";
import { notifySettingsOf } from "../../src/platform/notify-settings.ts";
import { coverageObject, runObject } from "../../src/platform/objects.ts";
import { Deliverer } from "./delivery/deliverer.ts";
import { NotifierStore } from "./store.ts";
import { allCounts, notificationsView } from "./views/notifications-view.ts";

export class Notifier extends DurableObject<Env> implements NotifierApi {
  readonly #store: NotifierStore;
  readonly #clock: Clock;
  readonly #deliverer: Deliverer;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const log = createLog(logLevelOf(env));
    this.#store = new NotifierStore(ctx.storage);
    this.#deliverer = new Deliverer({
      store: this.#store,
      settings: () => notifySettingsOf(env),
      log,
      now: Date.now,
      random: Math.random,
      wait: (ms) => scheduler.wait(ms),
      wake: () => this.#clock.soon(),
      keepAlive: (work) => ctx.waitUntil(work),
      reportGivenUp: (noticeId, channel) => reportToOwner(env, noticeId, channel),
    });
    this.#clock = new Clock({
      storage: ctx.storage,
      now: Date.now,
      turn: () => this.#deliverer.turn(),
      failed: (error) => log("error", "notification.alarm_failed", { error: errorText(error) }),
    });
    void ctx.blockConcurrencyWhile(() => this.#clock.rearm());
  }

  override async alarm(): Promise<void> {
    await this.#clock.tick();
  }

  async accept(notice: Notice): Promise<void> {
    this.#deliverer.accept(notice);
    this.#clock.soon();
  }

  async sendTest(channel: string | null, actor: string): Promise<TestAnswer> {
    return this.#deliverer.sendTest(channel, actor);
  }

  async view(): Promise<NotificationsView> {
    return notificationsView(this.#store, notifySettingsOf(this.env));
  }

  async counts(): Promise<ChannelCount[]> {
    return allCounts(this.#store, notifySettingsOf(this.env));
  }
}

/** Tells the run or Coverage that a channel gave up. No run and no Coverage wrote a test message, so this call does
 * nothing for a test message. */
async function reportToOwner(env: Env, noticeId: string, channel: string): Promise<void> {
  const owner = ownerOf(noticeId);
  if (owner?.kind === "run") await runObject(env, owner.run).notificationGivenUp(owner.event, channel);
  else if (owner) await coverageObject(env).notificationGivenUp(owner.event, channel);
}
