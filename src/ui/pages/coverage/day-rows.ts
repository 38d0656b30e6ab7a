// Divides a range of coverage into the days of a zone: one row for each day, with 288 cells. Does no I/O.
import { CELL_MS_OF_PAGE as CELL_MS, isoInstant } from "../../state/coverage-range.ts";
import type { Zone } from "../../text/time.ts";

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const CELLS_PER_DAY = DAY_MS / CELL_MS;
export const CELLS_PER_HOUR = HOUR_MS / CELL_MS;
/** The longest range that one answer can cover. */
export const MAX_DAYS = 7;

/** A range of time from startMs to endMs, in epoch ms. endMs itself is outside. */
export interface Range {
  startMs: number;
  endMs: number;
}

export interface DayRow {
  /** Midnight in the zone, in epoch ms. */
  startMs: number;
  /** One letter for each cell. A space stands for a cell outside of the range. */
  states: string;
}

/** For each zone, its wall clock minus UTC. Beijing has had no daylight saving time since 1991, and UTC has none. */
const OFFSET_MS: Record<Zone, number> = { beijing: 8 * HOUR_MS, utc: 0 };

/** The last midnight that is not later than the instant. */
export function midnight(ms: number, zone: Zone): number {
  const offset = OFFSET_MS[zone];
  return Math.floor((ms + offset) / DAY_MS) * DAY_MS - offset;
}

export function dayRows(states: string, { startMs, endMs }: Range, zone: Zone): DayRow[] {
  const rows: DayRow[] = [];
  for (let day = midnight(startMs, zone); day < endMs; day += DAY_MS) {
    const first = (day - startMs) / CELL_MS;
    const before = Math.max(0, -first);
    const known = states.slice(Math.max(0, first), Math.max(0, first + CELLS_PER_DAY));
    rows.push({ startMs: day, states: (" ".repeat(before) + known).padEnd(CELLS_PER_DAY, " ") });
  }
  return rows;
}

/** The end of the current cell. It may be shown although it lies in the future. */
export function endOfNow(now: number): number {
  return Math.ceil(now / CELL_MS) * CELL_MS;
}

/** The range in the address: `start` and `end`, or the last `days` days until now. Invalid values are replaced by the
 * default. */
export function readRange(query: URLSearchParams, now: number, zone: Zone): Range {
  const [startMs, endMs] = ["start", "end"].map((name) => Date.parse(query.get(name) ?? ""));
  if (startMs !== undefined && endMs !== undefined && startMs < endMs && endMs - startMs <= MAX_DAYS * DAY_MS)
    return { startMs, endMs };
  const days = Math.min(MAX_DAYS, Math.max(1, Math.floor(Number(query.get("days") ?? MAX_DAYS)) || MAX_DAYS));
  const end = endOfNow(now);
  return { startMs: midnight(end - 1, zone) - (days - 1) * DAY_MS, endMs: end };
}

/** The range moved by its number of days, to an earlier (-1) or later (1) time. Never ends later than now. */
export function shifted({ startMs, endMs }: Range, step: -1 | 1, now: number, zone: Zone): Range {
  const first = midnight(startMs, zone);
  const days = Math.ceil((endMs - first) / DAY_MS);
  const start = first + step * days * DAY_MS;
  return { startMs: start, endMs: Math.min(start + days * DAY_MS, endOfNow(now)) };
}

export function rangeQuery({ startMs, endMs }: Range): { start: string; end: string } {
  return { start: isoInstant(startMs), end: isoInstant(endMs) };
}
