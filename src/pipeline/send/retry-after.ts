// Reads a Retry-After header. Does no I/O. A date is compared with the answer's own Date header, because the receiver's
// clock may differ from ours. An unreadable value counts as absent.

import { daysFromCivil, daysInMonth } from "../calendar.ts";
import { DAY_MS } from "../../contract/time-units.ts";

/** The length of the average year. */
const YEAR_MS = 365.2425 * DAY_MS;
/** The longest wait that a receiver can ask for. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const DAYS = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAYS = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
/** The three forms of RFC 9110, section 5.6.7: IMF-fixdate, RFC 850, asctime. */
const FORMS = [
  new RegExp(String.raw`^${DAYS}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) ${TIME} GMT$`),
  new RegExp(String.raw`^${LONG_DAYS}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) ${TIME} GMT$`),
  new RegExp(String.raw`^${DAYS} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`),
];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Milliseconds to wait. Null when the header is absent, negative, a list, or unreadable. Fractions of a second
 * are rounded up. `date` is the Date header of the same answer. Without a readable Date header, `now` replaces
 * `date`. */
export function retryAfterMs(header: string | null, date: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) {
    // 400 digits become Infinity, which the bound turns into the longest wait.
    return Math.min(MAX_RETRY_AFTER_MS, Math.ceil(Number(text)) * 1_000);
  }
  const at = httpDate(text, now);
  if (at === null) return null;
  const waitMs = at - (httpDate(date?.trim() ?? "", now) ?? now);
  return waitMs < 0 ? null : Math.min(MAX_RETRY_AFTER_MS, waitMs);
}

/** An HTTP-date as epoch milliseconds. Null: the text is no HTTP-date. `now` gives a two-digit year its
 * century. */
export function httpDate(text: string, now: number): number | null {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!parts) return null;
  const month = MONTHS.indexOf(parts.month ?? "");
  const day = Number(parts.day);
  const [hour, minute, second] = [Number(parts.hour), Number(parts.minute), Number(parts.second)];
  // The second 60 is a leap second.
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return null;
  const year = fullYear(parts.year ?? "", now);
  if (day < 1 || day > daysInMonth(year, month + 1)) return null;
  return daysFromCivil(year, month + 1, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000;
}

/** A two-digit year more than 50 years ahead belongs to the past century. */
function fullYear(text: string, now: number): number {
  if (text.length === 4) return Number(text);
  const thisYear = Math.floor(1970 + now / YEAR_MS);
  const year = thisYear - (thisYear % 100) + Number(text);
  return year > thisYear + 50 ? year - 100 : year;
}
