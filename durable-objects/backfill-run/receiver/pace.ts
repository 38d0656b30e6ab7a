// When may the next batch leave? Pure: no clock, no storage.
//
// Every grant is an interval [at, until]: the sender begins its POST inside it, or gives the grant back. Whoever
// looks at any one second sees at most those grants whose interval touches it. So a batch of n lines may be granted
// at T when the lines of all grants with until > T − 1 s, plus n, do not exceed the cap; and grants never go back in
// time, so the check made for the newest grant of any second covers that whole second. (Plain GCRA lets short
// batches overshoot by a batch.) `until − at` is the slack: PACE_JITTER_MS, or more where senders are seen to be
// later than that. Inside the bound, grants are spaced evenly, so that no burst opens a second.
//
// The log lives in the object's memory. What is persisted with every claim is the end of the newest grant: after an
// eviction nothing leaves until one second after it, which is what an empty log is worth.

/** One grant; `key` names batch and attempt. */
export interface Granted {
  key: string;
  at: number;
  until: number;
  lines: number;
  bytes: number;
}

/** Bounds for any one second; null: none. */
export interface Caps {
  lines: number;
  requests: number | null;
  bytes: number | null;
}

export interface PaceState {
  log: Granted[];
  /** Grants never go back before this. */
  newestAt: number;
  /** The newest grant's share of its second: what the next one keeps its distance for. */
  newest: { lines: number; bytes: number; slackMs: number };
  /** Highest sum of lines granted in any one second so far. */
  peak: number;
  /** Newest clock reading, to notice a clock that went back. */
  seenNow: number;
}

/** The part that survives an eviction. */
export interface PersistedPace {
  newestAt: number;
  newestUntil: number;
  peak: number;
}

export interface GrantWish {
  key: string;
  lines: number;
  bytes: number;
  now: number;
  caps: Caps;
  /** What grants are spaced for; at most the cap. Lines per second. */
  rate: number;
  slackMs: number;
  /** Time the sender needs before it could begin. */
  minWaitMs: number;
}
export type GrantAnswer = { kind: "granted"; waitMs: number } | { kind: "wait"; waitMs: number };

/**
 * A claim never makes its sender wait longer; who would have to asks again. Short enough that a pause the receiver asks
 * for binds every sender within a second: what was granted before it has left by then.
 */
export const MAX_WAIT_MS = 600;
const SECOND = 1_000;
/** Two clock readings of one instant differ by up to a millisecond by rounding, at both ends. */
const ROUNDING_MS = 2;
/** A persisted grant ends well within this of its clock. Further ahead, the clock was set back by nobody knows how
 * much, and the grant may still be open: this long nothing leaves. */
export const PLAUSIBLE_AHEAD_MS = 10_000;

export function freshPace(notBefore: number): PaceState {
  return restorePace({ newestAt: 0, newestUntil: notBefore, peak: 0 }, notBefore);
}

/** The log after an eviction: one grant that fills its second whole. */
export function restorePace(kept: PersistedPace, now: number): PaceState {
  const until = Math.min(kept.newestUntil, now + PLAUSIBLE_AHEAD_MS);
  const at = Math.min(kept.newestAt, until);
  return {
    log: until > 0 ? [{ key: "before", at, until, lines: Number.POSITIVE_INFINITY, bytes: 0 }] : [],
    newestAt: at,
    newest: { lines: 0, bytes: 0, slackMs: 0 },
    peak: kept.peak,
    seenNow: now,
  };
}

export function persistPace(pace: PaceState): PersistedPace {
  const newestUntil = pace.log.reduce((latest, one) => Math.max(latest, one.until), 0);
  return { newestAt: pace.newestAt, newestUntil, peak: pace.peak };
}

/** Changes `pace` in place: the log of the newest second is hot, and nobody else holds it. */
export function grant(pace: PaceState, wish: GrantWish): GrantAnswer {
  followClock(pace, wish.now);
  let at = Math.max(wish.now + wish.minWaitMs, pace.newestAt + spacing(pace.newest, wish));
  for (;;) {
    const busy = pace.log.filter((other) => other.until > at - SECOND - ROUNDING_MS);
    if (fits(busy, wish)) break;
    if (busy.length === 0) return { kind: "wait", waitMs: MAX_WAIT_MS }; // larger than the cap: can never leave
    at = Math.min(...busy.map((other) => other.until)) + SECOND + ROUNDING_MS;
  }
  const waitMs = at - wish.now;
  // asked again when half of the longest wait is left: early enough to be ready in time, too late to be far ahead
  if (waitMs > MAX_WAIT_MS) return { kind: "wait", waitMs: Math.min(MAX_WAIT_MS, waitMs - MAX_WAIT_MS / 2) };
  pace.log = pace.log.filter((other) => other.until > wish.now - SECOND - ROUNDING_MS);
  pace.log.push({ key: wish.key, at, until: at + wish.slackMs, lines: wish.lines, bytes: wish.bytes });
  pace.newestAt = at;
  pace.newest = { lines: wish.lines, bytes: wish.bytes, slackMs: wish.slackMs };
  pace.peak = Math.max(pace.peak, linesInSecondBefore(pace, at));
  return { kind: "granted", waitMs };
}

function fits(busy: Granted[], { lines, bytes, caps }: GrantWish): boolean {
  const sum = (of: (one: Granted) => number): number => busy.reduce((total, one) => total + of(one), 0);
  if (sum((one) => one.lines) + lines > caps.lines) return false;
  if (caps.requests !== null && busy.length + 1 > caps.requests) return false;
  if (caps.bytes === null) return true;
  // a batch larger than the cap leaves alone, and the next one keeps its distance (spacing)
  const busyBytes = sum((one) => one.bytes);
  return busyBytes === 0 || busyBytes + bytes <= caps.bytes;
}

/** The distance that the newest grant asks of the next one at the rate of now, so that grants fill the second evenly. */
function spacing({ lines, bytes, slackMs }: PaceState["newest"], { caps, rate }: GrantWish): number {
  const seconds = Math.max(
    lines / rate,
    caps.requests === null || lines === 0 ? 0 : 1 / caps.requests,
    caps.bytes === null ? 0 : bytes / caps.bytes,
  );
  return seconds * (SECOND + slackMs);
}

/** The grant was not used: it leaves the log. */
export function takeBack(pace: PaceState, key: string): void {
  pace.log = pace.log.filter((other) => other.key !== key);
}

function linesInSecondBefore(pace: PaceState, at: number): number {
  return pace.log
    .filter((one) => one.at > at - SECOND && Number.isFinite(one.lines))
    .reduce((lines, one) => lines + one.lines, 0);
}

/** A clock that went back: as if no time had passed since the newest reading. */
export function followClock(pace: PaceState, now: number): void {
  const back = pace.seenNow - now;
  if (back > 0) {
    for (const one of pace.log) {
      one.at -= back;
      one.until -= back;
    }
    pace.newestAt -= back;
  }
  pace.seenNow = now;
}
