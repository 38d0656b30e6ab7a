// The Coverage Durable Object, one for each bucket. Coverage shows which part of a range the live worker delivered.
// This file is the shell: RPC methods and alarm(). The rules are in rules/, the SQL in store.ts, the steps in
// work/.
//
// An RPC method answers at once with what is known, stores the wanted range, and wakes the clock. Only alarm()
// lists R2. The alarm works in bounded turns, and stops two minutes after the last request.
import { DurableObject } from "cloudflare:workers";
import type {
  CoverageApi, CoverageDetail, CoverageFilesView, CoverageRange, CoverageView, CoverageWindow,
} from "../../src/contract/coverage.ts"; // prettier-ignore
import { Clock } from "../../src/platform/clock.ts";
import { logLevelOf, readConfig } from "../../src/platform/config.ts";
import { notifierObject } from "../../src/platform/objects.ts";
import { Outbox } from "../../src/outbox/outbox.ts";
import type { CoverageNotice } from "../../src/contract/notices.ts";
import type { Env } from "../../src/platform/env.ts";
import { createLog, errorText, type Log } from "../../src/platform/log.ts";
import type { CoverageMetrics } from "../../src/contract/coverage-metrics.ts";
import type { AutoReplayMode, AutoReplayView } from "../../src/contract/auto-replay.ts";
import type { ChangedBy } from "../../src/contract/windows.ts";
import { AutoReplay, lastDay } from "./auto/auto-replay.ts";
import { AutoRows } from "./auto/auto-rows.ts";
import { CoverageNotices } from "./auto/coverage-notices.ts";
import { autoReplayView, proposalsIn } from "./auto/auto-view.ts";
import { livePorts } from "./auto/ports.ts";
import migration0001 from "./migrations/0001-coverage.sql";
import migration0002 from "./migrations/0002-auto-replay.sql";
import migration0003 from "./migrations/0003-outbox.sql";
import { liveLister } from "./lister.ts";
import { hoursOf } from "./rules/hours.ts";
import { CoverageStore } from "./store.ts";
import { dayMetrics } from "./views/day-metrics.ts";
import { filesOf, windowOf } from "./views/file-views.ts";
import { viewOf } from "./views/range-view.ts";
import type { CoverageSettings, Tools } from "./work/context.ts";
import { takeTurn } from "./work/turn.ts";

const MIGRATIONS = [
  { name: "0001-coverage", sql: migration0001 },
  { name: "0002-auto-replay", sql: migration0002 },
  { name: "0003-outbox", sql: migration0003 },
];

/** A page of the UI repeats its request every second. Coverage stores the same request again only after this time. */
const ASK_AGAIN_MS = 10_000;
/** The longest wait after failed turns. The waits double: 1 s, 2 s, 4 s … */
const LONGEST_WAIT_MS = 30_000;
const SETTINGS = "settings";
/** Raise this number when new code computes other cells from the same files. The cached rows are then deleted. */
const RULES_OF_CELLS = 2;

export class Coverage extends DurableObject<Env> implements CoverageApi {
  readonly #store: CoverageStore;
  readonly #lister;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #autoRows: AutoRows;
  readonly #auto: AutoReplay;
  readonly #notices: CoverageNotices;
  #failures = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = createLog(logLevelOf(env));
    this.#store = new CoverageStore(ctx.storage, MIGRATIONS);
    this.#autoRows = new AutoRows(ctx.storage.sql);
    const ports = { notify: (notice: CoverageNotice) => notifierObject(env).accept(notice) };
    this.#notices = new CoverageNotices(new Outbox(ctx.storage.sql), this.#autoRows, ports, this.#log);
    this.#auto = new AutoReplay(this.#autoRows, livePorts(env), this.#notices, this.#log);
    this.#lister = liveLister(env.LOGS, Date.now);
    this.#clock = new Clock({
      storage: ctx.storage,
      now: Date.now,
      turn: () => this.#turn(),
      failed: (error) => this.#log("error", "coverage.alarm_failed", { error: errorText(error) }),
    });
    void ctx.blockConcurrencyWhile(() => this.#clock.rearm());
  }

  override async alarm(): Promise<void> {
    await this.#clock.tick();
  }

  async view(range: CoverageRange, detail: CoverageDetail, columns: boolean): Promise<CoverageView> {
    return this.#asked(range, detail, (tools) => this.#view(tools, range, detail, columns));
  }

  async files(range: CoverageRange): Promise<CoverageFilesView> {
    return this.#asked(range, "exact", (tools) => filesOf(tools, range));
  }

  async window(range: CoverageRange, detail: CoverageDetail, after: string | null): Promise<CoverageWindow> {
    return this.#asked(range, detail, (tools) => windowOf(tools, range, detail, after));
  }

  async refresh(range: CoverageRange, detail: CoverageDetail): Promise<CoverageView> {
    return this.#asked(range, detail, (tools) => {
      tools.store.makeDue(hoursOf(range), tools.now());
      return this.#view(tools, range, detail, false);
    });
  }

  async metrics(): Promise<CoverageMetrics> {
    const tools = this.#tools();
    this.#auto.scraped(tools.now());
    await this.wake();
    return dayMetrics(tools, lastDay(tools.now()), this.#autoRows.countsByState());
  }

  async autoReplay(): Promise<AutoReplayView> {
    return autoReplayView(this.#autoRows, this.#auto, readConfig(this.env), Date.now());
  }

  async switchAutoReplay(mode: AutoReplayMode, by: ChangedBy): Promise<AutoReplayView> {
    const config = readConfig(this.env);
    this.ctx.storage.transactionSync(() => this.#auto.switchTo(mode, by, config, Date.now()));
    if (mode !== "off") this.#clock.soon();
    return this.autoReplay();
  }

  async wake(): Promise<void> {
    const now = Date.now();
    const due = this.#auto.nextLookAt(readConfig(this.env), now);
    if (due !== null && this.#failures === 0) this.#clock.wakeBy(Math.max(due, now + 1));
  }

  async notificationGivenUp(event: number, channel: string): Promise<void> {
    this.#notices.givenUp(event, channel, Date.now());
  }

  #view(tools: Tools, range: CoverageRange, detail: CoverageDetail, columns: boolean): CoverageView {
    const { limits, ...view } = viewOf(tools, range, detail, columns);
    return { ...view, proposals: proposalsIn(this.#autoRows, range), limits };
  }

  #asked<View extends { complete: boolean }>(
    range: CoverageRange,
    detail: CoverageDetail,
    show: (tools: Tools) => View,
  ): View {
    const tools = this.#tools();
    const hours = hoursOf(range);
    const [firstHour = 0, lastHour = firstHour] = [hours[0], hours.at(-1)];
    const ask = { firstHour, lastHour, detail, askedAt: Date.now() };
    this.#store.saveWantedRange(ask, ASK_AGAIN_MS);
    const view = show(tools);
    if (!view.complete && this.#failures === 0) this.#clock.soon();
    return view;
  }

  async #turn(): Promise<number | null> {
    // Notices are sent even if R2 fails or a var cannot be used.
    await this.#notices.handOver(Date.now);
    try {
      const tools = this.#tools();
      const config = readConfig(this.env);
      this.#auto.begin(tools, config);
      const next = await takeTurn(tools);
      const look = await this.#auto.finish(tools, config);
      const notice = await this.#notices.handOver(Date.now);
      this.#failures = 0;
      const times = [next, look, notice].filter((at) => at !== null);
      return times.length > 0 ? Math.min(...times) : null;
    } catch (error) {
      this.#failures += 1;
      const waitMs = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** (this.#failures - 1));
      this.#log("warn", "coverage.turn_failed", { error: errorText(error), retry_in_ms: waitMs });
      return Date.now() + waitMs;
    }
  }

  #tools(): Tools {
    const settings = settingsOf(this.env);
    const { logPrefix, livePrefix, singleStampSpanMs } = settings;
    // When one of these settings changes, every key means something else. The rows are then deleted.
    const names = JSON.stringify({ logPrefix, livePrefix, singleStampSpanMs, rules: RULES_OF_CELLS });
    if (this.#store.memo(SETTINGS) !== names) {
      this.#store.transaction(() => {
        this.#store.forgetAll();
        this.#store.saveMemo(SETTINGS, names);
      });
    }
    return { store: this.#store, settings, lister: this.#lister, now: Date.now };
  }
}

/** @throws Error when a var cannot be used. The API then refuses every request before it calls Coverage. */
function settingsOf(env: Env): CoverageSettings {
  const { logPrefix, livePrefix, coverageSettleMs, singleStampSpanMs, lookbackMs } = readConfig(env);
  return { logPrefix, livePrefix, settleMs: coverageSettleMs, singleStampSpanMs, lookbackMs };
}
