// Counts the lines of send permits by calendar day (`daily_lines`). Does no I/O. Keeps only its own state.
//
// A permit counts for the day on which it is issued. In a run with `daily_lines`, a permit ends before midnight, so
// its POST begins on the same day. A permit that is returned unsent is subtracted. If the lease ends without a
// report, the permit still counts, because its POST may have begun.
import { calendarDayAt, type CalendarDay } from "./zone-clock.ts";

/** The counts that are stored, so they survive an eviction. */
export interface KeptDay {
  /** Days since 1970-01-01, by the wall clock of the zone. */
  day: number;
  lines: number;
  /** The number of lines of the batch that did not fit into the cap of the day. */
  needed: number;
  /** The unused permits at the time when the day began. Their lines count for an earlier day. */
  earlier: string[];
}

export class DailyLines {
  #kept: KeptDay;
  #memo = { zone: "", from: 0, day: { day: 0, endsAt: 0 } };

  constructor(kept: KeptDay | null) {
    this.#kept = kept ?? { day: 0, lines: 0, needed: 1, earlier: [] };
  }

  today(zone: string, now: number): CalendarDay {
    const { zone: known, from, day } = this.#memo;
    if (zone === known && now >= from && now < day.endsAt) return day;
    this.#memo = { zone, from: now, day: calendarDayAt(zone, now) };
    return this.#memo.day;
  }

  /** How many lines the permits of today have. */
  lines(zone: string, now: number): number {
    return this.#isToday(zone, now) ? this.#kept.lines : 0;
  }

  isUsedUp(cap: number, zone: string, now: number): boolean {
    return this.#isToday(zone, now) && this.#kept.lines + this.#kept.needed > cap;
  }

  /** Begins the count of a new day when the day has changed. Call before each change. `open` returns the keys of
   * the permits that senders have now. */
  beginDay(zone: string, now: number, open: () => string[]): void {
    if (this.#isToday(zone, now)) return;
    this.#kept = { day: this.today(zone, now).day, lines: 0, needed: 1, earlier: open() };
  }

  /** A stored day in the future means that the clock was set back. Its count then belongs to today. */
  #isToday(zone: string, now: number): boolean {
    const { day } = this.today(zone, now);
    this.#kept.day = Math.min(this.#kept.day, day);
    return this.#kept.day === day;
  }

  /** Whether a batch still fits into the cap of today. */
  fits(lines: number, cap: number): boolean {
    const isFit = this.#kept.lines + lines <= cap;
    this.#kept.needed = isFit ? 1 : lines;
    return isFit;
  }

  issued(lines: number): void {
    this.#kept.lines += lines;
  }

  /** Counts the lines of a renewed permit today, if the permit was issued on an earlier day. A permit counts only
   * once a day. */
  renewed(key: string, lines: number): void {
    if (this.#forgets(key)) this.#kept.lines += lines;
  }

  returned(key: string, lines: number): void {
    if (!this.#forgets(key)) this.#kept.lines = Math.max(0, this.#kept.lines - lines);
  }

  /** Whether the permit counted on an earlier day. */
  isEarlier(key: string): boolean {
    return this.#kept.earlier.includes(key);
  }

  #forgets(key: string): boolean {
    if (!this.isEarlier(key)) return false;
    this.#kept.earlier = this.#kept.earlier.filter((other) => other !== key);
    return true;
  }

  keep(): KeptDay {
    return this.#kept;
  }
}
