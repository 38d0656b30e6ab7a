// The rate limiter's memory: the log of send permits, the rate below the cap, and how late senders are. Does no I/O.
import { MovingP95 } from "./latency.ts";
import {
  PLAUSIBLE_AHEAD_MS,
  followClock,
  freshPace,
  persistPace,
  restorePace,
  type PaceState,
  type PersistedPace,
} from "./pace.ts";
import { rateSetBack, startRate, type RateState } from "./rate.ts";

/** Bounds of the time that a sender is assumed to need to read a batch from R2. A permit begins at least
 * READY_FLOOR_MS after the claim. The limiter assumes at most READY_CEILING_MS. */
const READY_FLOOR_MS = 20;
const READY_CEILING_MS = 400;
const LATE_CEILING_MS = 500;

/** The part of the memory that survives an eviction. */
export interface KeptLimiter extends PersistedPace {
  rate: RateState;
}

export class RateLimiter {
  readonly pace: PaceState;
  rate: RateState;
  /** How long senders need from the receipt of a claim to the body in memory, as they report it. */
  readonly ready = new MovingP95(READY_FLOOR_MS, READY_CEILING_MS);
  /** How late after their permit POSTs begin, as senders report it. */
  readonly late = new MovingP95(0, LATE_CEILING_MS);

  constructor(kept: KeptLimiter | null, now: number) {
    this.pace = kept ? restorePace(kept, now) : freshPace(0);
    this.rate = kept?.rate ?? startRate({ cap: 0, isPolite: false });
  }

  /** Call when the run got the slot. The run sends no batch until one second after the last POST of the slot's
   * former owner. */
  slotTaken(notBefore: number, now: number): void {
    const at = Math.min(notBefore, now + PLAUSIBLE_AHEAD_MS);
    this.pace.log.push({ key: "slot", at, from: at, until: at, lines: Number.POSITIVE_INFINITY, bytes: 0 });
  }

  setBack(backMs: number, now: number): void {
    followClock(this.pace, now);
    this.rate = rateSetBack(this.rate, backMs, now);
  }

  keep(): KeptLimiter {
    return { ...persistPace(this.pace), rate: this.rate };
  }
}
