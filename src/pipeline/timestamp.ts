// Reads EdgeStartTimestamp as an exact instant. Owns the forms that Logpush writes. This file never guesses and
// needs no clock.

import { daysFromCivil, daysInMonth } from "./calendar.ts";
import { DAY_MS } from "../contract/time-units.ts";

/** `ms` is rounded down. `whole` is true when nothing was rounded off, so that one nanosecond after a window is
 * outside it. */
export interface Instant {
  ms: number;
  whole: boolean;
}

/** The latest instant that is a date. ECMAScript has the same bound. */
const MAX_MS = 8.64e15;

const DIGITS = /^\d+$/;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** A string value of the field: digits, or RFC 3339 with `Z` or an offset. */
export function instantOfString(text: string): Instant | null {
  return DIGITS.test(text) ? instantOfNumber(text) : instantOfRfc3339(text);
}

/** Reads a number from the raw line's text, because `JSON.parse` rounds: 19 digits of nanoseconds to multiples of
 * 256, and 1776866400.999999999 to the next second. The magnitude decides the unit: ≥ 1e17 ns, ≥ 1e14 µs, >
 * 1e12 ms, else seconds. Zero and negative numbers are unreadable. */
export function instantOfNumber(text: string): Instant | null {
  const length = text.length;
  if (length === 10 && DIGITS.test(text) && text.charCodeAt(0) !== 48)
    return { ms: Number(text) * 1000, whole: true };
  const parts = DECIMAL.exec(text);
  if (parts === null || parts[1] === "-") return null;

  // From here on the value is written as 0.<digits> × 10^point. The digits neither begin nor end with a zero.
  const [, , integer = "", fraction = "", exponent = "0"] = parts;
  const all = integer + fraction;
  const leading = /^0*/.exec(all)![0].length;
  const digits = all.slice(leading).replace(/0+$/, "");
  if (digits === "") return null;
  const point = integer.length - leading + Number(exponent);

  const shift = point >= 18 ? -6 : point >= 15 ? -3 : point > 13 || (point === 13 && digits !== "1") ? 0 : 3;
  const msDigits = point + shift;
  if (msDigits > 16) return null;
  if (msDigits <= 0) return { ms: 0, whole: false };
  const ms = Number(digits.slice(0, msDigits).padEnd(msDigits, "0"));
  return ms <= MAX_MS ? { ms, whole: digits.length <= msDigits } : null;
}

function instantOfRfc3339(text: string): Instant | null {
  const parts = RFC3339.exec(text);
  if (parts === null) return null;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  const hour = Number(parts[4]);
  const minute = Number(parts[5]);
  const second = Number(parts[6]);
  const offsetHour = Number(parts[9] ?? 0);
  const offsetMinute = Number(parts[10] ?? 0);
  // Epoch time has no leap second, so a leap second is unreadable.
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return null;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;

  const fraction = parts[7] ?? "";
  const offsetMinutes = (parts[8] === "-" ? -1 : 1) * (offsetHour * 60 + offsetMinute);
  return {
    ms:
      daysFromCivil(year, month, day) * DAY_MS +
      ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 +
      Number(fraction.slice(0, 3).padEnd(3, "0")),
    whole: !/[1-9]/.test(fraction.slice(3)),
  };
}
