// Reads the time range from an R2 key. Owns the two spellings of a range. This file never decides whether an R2
// object is a log file of a run, and never lists.

import { daysFromCivil } from "./calendar.ts";
import { DAY_MS } from "../contract/time-units.ts";

export interface LogKey {
  startMs: number;
  /** The end that the key states. The end may lie before the start. */
  endMs: number;
  /** The key has only one time stamp, so the file's real range is unknown. */
  single: boolean;
}

const STAMP = String.raw`(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z`;
// Finds a range of times. The pattern is not anchored: the first range anywhere in the key counts, even in a
// folder's name.
const RANGE = new RegExp(`${STAMP}[_-]${STAMP}`);
const SINGLE = new RegExp(STAMP);

/** Null: not the name of a log file. An impossible date rolls over (month 13 is January), as Logpush readers
 * do. */
export function parseLogKey(key: string): LogKey | null {
  const range = RANGE.exec(key);
  if (range !== null) {
    return { startMs: epochMs(range.slice(1, 7)), endMs: epochMs(range.slice(7, 13)), single: false };
  }
  const one = SINGLE.exec(key);
  if (one === null) return null;
  const startMs = epochMs(one.slice(1, 7));
  return { startMs, endMs: startMs, single: true };
}

function epochMs(parts: string[]): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  // Two-digit years mean 19xx, as in ECMAScript's Date.UTC and in all earlier readers of these keys.
  const days = daysFromCivil(year < 100 ? year + 1900 : year, month, day);
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}
