// Decides from the option `send_between` whether a run may send now, and until when the decision holds. Does no
// I/O. Takes the ranges and the time.
//
// The local time in the zone of a range decides. An hour that daylight saving skips does not occur. If an hour
// occurs twice, both hours are inside the range.
import { WEEKDAYS, type SendRange } from "../../../src/contract/send-hours.ts";
import { nextEdge, wallTimeAt, type WallTime } from "./zone-clock.ts";
import { DAY_MS } from "../../../src/contract/time-units.ts";

export type HoursNow =
  /** `closesAt` null: the hours never close. */
  { open: true; closesAt: number | null } | { open: false; opensAt: number };

/** How far ahead the end of open hours is searched. Hours that stay open for this time never close, because the
 * ranges repeat each week. */
const OPEN_HORIZON_MS = 8 * DAY_MS;
/** How far ahead the next open hours are searched. Daylight saving may skip a weekly range twice in a row. If the
 * search finds no range, it is repeated later. */
const CLOSED_HORIZON_MS = 35 * DAY_MS;

export function hoursAt(ranges: readonly SendRange[], now: number): HoursNow {
  const open = isOpen(ranges, now);
  const horizon = now + (open ? OPEN_HORIZON_MS : CLOSED_HORIZON_MS);
  const edges = edgesByZone(ranges);
  let at = now;
  while (at < horizon) {
    const from = at;
    at = Math.min(...[...edges].map(([zone, minutes]) => nextEdge(zone, from, minutes)));
    if (isOpen(ranges, at) !== open) return open ? { open, closesAt: at } : { open, opensAt: at };
  }
  return open ? { open, closesAt: null } : { open, opensAt: horizon };
}

function isOpen(ranges: readonly SendRange[], at: number): boolean {
  return ranges.some((range) => isInside(range, wallTimeAt(range.zone, at)));
}

function isInside({ from, to, days }: SendRange, { weekday, minuteOfDay }: WallTime): boolean {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const beginsOn = (day: number): boolean => !days || days.includes(WEEKDAYS[(day + 7) % 7] ?? "sun");
  if (begin < end) return beginsOn(weekday) && begin <= minuteOfDay && minuteOfDay < end;
  return minuteOfDay >= begin ? beginsOn(weekday) : minuteOfDay < end && beginsOn(weekday - 1);
}

/** The minutes at which a range may begin or end. A day begins at minute 0, and `days` may change then. */
function edgesByZone(ranges: readonly SendRange[]): Map<string, number[]> {
  const edges = new Map<string, number[]>();
  for (const { zone, from, to } of ranges) {
    const minutes = [...(edges.get(zone) ?? [0]), minutesOf(from), minutesOf(to)];
    edges.set(zone, [...new Set(minutes)]);
  }
  return edges;
}

/** The minutes since midnight. "01:30" gives 90. */
function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

/** When work that takes `workMs` of open hours ends. Null: the end lies beyond the horizon. */
export function endOfWork(ranges: readonly SendRange[], now: number, workMs: number): number | null {
  const horizon = now + CLOSED_HORIZON_MS;
  let [at, left] = [now, workMs];
  while (at < horizon) {
    const hours = hoursAt(ranges, at);
    if (!hours.open) at = hours.opensAt;
    else if (hours.closesAt === null || at + left <= hours.closesAt) return at + left;
    else {
      left -= hours.closesAt - at;
      at = hours.closesAt;
    }
  }
  return null;
}

/** Remembers whether the hours are open until this changes, because every claim asks. */
export class HoursMemo {
  #key = "";
  #from = 0;
  #until = 0;
  #hours: HoursNow = { open: true, closesAt: null };

  at(ranges: readonly SendRange[], now: number): HoursNow {
    const key = JSON.stringify(ranges);
    if (key !== this.#key || now < this.#from || now >= this.#until) {
      this.#hours = hoursAt(ranges, now);
      [this.#key, this.#from] = [key, now];
      this.#until = this.#hours.open ? (this.#hours.closesAt ?? now + DAY_MS) : this.#hours.opensAt;
    }
    return this.#hours;
  }
}
