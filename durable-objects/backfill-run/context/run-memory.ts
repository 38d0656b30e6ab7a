// Defines what a run's Durable Object keeps in memory. The values of `pace_json` are also stored, so they survive
// an eviction. After an eviction, all other values start again from safe values.
import { DailyLines, type KeptDay } from "../receiver/daily-lines.ts";
import { HoursMemo } from "../receiver/send-hours.ts";
import { PostFigures, type KeptFigures } from "../receiver/post-figures.ts";
import { RateLimiter, type KeptLimiter } from "../receiver/rate-limiter.ts";
import { Throughput } from "../receiver/throughput.ts";
import type { Verification } from "../ledger/recount.ts";
import { AppliedReports } from "./applied-reports.ts";
import { NewestCalls } from "./newest-calls.ts";
import { ProgressLog, type KeptLog } from "./progress-log.ts";
import { LeasesInFlight } from "./leases-in-flight.ts";
import { RayQuery } from "./ray-query.ts";
import { SendingRunCache } from "./sending-run-cache.ts";
import { SlotRefusal, type KeptRefusal } from "./slot-refusal.ts";
import { SlotRequests } from "./slot-requests.ts";
import { StepBackOff, type StepName } from "./step-back-off.ts";
import type { StorageSide } from "./storage-outage.ts";
import { StorageOutages, type KeptOutages } from "./storage-outages.ts";
import { WakeUps } from "./wake-ups.ts";

/** A sender whose lease was taken back may still send until the lease would have ended. This is the longest such
 * time, in ms. */
const LONGEST_QUIET_MS = 30_000;

/** The steps of the clock that use R2. */
const R2_STEPS: ReadonlySet<StepName> = new Set(["list", "archive", "delete"]);

/** The JSON of `pace_json`, written with every claim and report. Rows that older code wrote lack the optional members. */
export interface KeptMemory extends KeptLimiter, KeptFigures {
  quietAt: number;
  /** The newest time that the clock has shown, in epoch ms. */
  seenNow?: number;
  storage?: KeptOutages;
  daily?: KeptDay;
  slotRefusal?: KeptRefusal | null;
  log?: KeptLog;
}

export class RunMemory {
  readonly limiter: RateLimiter;
  readonly figures: PostFigures;
  readonly storage: StorageOutages;
  readonly daily: DailyLines;
  readonly hours = new HoursMemo();
  readonly slotRefusal: SlotRefusal;
  readonly progressLog: ProgressLog;
  readonly wakeUps = new WakeUps();
  readonly inFlight = new LeasesInFlight();
  readonly newestCalls = new NewestCalls();
  readonly reports = new AppliedReports();
  readonly throughput = new Throughput();
  readonly backOff = new StepBackOff();
  readonly slotRequests = new SlotRequests();
  readonly sendingRunCache = new SendingRunCache();
  readonly rayQuery = new RayQuery();
  /** The recount under way. After an eviction the recount begins again. */
  verification: Verification | null = null;
  /** Until this time a sender whose lease was reclaimed may still act. */
  quietAt: number;
  #seenNow: number;

  constructor(kept: KeptMemory | null, now: number) {
    this.limiter = new RateLimiter(kept, now);
    this.figures = new PostFigures(kept);
    this.storage = new StorageOutages(kept?.storage ?? null);
    this.daily = new DailyLines(kept?.daily ?? null);
    this.slotRefusal = new SlotRefusal(kept?.slotRefusal ?? null);
    this.progressLog = new ProgressLog(kept?.log ?? null, now);
    this.quietAt = kept?.quietAt ?? 0;
    this.#seenNow = kept?.seenNow ?? now;
  }

  keep(): KeptMemory {
    const { quietAt, limiter, figures } = this;
    const seenNow = this.#seenNow;
    const [storage, daily, slotRefusal] = [this.storage.keep(), this.daily.keep(), this.slotRefusal.reason];
    const log = this.progressLog.keep();
    return { ...limiter.keep(), ...figures.keep(), seenNow, quietAt, storage, daily, slotRefusal, log };
  }

  /** Records that R2 failed. `side`: senders, parsers or the clock. `key`: the attempt, file or step that failed. */
  storageFailed(side: StorageSide, key: string, detail: string, now: number): void {
    this.figures.failed("storage");
    this.storage.failed(side, key, detail, now);
  }

  stepFailed(step: StepName, detail: string, now: number): void {
    if (R2_STEPS.has(step)) this.storageFailed("clock", step, detail, now);
    this.backOff.failed(step, now);
  }

  stepWorked(step: StepName): void {
    if (R2_STEPS.has(step)) this.storage.clock = null;
    this.backOff.worked(step);
  }

  /** By how many milliseconds the clock is behind its newest reading. 0 if the difference is at most `toleratedMs`. */
  clockWentBack(now: number, toleratedMs: number): number {
    const backMs = this.#seenNow - now;
    if (backMs > 0 && backMs <= toleratedMs) return 0;
    this.#seenNow = now;
    return Math.max(0, backMs);
  }

  /** Handles a clock that was set back: moves all times in memory back, and shortens waits to their longest length. */
  setBack(backMs: number, now: number): void {
    this.quietAt = Math.min(this.quietAt - backMs, now + LONGEST_QUIET_MS);
    this.limiter.setBack(backMs, now);
    this.backOff.setBack(backMs, now);
    this.storage.setBack(backMs, now);
    this.inFlight.setBack(backMs);
    this.throughput.setBack(backMs, now);
    this.progressLog.setBack(backMs);
  }
}
