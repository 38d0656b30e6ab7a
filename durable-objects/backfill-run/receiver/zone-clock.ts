// The wall clock of a time zone, daylight saving included. Does no I/O. `now` is passed in.
import { MINUTE_MS, DAY_MS } from "../../../src/contract/time-units.ts";

/** The step in which the offset of a zone is read. If the offset is the same at both ends of a step, it does not
 * change between them: no zone changes its offset twice within this time. */
const OFFSET_STEP_MS = 6 * 3_600_000;
/** The most formatters that are kept. Making one takes 20 µs, and a run uses few zones. */
const MAX_FORMATTERS = 50;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  const numeric = "numeric" as const;
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  formatters.set(zone, formatter);
  return formatter;
}

/** Wall clock minus UTC, in milliseconds. */
function readOffsetMs(zone: string, at: number): number {
  const parts = formatterOf(zone).formatToParts(at);
  const value = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(
    value("year"),
    value("month") - 1,
    value("day"),
    value("hour"),
    value("minute"),
    value("second"),
  );
  return wall - Math.floor(at / 1_000) * 1_000;
}

/** A time within which the wall clock runs evenly. Epoch milliseconds; `until` is outside. */
interface EvenTime {
  from: number;
  until: number;
  offsetMs: number;
}

/** The last answer by zone, because reading an offset costs 5 µs, and a search reads thousands. */
const evenTimes = new Map<string, EvenTime>();

function evenTimeAt(zone: string, at: number): EvenTime {
  const known = evenTimes.get(zone);
  if (known && known.from <= at && at < known.until) return known;
  const offsetMs = readOffsetMs(zone, at);
  const end = at + OFFSET_STEP_MS;
  const until = readOffsetMs(zone, end) === offsetMs ? end : firstOtherOffset(zone, at, end, offsetMs);
  const even = { from: at, until, offsetMs };
  if (evenTimes.size >= MAX_FORMATTERS) evenTimes.clear();
  evenTimes.set(zone, even);
  return even;
}

export interface WallTime {
  /** Days since 1970-01-01, as the wall clock shows them. */
  day: number;
  /** The day of the week. 0 is Sunday. */
  weekday: number;
  minuteOfDay: number;
}

export function wallTimeAt(zone: string, at: number): WallTime {
  const wall = at + evenTimeAt(zone, at).offsetMs;
  const day = Math.floor(wall / DAY_MS);
  const minuteOfDay = Math.floor((wall - day * DAY_MS) / MINUTE_MS);
  // 1970-01-01 was a Thursday.
  return { day, weekday: (((day + 4) % 7) + 7) % 7, minuteOfDay };
}

/** An instant after `at`. Before this instant the wall clock has no jump and shows none of `minutes`. */
export function nextEdge(zone: string, at: number, minutes: readonly number[]): number {
  const { offsetMs, until } = evenTimeAt(zone, at);
  const wall = at + offsetMs;
  const midnight = Math.floor(wall / DAY_MS) * DAY_MS;
  const edges = minutes
    .flatMap((minute) => [midnight + minute * MINUTE_MS, midnight + DAY_MS + minute * MINUTE_MS])
    .filter((edge) => edge > wall);
  return Math.min(until, ...edges.map((edge) => edge - offsetMs));
}

/** The first instant in (from, to] whose offset differs from `offset`. The offset at `to` differs. */
function firstOtherOffset(zone: string, from: number, to: number, offset: number): number {
  let [same, other] = [from, to];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (readOffsetMs(zone, middle) === offset) same = middle;
    else other = middle;
  }
  return other;
}

export interface CalendarDay {
  day: number;
  /** The next day begins at this instant. */
  endsAt: number;
}

export function calendarDayAt(zone: string, at: number): CalendarDay {
  const { day } = wallTimeAt(zone, at);
  let endsAt = nextEdge(zone, at, [0]);
  while (wallTimeAt(zone, endsAt).day === day) endsAt = nextEdge(zone, endsAt, [0]);
  return { day, endsAt };
}
