// What the object keeps only while it lives, about sending: the window log, how late senders are, who is sending.
// Nothing here must survive: after an eviction it is rebuilt more cautiously than it was.
import { AckHistogram, MovingP95 } from "../receiver/latency.ts";
import {
  PLAUSIBLE_AHEAD_MS,
  followClock,
  freshPace,
  persistPace,
  restorePace,
  type PaceState,
  type PersistedPace,
} from "../receiver/pace.ts";
import { BELLS_PER_INVOCATION, INVOCATION_SEEN_MS, type StepName } from "./wake-ups.ts";
import { rateSetBack, startRate, type RateState } from "../receiver/rate.ts";
import { SlotRequests } from "./slot-requests.ts";
import { LONGEST_PAUSE_MS, storageFailed, type StorageOutage, type StorageSide } from "./storage-outage.ts";
import type { Verification } from "../ledger/recount.ts";

/** A bell that brought nobody within this time was lost. */
const BELL_LOST_MS = 5_000;
/** Body fetched: never assumed faster than this, never waited for longer. Milliseconds. */
const READY_FLOOR_MS = 20;
const READY_CEILING_MS = 400;
const LATE_CEILING_MS = 500;
/** Reports are repeated within a minute; so many are remembered. */
const MAX_REPORTED = 10_000;
const RATE_WINDOW_MS = 10_000;
const LONGEST_BLOCK_MS = 30_000;
/** A holder whose lease was taken away may act until the end of that lease. */
const LONGEST_QUIET_MS = 30_000;

/** Steps that wait for R2. */
const R2_STEPS: ReadonlySet<StepName> = new Set(["list", "archive", "delete"]);

/** What survives an eviction, written with every claim and report. */
export interface KeptMemory extends PersistedPace {
  quietAt: number;
  ack: number[];
  rate: RateState;
  failures: Record<string, number>;
  /** Newest reading of the clock. Absent, as what follows, in what versions before it wrote. */
  seenNow?: number;
  connectionErrors?: Record<string, number>;
  storage?: Record<StorageSide, StorageOutage | null>;
}

export class SendingMemory {
  readonly pace: PaceState;
  /** Claim received → body in memory, and grant → POST begun, as senders report them. */
  readonly ready = new MovingP95(READY_FLOOR_MS, READY_CEILING_MS);
  readonly late = new MovingP95(0, LATE_CEILING_MS);
  readonly ack: AckHistogram;
  /** Until then a holder whose lease was taken away may still act. Persisted with the pace. */
  quietAt: number;
  /** A recount under way; an eviction begins it anew. */
  verification: Verification | null = null;
  readonly slotRequests = new SlotRequests();
  readonly blocked: Partial<Record<StepName, number>> = {};
  readonly #failures: Partial<Record<StepName, number>> = {};
  readonly #seen = new Map<string, number>();
  #delivered: { at: number; lines: number }[] = [];
  readonly #held = new Map<string, number>();
  readonly #reported = new Set<string>();
  #hasNews = false;
  #seenNow: number;
  #bellsOut = 0;
  #rungAt = 0;

  /** Rate below the cap, and failures by cause. Persisted with the pace. */
  rate: RateState;
  readonly failures: Record<string, number>;
  /** POSTs without an answer, by what the runtime said. Persisted with the pace. */
  readonly connectionErrors: Record<string, number>;
  /** R2 that fails senders, parsers, and the clock itself. Persisted with the pace. */
  readonly storage: Record<StorageSide, StorageOutage | null>;

  constructor(kept: KeptMemory | null, now: number) {
    this.pace = kept ? restorePace(kept, now) : freshPace(0);
    this.#seenNow = kept?.seenNow ?? now;
    this.quietAt = kept?.quietAt ?? 0;
    this.rate = kept?.rate ?? startRate({ cap: 0, isPolite: false });
    this.failures = kept?.failures ?? {};
    this.connectionErrors = kept?.connectionErrors ?? {};
    this.storage = kept?.storage ?? { send: null, parse: null, clock: null };
    this.ack = new AckHistogram(kept?.ack ?? []);
  }

  /** The receiver's slot is this run's: nothing leaves until a second after the last POST of whoever had it before. */
  slotTaken(notBefore: number, now: number): void {
    const at = Math.min(notBefore, now + PLAUSIBLE_AHEAD_MS);
    this.pace.log.push({
      key: "slot",
      at,
      until: at,
      lines: Number.POSITIVE_INFINITY,
      bytes: 0,
    });
  }

  /** A report changed what may be sent besides the next batch: the clock has somebody to ring for. */
  tell(): void {
    this.#hasNews = true;
  }

  takeNews(): boolean {
    const had = this.#hasNews;
    this.#hasNews = false;
    return had;
  }

  /** An invocation asked for work: one bell was answered if it is new. */
  saw(lane: string, now: number): void {
    const invocation = lane.slice(0, lane.lastIndexOf("."));
    if (!this.#seen.has(invocation)) this.#bellsOut = Math.max(0, this.#bellsOut - BELLS_PER_INVOCATION);
    this.#seen.set(invocation, now);
  }

  /** A lease given in this life of the object; what was given before may have died with its senders. */
  gave(key: string, until: number): void {
    this.#held.set(key, until);
  }

  ended(key: string): void {
    this.#held.delete(key);
  }

  /** Renewed: only a lease that was given in this life. */
  renewed(key: string, until: number): void {
    if (this.#held.has(key)) this.#held.set(key, until);
  }

  /** However a lease ends, it is over at its end. */
  held(now: number): number {
    for (const [key, until] of this.#held) if (until <= now) this.#held.delete(key);
    return this.#held.size;
  }

  /** Whether this word about an attempt was not applied before, in this life of the object. */
  isNew(word: string): boolean {
    return !this.#reported.has(word);
  }

  /** Only once the transaction that applied it is over: a rolled back one must be applied when it is repeated. */
  applied(words: string[]): void {
    if (this.#reported.size >= MAX_REPORTED) this.#reported.clear();
    for (const word of words) this.#reported.add(word);
  }

  /** By how much the clock went back since its newest reading; 0: not, or by less than `toleratedMs`. */
  clockWentBack(now: number, toleratedMs: number): number {
    const backMs = this.#seenNow - now;
    if (backMs > 0 && backMs <= toleratedMs) return 0;
    this.#seenNow = now;
    return Math.max(0, backMs);
  }

  /** The clock was set back: every time kept here goes back with it, and none is farther ahead than it can be. */
  setBack(backMs: number, now: number): void {
    const past = (at: number): number => Math.min(now, at - backMs);
    followClock(this.pace, now);
    this.quietAt = Math.min(this.quietAt - backMs, now + LONGEST_QUIET_MS);
    this.rate = rateSetBack(this.rate, backMs, now);
    for (const [step, until] of Object.entries(this.blocked) as [StepName, number][])
      this.blocked[step] = Math.min(until - backMs, now + LONGEST_BLOCK_MS);
    for (const side of ["send", "parse", "clock"] as const) {
      const outage = this.storage[side];
      if (outage === null) continue;
      const nextAt = Math.min(outage.nextAt - backMs, now + LONGEST_PAUSE_MS);
      this.storage[side] = { ...outage, since: past(outage.since), nextAt };
    }
    for (const [key, until] of this.#held) this.#held.set(key, until - backMs);
    this.#delivered = this.#delivered.map((one) => ({ ...one, at: past(one.at) }));
  }

  keep(): KeptMemory {
    const { quietAt, rate, failures, connectionErrors, storage } = this;
    const pace = { ...persistPace(this.pace), seenNow: this.#seenNow };
    return { ...pace, quietAt, ack: this.ack.buckets, rate, failures, connectionErrors, storage };
  }

  /** R2 failed `key` of this side; counted as a failure. */
  storageFailed(side: StorageSide, key: string, detail: string, now: number): void {
    this.failures.storage = (this.failures.storage ?? 0) + 1;
    this.storage[side] = storageFailed(this.storage[side], key, detail, now);
  }

  left(lane: string): void {
    this.#seen.delete(lane.slice(0, lane.lastIndexOf(".")));
  }

  rang(bells: number, now: number): void {
    if (this.#delivered.length > 10_000) this.doneRate(now);
    this.#bellsOut = (now < this.bellsLostAt(now) ? this.#bellsOut : 0) + bells;
    this.#rungAt = now;
  }

  invocations(now: number): number {
    // a time to come is of a clock that was set back since
    for (const [invocation, at] of this.#seen)
      if (now - at > INVOCATION_SEEN_MS || at > now) this.#seen.delete(invocation);
    return this.#seen.size;
  }

  get bellsOut(): number {
    return this.#bellsOut;
  }

  bellsLostAt(now: number): number {
    return this.#rungAt > now ? 0 : this.#rungAt + BELL_LOST_MS;
  }

  /** Lines just delivered, for the rate shown. */
  delivered(lines: number, now: number): void {
    if (lines > 0) this.#delivered.push({ at: now, lines });
  }

  /** Lines per second over the last ten seconds. */
  doneRate(now: number): number {
    this.#delivered = this.#delivered.filter((one) => now - one.at <= RATE_WINDOW_MS);
    const oldest = this.#delivered[0]?.at ?? now;
    const lines = this.#delivered.reduce((sum, one) => sum + one.lines, 0);
    return (lines * 1_000) / Math.max(1_000, now - oldest);
  }

  /** A step's I/O failed: it is left alone for 1 s, 2 s, 4 s … 30 s. */
  stepFailed(step: StepName, detail: string, now: number): void {
    if (R2_STEPS.has(step)) this.storageFailed("clock", step, detail, now);
    const failures = (this.#failures[step] ?? 0) + 1;
    this.#failures[step] = failures;
    this.blocked[step] = now + Math.min(LONGEST_BLOCK_MS, 1_000 * 2 ** (failures - 1));
  }

  stepWorked(step: StepName): void {
    if (R2_STEPS.has(step)) this.storage.clock = null;
    delete this.#failures[step];
    delete this.blocked[step];
  }
}
