// Hours and cells of a range. Hours are counted from 1970. An hour has twelve cells of five minutes. Does no I/O.
import { CELL_MS, CELLS_PER_HOUR, type CoverageRange } from "../../../src/contract/coverage.ts";
import { HOUR_MS, DAY_MS } from "../../../src/contract/time-units.ts";

export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS);
}

/** Hours that share an instant with [startMs, endMs). An empty range counts as its start. Ascending. */
export function hoursOf({ startMs, endMs }: CoverageRange): number[] {
  const first = hourOf(startMs);
  const last = hourOf(Math.max(startMs, endMs - 1));
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

/** The cell of an hour that contains the instant, or the nearest cell. From 0 to 11. */
export function cellIn(hour: number, ms: number): number {
  const cell = Math.floor((ms - hour * HOUR_MS) / CELL_MS);
  return Math.min(CELLS_PER_HOUR - 1, Math.max(0, cell));
}

/** How long the counts of an hour that is younger than a day are up to date. */
export const YOUNG_FRESH_MS = 300_000;

/** When an hour was last listed. `rawAt` null: never. */
export interface LookedAt {
  rawAt: number | null;
  /** A request asked for a refresh at this time, so earlier listings do not count. */
  dueAt: number;
}

/** Whether an hour must be listed. Null: its counts are up to date. "due": it was never listed, or a refresh is
 * wanted. "aged": it was younger than a day when it was listed. */
export function staleness(hour: number, { rawAt, dueAt }: LookedAt, now: number): "due" | "aged" | null {
  // If `dueAt` lies in the future, the clock was set back after the refresh. Without this check the hour would stay
  // due until `dueAt`.
  if (rawAt === null || (rawAt < dueAt && dueAt <= now)) return "due";
  if (rawAt >= (hour + 1) * HOUR_MS + DAY_MS && rawAt <= now) return null;
  // If `rawAt` lies in the future, the clock was set back after the listing.
  return now - rawAt < YOUNG_FRESH_MS && rawAt <= now ? null : "aged";
}

/** The newest of `hours` that adjoin each other, at most `most` of them. Ascending. */
export function newestRun(hours: readonly number[], most: number): number[] {
  const sorted = [...new Set(hours)].sort((a, b) => b - a);
  const run: number[] = [];
  for (const hour of sorted) {
    const last = run.at(-1);
    if (run.length >= most || (last !== undefined && hour !== last - 1)) break;
    run.push(hour);
  }
  return run.toReversed();
}
