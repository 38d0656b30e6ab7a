// Makes the run's series: the lines, POSTs and failures that senders report, added up in intervals of ten seconds.
// Does no I/O. The state contains the current minute, and is stored in the same row as the sums of the run. Each
// minute becomes one row when it has ended. So a batch writes no additional row.
import { MINUTE_MS } from "../../../src/contract/time-units.ts";

export const TEN_SECONDS_MS = 10_000;

/** The figures of one interval. `target` and `cap` are lines per second, as they were at the newest report. */
export interface Interval {
  lines: number;
  posts: number;
  failures: number;
  target: number;
  cap: number;
  /** The number of acknowledgement times in each bucket of AckHistogram. */
  ack: number[];
}

/** One of the six intervals of ten seconds in a minute. `ten` is 0 to 5. */
export type Ten = Interval & { ten: number };

/** A minute. `tens` lists its intervals that have a report, oldest first. `at` is its first instant, in epoch ms. */
export interface Minute {
  at: number;
  tens: Ten[];
}

export interface SeriesState {
  /** The current minute. Null before the first report. */
  minute: Minute | null;
  /** The delivered lines of all points of the series. Merging points does not change this sum. */
  lines: number;
  /** The largest number of lines in one interval of ten seconds. */
  peak: number;
}

/** The outcomes that one call of a sender reported, added up. */
export type Reported = Interval;

export const EMPTY_SERIES: SeriesState = { minute: null, lines: 0, peak: 0 };

/** Adds a report. `over` is the previous minute when the report begins a new one. The caller writes `over` as a row. */
export function addReported(
  state: SeriesState,
  reported: Reported,
  now: number,
): { state: SeriesState; over: Minute | null } {
  const { minute } = state;
  // The clock may go back by up to a second without being noticed. The report then belongs to the newest interval.
  const newest = minute?.tens.at(-1)?.ten ?? 0;
  const at = minute ? Math.max(now, minute.at + newest * TEN_SECONDS_MS) : now;
  const start = floorTo(at, MINUTE_MS);
  const isSame = minute?.at === start;
  const ten = (floorTo(at, TEN_SECONDS_MS) - start) / TEN_SECONDS_MS;
  const before = isSame ? minute.tens : [];
  const under = before.at(-1)?.ten === ten ? before.at(-1) : undefined;
  const now10: Ten = { ...(under ? merged([under, reported]) : reported), ten };
  const tens = [...(under ? before.slice(0, -1) : before), now10];
  return {
    state: {
      minute: { at: start, tens },
      lines: state.lines + reported.lines,
      peak: Math.max(state.peak, now10.lines),
    },
    over: isSame ? null : minute,
  };
}

/** Handles a clock that was set back by `backMs`. 0 means an unknown amount. Returns by how many ms the stored points
 * must move back. This is a number of whole minutes, so that no new minute equals a stored minute. */
export function seriesSetBack(
  state: SeriesState,
  backMs: number,
  now: number,
): { state: SeriesState; shiftMs: number } {
  const { minute } = state;
  if (minute === null) return { state, shiftMs: 0 };
  const ahead = minute.at - floorTo(now, MINUTE_MS);
  const shiftMs = Math.max(ahead, Math.ceil(backMs / MINUTE_MS) * MINUTE_MS, 0);
  return { state: { ...state, minute: { ...minute, at: minute.at - shiftMs } }, shiftMs };
}

/** The sums of adjoining intervals, given oldest first. `target` and `cap` come from the last of them. */
export function merged(intervals: readonly Interval[]): Interval {
  const sum = { lines: 0, posts: 0, failures: 0, target: 0, cap: 0, ack: [] as number[] };
  for (const { lines, posts, failures, target, cap, ack } of intervals) {
    sum.lines += lines;
    sum.posts += posts;
    sum.failures += failures;
    sum.target = target;
    sum.cap = cap;
    for (const [bucket, count] of ack.entries()) sum.ack[bucket] = (sum.ack[bucket] ?? 0) + count;
  }
  return sum;
}

/** The first instant of the interval of length `lengthMs` that contains `at`. */
export function floorTo(at: number, lengthMs: number): number {
  return Math.floor(at / lengthMs) * lengthMs;
}
