// Decides how fast to send below the cap: additive increase, multiplicative decrease. Does no I/O.
//
// Every second without a problem adds a twentieth of the cap. A back-off request (429, 503) halves the rate, at
// most once a second. Another failure, or much slower answers, lowers the rate by a fifth, at most every two
// seconds. After an outage the rate doubles each second up to its earlier value. A polite run begins at a tenth of
// the cap and slows down at a smaller rise in latency.

export interface RateState {
  /** The lines per second at which permits are spaced. Null: the cap. */
  rate: number | null;
  /** After an outage: `rate` doubles each second since `since`, up to `to`. */
  ramp: { since: number; to: number } | null;
  changedAt: number;
  decreasedAt: number;
  /** Why the rate is below the cap. */
  because: string;
  /** Slow and fast moving means of the latency, in ms. */
  baselineMs: number | null;
  latelyMs: number | null;
}

export interface RateLimits {
  cap: number;
  isPolite: boolean;
}

const STEP_MS = 1_000;
/** The share of the cap added per second without a problem. A longer time without an answer counts as at most
 * MAX_STEPS seconds. */
const STEP = 1 / 20;
const MAX_STEPS = 5;
const SLOW_STEP_MS = 2_000;
/** The lowest rate, as a share of the cap. At a rate of zero the run could not notice that the receiver has
 * recovered. */
const FLOOR = 1 / 50;
const POLITE_START = 1 / 10;
const RAMP_START = 1 / 16;
const BASELINE_WEIGHT = 0.02;
const LATELY_WEIGHT = 0.2;

export function startRate({ cap, isPolite }: RateLimits): RateState {
  return {
    rate: isPolite ? cap * POLITE_START : null,
    ramp: null,
    changedAt: 0,
    decreasedAt: 0,
    because: isPolite ? "polite" : "",
    baselineMs: null,
    latelyMs: null,
  };
}

/** The lines per second at which permits are spaced now. */
export function rateOf({ rate, ramp }: RateState, cap: number, now: number): number {
  const doubled =
    ramp === null ? (rate ?? cap) : Math.min(ramp.to, (rate ?? cap) * 2 ** ((now - ramp.since) / STEP_MS));
  return Math.min(cap, doubled);
}

/** Moves the times of the state back after the clock was set back, so that no time lies in the future. */
export function rateSetBack(state: RateState, backMs: number, now: number): RateState {
  const past = (at: number): number => Math.min(now, at - backMs);
  const ramp = state.ramp === null ? null : { ...state.ramp, since: past(state.ramp.since) };
  return { ...state, ramp, changedAt: past(state.changedAt), decreasedAt: past(state.decreasedAt) };
}

/** The rate after a 2xx that took `ackMs`. */
export function rateSucceeded(
  state: RateState,
  limits: RateLimits,
  ackMs: number | null,
  now: number,
): RateState {
  const seen = withLatency(state, ackMs);
  if (isSlow(seen, limits.isPolite) && now - seen.decreasedAt >= SLOW_STEP_MS) {
    return { ...decreased(seen, limits, 0.8, "latency", now), latelyMs: seen.baselineMs };
  }
  if (seen.rate === null || now - seen.changedAt < STEP_MS) return seen;
  const current = rateOf(seen, limits.cap, now);
  if (seen.ramp !== null && current < seen.ramp.to) return seen;
  const seconds = Math.min(MAX_STEPS, (now - seen.changedAt) / STEP_MS);
  const rate = current + seconds * limits.cap * STEP;
  if (rate >= limits.cap) return { ...seen, rate: null, ramp: null, changedAt: now, because: "" };
  return { ...seen, rate, ramp: null, changedAt: now };
}

export function rateFailed(state: RateState, limits: RateLimits, cause: string, now: number): RateState {
  const asksForPatience = cause === "http_429" || cause === "http_503";
  const every = asksForPatience ? STEP_MS : SLOW_STEP_MS;
  if (now - state.decreasedAt < every) return state;
  return decreased(state, limits, asksForPatience ? 0.5 : 0.8, cause, now);
}

/** The rate when an outage is over. It begins low and doubles each second. */
export function rateReopened(state: RateState, { cap }: RateLimits, now: number): RateState {
  const to = state.ramp === null ? rateOf(state, cap, now) : state.ramp.to;
  return { ...state, rate: to * RAMP_START, ramp: { since: now, to }, changedAt: now, because: "outage" };
}

function decreased(
  state: RateState,
  { cap }: RateLimits,
  factor: number,
  because: string,
  now: number,
): RateState {
  const current = rateOf(state, cap, now);
  const lower = (rate: number): number => Math.max(cap * FLOOR, rate * factor);
  const rate = lower(current);
  const ramp =
    state.ramp !== null && current < state.ramp.to ? { since: now, to: lower(state.ramp.to) } : null;
  return { ...state, rate, ramp, changedAt: now, decreasedAt: now, because };
}

function withLatency(state: RateState, ackMs: number | null): RateState {
  if (ackMs === null) return state;
  const baselineMs = state.baselineMs ?? ackMs;
  const latelyMs = state.latelyMs ?? ackMs;
  return {
    ...state,
    baselineMs: baselineMs + BASELINE_WEIGHT * (ackMs - baselineMs),
    latelyMs: latelyMs + LATELY_WEIGHT * (ackMs - latelyMs),
  };
}

/** Whether answers are much slower than before. Answers count as slower only by a factor and also by a minimum of
 * milliseconds. */
function isSlow({ baselineMs, latelyMs }: RateState, isPolite: boolean): boolean {
  if (baselineMs === null || latelyMs === null) return false;
  const [factor, amountMs] = isPolite ? [1.5, 100] : [3, 500];
  return latelyMs > baselineMs * factor && latelyMs > baselineMs + amountMs;
}

/** Why the rate is noticeably below the cap, as text. Null: the rate is not noticeably below the cap. */
export function slowedBecause(
  state: RateState,
  cap: number,
  now: number,
): { code: string; detail: string } | null {
  const rate = rateOf(state, cap, now);
  if (rate >= cap * 0.9) return null;
  return { code: "slowed", detail: `${Math.round(rate)} of ${cap} lines/s because of ${state.because}` };
}
