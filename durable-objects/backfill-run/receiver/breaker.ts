// The circuit breaker decides from the receiver's behaviour whether any batch may be sent. Does no I/O. Takes the
// state, an event and the time, and returns the new state.
//
// Closed: the run sends batches as the rate limiter allows. Several failures in a row, from at least two batches,
// open the breaker. Failures of one batch alone may have their cause in this batch. An answer that is wrong for every
// batch (401, 404, a redirect) opens the breaker at once. Open: the run sends one batch at a time as a probe, at
// most every five seconds in the first ten minutes, then every minute. The first 2xx closes the breaker.
// `Retry-After` stops everything until its time, whether the breaker is open or closed.

export interface BreakerState {
  /** Set while the breaker is open. The code becomes the run's state_reason. Null: the breaker is closed. */
  open: { code: string; detail: string; since: number; nextProbeAt: number; probe: string | null } | null;
  /** A POST timed out since the last 2xx. */
  isCautious: boolean;
  /** Outcomes of the last POSTs, with the newest last: "+" for a 2xx, "-" for a failure. */
  lately: string;
  /** Failures since the last 2xx, and the first distinct batches among them. */
  failures: number;
  failedBatches: number[];
  /** Refusals since the last 2xx. `batches` are the different batches that were refused with `status`. Another
   * status begins the list again. */
  refusals: { status: number; batches: number[] };
  /** How many 2xx answers the whole run has got. */
  successes: number;
  /** No batch is sent before this time. */
  holdUntil: number;
}

export const closedBreaker: BreakerState = {
  open: null,
  isCautious: false,
  lately: "",
  failures: 0,
  failedBatches: [],
  refusals: { status: 0, batches: [] },
  successes: 0,
  holdUntil: 0,
};

/** How many failures in a row, from at least two batches, open the breaker. */
const FAILURES_TO_OPEN = 5;
/** From how many batches these failures must come, because the cause may lie in one batch. */
const BATCHES_TO_OPEN = 2;
/** How many recent outcomes are checked for frequent failures that are not in a row. */
const LATELY = 20;
/** If this many batches are refused with the same status, without a 2xx between them, the settings are wrong and not
 * the batches. */
export const REFUSALS_ALIKE = 5;
/** The time between two probes while the breaker is open. */
const PROBE_MS = 5_000;
/** The time between two probes when the breaker has been open for SLOW_AFTER_MS. */
export const SLOW_PROBE_MS = 60_000;
const SLOW_AFTER_MS = 600_000;
/** The longest pause that a Retry-After can ask for. */
export const MAX_HOLD_MS = 3_600_000;

export function succeeded(state: BreakerState): BreakerState {
  const lately = state.open ? "" : remember(state.lately, "+");
  return { ...closedBreaker, lately, successes: state.successes + 1, holdUntil: state.holdUntil };
}

export interface Failure {
  batch: number;
  key: string;
  code: string;
  detail: string;
  /** The answer is wrong for every batch, so one such answer is enough to open the breaker. */
  forEveryBatch: boolean;
}

export function failed(state: BreakerState, failure: Failure, now: number): BreakerState {
  const failedBatches = state.failedBatches.includes(failure.batch)
    ? state.failedBatches
    : [...state.failedBatches, failure.batch].slice(0, BATCHES_TO_OPEN);
  const next = {
    ...state,
    failures: state.failures + 1,
    failedBatches,
    lately: remember(state.lately, "-"),
    isCautious: state.isCautious || failure.code.endsWith("_timeout"),
  };
  if (state.open) {
    const probe = state.open.probe === failure.key ? null : state.open.probe;
    const better = failure.forEveryBatch ? { code: failure.code, detail: failure.detail } : {};
    return { ...next, open: { ...state.open, ...better, probe } };
  }
  const opens =
    failure.forEveryBatch ||
    (next.failures >= FAILURES_TO_OPEN && failedBatches.length >= BATCHES_TO_OPEN) ||
    (failedBatches.length >= BATCHES_TO_OPEN && areFrequent(next.lately));
  if (!opens) return next;
  const { code, detail } = failure;
  return { ...next, open: { code, detail, since: now, nextProbeAt: now + PROBE_MS, probe: null } };
}

function remember(lately: string, outcome: "+" | "-"): string {
  return (lately + outcome).slice(-LATELY);
}

/** Whether at least half of the last POSTs failed. */
function areFrequent(lately: string): boolean {
  return lately.length === LATELY && lately.replaceAll("+", "").length * 2 >= LATELY;
}

/** Counts a refused batch. Five different batches with the same refusal mean that the settings are wrong. */
export function refused(state: BreakerState, batch: number, status: number): BreakerState {
  const alike = state.refusals.status === status ? state.refusals.batches : [];
  const batches = alike.includes(batch) ? alike : [...alike, batch].slice(0, REFUSALS_ALIKE);
  return { ...state, refusals: { status, batches } };
}

export function heldBy(state: BreakerState, retryAfterMs: number, now: number): BreakerState {
  return { ...state, holdUntil: Math.max(state.holdUntil, now + Math.min(retryAfterMs, MAX_HOLD_MS)) };
}

/** Ends a probe, so that the next probe may be sent. */
export function probeOver(state: BreakerState, key: string): BreakerState {
  return state.open?.probe === key ? { ...state, open: { ...state.open, probe: null } } : state;
}

export type Gate = { kind: "open" } | { kind: "probe" } | { kind: "shut"; until: number | null };

/** Whether a batch may be claimed now. */
export function gate(state: BreakerState, now: number): Gate {
  if (now < state.holdUntil) return { kind: "shut", until: state.holdUntil };
  if (!state.open) return { kind: "open" };
  if (state.open.probe !== null) return { kind: "shut", until: null };
  return now >= state.open.nextProbeAt ? { kind: "probe" } : { kind: "shut", until: state.open.nextProbeAt };
}

export function probing(state: BreakerState, key: string, now: number): BreakerState {
  if (!state.open) return state;
  const every = now - state.open.since < SLOW_AFTER_MS ? PROBE_MS : SLOW_PROBE_MS;
  return { ...state, open: { ...state.open, probe: key, nextProbeAt: now + every } };
}
