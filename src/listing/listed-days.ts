// Turns a window into the days whose folders are listed, and contains the rules for the names of day folders. Does no
// I/O.
//
// The folder of each day that the window, its lookback or its margin touches is listed whole. The folder of the day
// before is listed too, because a file may reach over midnight. So is the folder of the day after, because a file
// may lie in the folder of its end. The seven days before the listed days are called early days. A file of an early
// day may be long enough to reach the window. Of the folder of an early day, only the first page is read. If the
// folder has no second page, it has few files, and each may be long. The files of a folder with more pages are
// probably short.
import { daysFromCivil, daysInMonth } from "../pipeline/calendar.ts";
import { DAY_MS } from "../contract/time-units.ts";

/** How many days before the listed days are early days. A file that is this many days long is found even when no
 * other file is longer than a minute. Each early day costs one R2 list. */
export const EARLY_DAYS = 7;

/** The three values are starts of days. Early days are [earlyMs, firstMs): only the first page of each folder is
 * read. Listed days are [firstMs, lastMs]. */
export interface ListedDays {
  earlyMs: number;
  firstMs: number;
  lastMs: number;
}

export function listedDays(
  window: { startMs: number; endMs: number },
  marginMs: number,
  lookbackMs: number,
): ListedDays {
  const firstMs = dayOf(window.startMs - lookbackMs) - DAY_MS;
  const lastMs = dayOf(window.endMs + marginMs) + DAY_MS;
  return { earlyMs: firstMs - EARLY_DAYS * DAY_MS, firstMs, lastMs };
}

export function eachListedDay({ firstMs, lastMs }: ListedDays): number[] {
  const days = [];
  for (let ms = firstMs; ms <= lastMs; ms += DAY_MS) days.push(ms);
  return days;
}

export function isListedDay(days: ListedDays, dayMs: number): boolean {
  return dayMs >= days.firstMs && dayMs <= days.lastMs;
}

export function isEarlyDay(days: ListedDays, dayMs: number): boolean {
  return dayMs >= days.earlyMs && dayMs < days.firstMs;
}

/** Whether a listed or an early day lies in the month. */
export function isNearMonth(days: ListedDays, year: number, month: number): boolean {
  const first = dayStart(year, month, 1);
  return first !== null && first <= days.lastMs && first + daysInMonth(year, month) * DAY_MS > days.earlyMs;
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** Null for a number that is no day, and for years without such logs: `12340101/` is a number, not a date. */
export function dayStart(year: number, month: number, day: number): number | null {
  if (year < 2000 || year > 2099 || month < 1 || month > 12) return null;
  if (day < 1 || day > daysInMonth(year, month)) return null;
  return daysFromCivil(year, month, day) * DAY_MS;
}

/** One way in which a log folder may spell its date. */
export interface Spelling {
  name: string;
  pattern: RegExp;
  spell: (dayMs: number) => string;
}

const BASIC: Spelling = {
  name: "YYYYMMDD",
  pattern: /^(\d{4})(\d\d)(\d\d)/,
  spell: (ms) => iso(ms).replaceAll("-", ""),
};
const DASHED: Spelling = { name: "YYYY-MM-DD", pattern: /^(\d{4})-(\d\d)-(\d\d)/, spell: iso };
const SLASHED: Spelling = {
  name: "YYYY/MM/DD",
  pattern: /^(\d{4})\/(\d\d)\/(\d\d)/,
  spell: (ms) => iso(ms).replaceAll("-", "/"),
};

/** What `{DATE}` matches inside a name, as in `date={DATE}/` or `eu-{DATE}/`. */
export const DATES: readonly Spelling[] = [BASIC, DASHED, SLASHED];
/** What `{DATE}` matches as a whole name, and how day folders may be named. */
export const DAY_NAMES: readonly Spelling[] = [
  ...DATES,
  {
    name: "date=YYYYMMDD",
    pattern: /^date=(\d{4})(\d\d)(\d\d)/,
    spell: (ms) => `date=${BASIC.spell(ms)}`,
  },
  { name: "date=YYYY-MM-DD", pattern: /^date=(\d{4})-(\d\d)-(\d\d)/, spell: (ms) => `date=${iso(ms)}` },
];

function iso(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The date at the beginning of `text`, and the text after it. */
export function leadingDay(text: string, { pattern }: Spelling): { dayMs: number; tail: string } | null {
  const found = pattern.exec(text);
  if (!found) return null;
  const dayMs = dayStart(Number(found[1]), Number(found[2]), Number(found[3]));
  return dayMs === null ? null : { dayMs, tail: text.slice(found[0].length) };
}
