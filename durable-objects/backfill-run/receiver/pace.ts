// The rate limiter decides when the next batch may be sent. Does no I/O and reads no clock.
//
// Every send permit is an interval [at, until]. The sender begins its POST inside the interval, or returns the
// permit. In any one second only permits whose interval touches the second can be used. So a batch of n lines may
// get a permit at time T under one condition: n plus the lines of all permits with until > T − 1 s do not exceed
// the cap. Permits never go back in time, so the check for the newest permit of a second covers the whole second.
// (Plain GCRA lets short batches overshoot by a batch.) `until − at` is the slack: PACE_JITTER_MS, or more when
// senders are later.
//
// Below the cap, permits are spaced evenly, so that a second does not begin with a burst. Permits begin together as
// long as all of them need at most SHARED_MS of the rate. The answers to one sender then come together, and it
// reports them in one call.
//
// The log of permits is kept in memory. Every claim stores the end of the newest permit. After an eviction no batch
// is sent until one second after this end.

/** One send permit. `key` identifies batch and attempt. */
export interface IssuedPermit {
  key: string;
  at: number;
  until: number;
  /** The instant from which the sender counts how late it is. It is `at`, or the instant of the extension. */
  from: number;
  lines: number;
  bytes: number;
}

/** Bounds for any one second. Null: no bound. */
export interface Caps {
  lines: number;
  requests: number | null;
  bytes: number | null;
}

export interface PaceState {
  log: IssuedPermit[];
  /** The beginning of the newest permit. No later permit begins before it. */
  newestAt: number;
  /** The sums of all permits that begin at `newestAt`. These sums decide the distance to the next permit. */
  newest: Moment;
  /** The highest sum of permitted lines in any one second so far. */
  peak: number;
  /** The newest time that the clock has shown, in epoch ms. If the clock later shows an earlier time, it was set
   * back. */
  seenNow: number;
}

/** The permits that begin together. `slackMs` is that of the newest of them. `dueAt`: when they would have begun
 * without the caps. */
interface Moment {
  permits: number;
  lines: number;
  bytes: number;
  slackMs: number;
  dueAt: number;
}

/** The part of the state that survives an eviction. */
export interface PersistedPace {
  newestAt: number;
  newestUntil: number;
  peak: number;
}

export interface PermitRequest {
  key: string;
  lines: number;
  bytes: number;
  now: number;
  caps: Caps;
  /** The rate, in lines per second, at which permits are spaced. At most the cap. */
  rate: number;
  slackMs: number;
  /** The time that the sender needs before it can begin. */
  minWaitMs: number;
  /** The permit ends before this instant. Null or absent: no bound. */
  endBefore?: number | null;
}
export type PermitAnswer = { kind: "issued"; waitMs: number } | { kind: "wait"; waitMs: number };

/** The longest wait of a permit. A sender that would wait longer asks again. The wait is short, so that every sender
 * obeys a pause of the receiver within a second. */
export const MAX_WAIT_MS = 600;
/** Permits may begin together while the present rate needs at most this time for all of them, in ms. A longer time
 * would make the sending uneven. */
const SHARED_MS = 100;
/** When the caps delay a permit, the next permits may begin so much closer together, in ms. Without this rule, one late
 * POST would delay all permits after it. */
const CATCH_UP_MS = 100;
const SECOND = 1_000;
/** The clock shows whole milliseconds, so each reading may be wrong by one. Both ends of a permit are readings. */
const ROUNDING_MS = 2;
/** The end of a stored permit is never this far in the future. If it is farther, the clock was set back by an unknown
 * amount. A sender may still use such a permit, so the run sends no other batch for the next 10 s. */
export const PLAUSIBLE_AHEAD_MS = 10_000;

export function freshPace(notBefore: number): PaceState {
  return restorePace({ newestAt: 0, newestUntil: notBefore, peak: 0 }, notBefore);
}

/** The log after an eviction: one permit that fills its whole second. */
export function restorePace(kept: PersistedPace, now: number): PaceState {
  const until = Math.min(kept.newestUntil, now + PLAUSIBLE_AHEAD_MS);
  const at = Math.min(kept.newestAt, until);
  return {
    log: until > 0 ? [{ key: "before", at, from: at, until, lines: Number.POSITIVE_INFINITY, bytes: 0 }] : [],
    newestAt: at,
    newest: { permits: 0, lines: 0, bytes: 0, slackMs: 0, dueAt: at },
    peak: kept.peak,
    seenNow: now,
  };
}

export function persistPace(pace: PaceState): PersistedPace {
  const newestUntil = pace.log.reduce((latest, one) => Math.max(latest, one.until), 0);
  return { newestAt: pace.newestAt, newestUntil, peak: pace.peak };
}

/** Changes `pace` in place, because copying the log for each permit would cost too much. No other code has a
 * reference to the log. */
export function issuePermit(pace: PaceState, request: PermitRequest): PermitAnswer {
  followClock(pace, request.now);
  const dueAt = pace.newest.dueAt + (mayShare(pace, request) ? 0 : spacing(pace.newest, request));
  const wantedAt = Math.max(request.now + request.minWaitMs, pace.newestAt, dueAt);
  let at = wantedAt;
  for (;;) {
    const busy = pace.log.filter((other) => touches(other, at));
    if (fits(busy, request)) break;
    if (busy.length === 0) return { kind: "wait", waitMs: MAX_WAIT_MS }; // a batch larger than the cap can never be sent
    at = Math.min(...busy.map((other) => other.until)) + SECOND + ROUNDING_MS;
  }
  const waitMs = at - request.now;
  // The sender asks again when half of the longest wait is left.
  if (waitMs > MAX_WAIT_MS) return { kind: "wait", waitMs: Math.min(MAX_WAIT_MS, waitMs - MAX_WAIT_MS / 2) };
  const endBefore = request.endBefore ?? Infinity;
  if (at + request.slackMs >= endBefore)
    return { kind: "wait", waitMs: Math.min(MAX_WAIT_MS, Math.max(1, endBefore - request.now)) };
  pace.log = pace.log.filter((other) => touches(other, request.now));
  pace.log.push({
    key: request.key,
    at,
    from: at,
    until: at + request.slackMs,
    lines: request.lines,
    bytes: request.bytes,
  });
  const { lines, bytes, slackMs } = request;
  const one = { permits: 1, lines, bytes, slackMs, dueAt: Math.max(wantedAt, at - CATCH_UP_MS) };
  pace.newest = at === pace.newestAt ? added(pace.newest, one) : one;
  pace.newestAt = at;
  pace.peak = Math.max(pace.peak, linesInSecondBefore(pace, at));
  return { kind: "issued", waitMs };
}

function fits(
  busy: readonly IssuedPermit[],
  { lines, bytes, caps }: Pick<PermitRequest, "lines" | "bytes" | "caps">,
): boolean {
  const sum = (of: (one: IssuedPermit) => number): number => busy.reduce((total, one) => total + of(one), 0);
  if (sum((one) => one.lines) + lines > caps.lines) return false;
  if (caps.requests !== null && busy.length + 1 > caps.requests) return false;
  if (caps.bytes === null) return true;
  // A batch larger than the byte cap is sent alone. `spacing` delays the next permit.
  const busyBytes = sum((one) => one.bytes);
  return busyBytes === 0 || busyBytes + bytes <= caps.bytes;
}

/** Whether the permit may begin at the newest moment. Its sender must be ready by then. */
function mayShare({ newestAt, newest }: PaceState, request: PermitRequest): boolean {
  if (request.now + request.minWaitMs > newestAt) return false;
  const { lines, bytes, slackMs } = request;
  return spacing(added(newest, { permits: 1, lines, bytes, slackMs }), request) <= SHARED_MS;
}

function added(moment: Moment, one: Omit<Moment, "dueAt">): Moment {
  return {
    permits: moment.permits + one.permits,
    lines: moment.lines + one.lines,
    bytes: moment.bytes + one.bytes,
    slackMs: one.slackMs,
    dueAt: moment.dueAt,
  };
}

/** The distance from the newest moment to the next at the present rate, so that permits fill the second evenly. */
function spacing(
  { permits, lines, bytes, slackMs }: Omit<Moment, "dueAt">,
  { caps, rate }: PermitRequest,
): number {
  const seconds = Math.max(
    lines / rate,
    caps.requests === null ? 0 : permits / caps.requests,
    caps.bytes === null ? 0 : bytes / caps.bytes,
  );
  return seconds * (SECOND + slackMs);
}

/** Extends the permit of a sender that was too late: the sender may begin now. Returns the slack of the extension.
 * From the second extension of a permit on, the slack is doubled. Returns null if the permit is no longer in the log,
 * or if a second would then exceed a cap. The permit still counts from its old beginning, so only later permits could
 * see more lines than before. */
export function extendPermit(
  pace: PaceState,
  key: string,
  request: Pick<PermitRequest, "now" | "slackMs" | "caps" | "endBefore">,
): { slackMs: number } | null {
  const { now, caps } = request;
  followClock(pace, now);
  const permit = pace.log.find((one) => one.key === key);
  // A repeated call renews a permit that has not begun. The batch then needs a new permit.
  if (permit === undefined || now < permit.at) return null;
  const slackMs = request.slackMs * (permit.from === permit.at ? 1 : 2);
  const until = now + slackMs;
  if (until >= (request.endBefore ?? Infinity)) return null;
  const extended = { ...permit, from: now, until: Math.max(until, permit.until) };
  const log = pace.log.map((one) => (one === permit ? extended : one));
  const fitsAt = (one: IssuedPermit, at: number): boolean => {
    const busy = log.filter((other) => other !== one && other.at <= at && touches(other, at));
    return fits(busy, { ...one, caps });
  };
  // The caps may be lower than when the permit was issued. A later permit did not count this one if a second lies
  // between them.
  const isPossible =
    fitsAt(extended, now) &&
    log.every((later) => later.at < permit.until + SECOND + ROUNDING_MS || fitsAt(later, later.at));
  if (!isPossible) return null;
  pace.log = log;
  return { slackMs };
}

/** Ends the permit of a batch at the beginning of its POST, `lateMs` after the beginning of the permit. The permit lasts
 * at least `leastMs`, because the network may delay the POST. */
export function postBegan(pace: PaceState, key: string, lateMs: number, leastMs: number): void {
  const permit = pace.log.find((one) => one.key === key);
  if (permit) permit.until = Math.min(permit.until, permit.from + Math.max(leastMs, lateMs));
}

/** Whether the permit counts for the second that ends at `at`. */
function touches(permit: IssuedPermit, at: number): boolean {
  return permit.until + SECOND + ROUNDING_MS > at;
}

/** Removes a permit that was not used. */
export function reclaimPermit(pace: PaceState, key: string): void {
  pace.log = pace.log.filter((other) => other.key !== key);
}

function linesInSecondBefore(pace: PaceState, at: number): number {
  return pace.log
    .filter((one) => one.from > at - SECOND && Number.isFinite(one.lines))
    .reduce((lines, one) => lines + one.lines, 0);
}

/** Handles a clock that was set back: shifts all times as if no time had passed since the newest reading. */
export function followClock(pace: PaceState, now: number): void {
  const back = pace.seenNow - now;
  if (back > 0) {
    for (const one of pace.log) {
      one.at -= back;
      one.from -= back;
      one.until -= back;
    }
    pace.newestAt -= back;
    pace.newest.dueAt -= back;
  }
  pace.seenNow = now;
}
