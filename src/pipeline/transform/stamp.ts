// The three forms of a record's instant in the partner line. Owns the fixed +08:00. Needs no clock and no
// Date.

import { civilFromDays } from "../calendar.ts";
import { numberText } from "./number-text.ts";
import { NOTHING } from "./text.ts";

export interface Stamp {
  /** [DD/Mon/YYYY:HH:MM:SS +0800] */
  bracketed: string;
  /** The text of `bracketed` without its brackets. */
  bare: string;
  /** Epoch seconds with three decimals, rounded down. */
  epoch: string;
}

const NO_STAMP: Stamp = { bracketed: NOTHING, bare: NOTHING, epoch: NOTHING };

const BEIJING_OFFSET_HOURS = 8;
const HOUR_SECONDS = 3600;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** The text after the hour, for each second of an hour. It is a fixed table and not a cache. The dropped entries of a
 * cache would stay in memory until a full garbage collection. */
const AFTER_HOUR = Array.from(
  { length: HOUR_SECONDS },
  (_, second) => `${two(Math.floor(second / 60))}:${two(second % 60)} +0800`,
);
const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => `.${String(ms).padStart(3, "0")}`);

/** Prints the date only when a record is of another hour than the record before it. */
export class Stamps {
  #hour = NaN;
  /** The present hour as DD/Mon/YYYY:HH: */
  #dateAndHour = "";

  of(ms: number | null): Stamp {
    if (ms === null) return NO_STAMP;
    const second = Math.floor(ms / 1000);
    const hour = Math.floor(second / HOUR_SECONDS);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#dateAndHour = beijingHour(hour);
    }
    const bare = this.#dateAndHour + AFTER_HOUR[second - hour * HOUR_SECONDS]!;
    return { bracketed: `[${bare}]`, bare, epoch: epochSeconds(ms) };
  }
}

function beijingHour(epochHour: number): string {
  const local = epochHour + BEIJING_OFFSET_HOURS;
  const days = Math.floor(local / 24);
  const { year, month, day } = civilFromDays(days);
  return `${two(day)}/${MONTHS[month - 1]}/${String(year).padStart(4, "0")}:${two(local - days * 24)}:`;
}

/** Whole milliseconds as seconds with three decimals, exact for every size. */
export function epochSeconds(ms: number): string {
  const size = Math.abs(ms);
  const text = numberText(Math.floor(size / 1000)) + MILLISECONDS[size % 1000]!;
  return ms < 0 ? `-${text}` : text;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
