// Reads the time range out of an object key. Owns the two spellings of a range; never decides whether an object is
// a log file of a run, and never lists.

import { DAY_MS, daysFromCivil } from "./calendar.ts";

export interface LogKey {
  startMs: number;
  /** As the key says: it may lie before the start. */
  endMs: number;
  /** The key has one stamp only; what the file really covers is not known from it. */
  single: boolean;
}

const STAMP = String.raw`(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z`;
// Not anchored: the first range anywhere in the key counts, a folder's included.
const RANGE = new RegExp(`${STAMP}[_-]${STAMP}`);
const SINGLE = new RegExp(STAMP);

/** null: not the name of a log file. An impossible date rolls over (month 13 is January), as Logpush readers do. */
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
  // Two-digit years mean 19xx in ECMAScript's Date.UTC, and so in every reader of these keys so far.
  const days = daysFromCivil(year < 100 ? year + 1900 : year, month, day);
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}
