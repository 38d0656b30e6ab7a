// Window → the days whose folders are listed, and how those folders may be named. Pure.
//
// Listed whole is the folder of each day that the window touches, with its lookback and its margin, of the day before
// (a file may begin there and reach over midnight) and of the day after (a file may lie in the folder of its end).
// Of the days before those, the early ones, the first page is looked at: few files in a day means long files.
import { daysFromCivil, daysInMonth } from "../../../src/pipeline/calendar.ts";

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
/** A file of so many days is found even when no other file is longer than a minute. A list for each of them. */
export const EARLY_DAYS = 7;

/** Starts of days, each inside: early is [earlyMs, firstMs), listed is [firstMs, lastMs]. */
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

/** Null for what is no day, and for years in which there were no such logs: `12340101/` is a number, not a date. */
export function dayStart(year: number, month: number, day: number): number | null {
  if (year < 2000 || year > 2099 || month < 1 || month > 12) return null;
  if (day < 1 || day > daysInMonth(year, month)) return null;
  return daysFromCivil(year, month, day) * DAY_MS;
}

/** How a folder of logs may spell its date. */
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

/** What `{DATE}` stands for as a part of a name, as in `date={DATE}/` or `eu-{DATE}/`. */
export const DATES: readonly Spelling[] = [BASIC, DASHED, SLASHED];
/** What `{DATE}` stands for as a whole name, and how day folders may be named. */
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

/** The date at the beginning of `text`, and what stands behind it. */
export function leadingDay(text: string, { pattern }: Spelling): { dayMs: number; tail: string } | null {
  const found = pattern.exec(text);
  if (!found) return null;
  const dayMs = dayStart(Number(found[1]), Number(found[2]), Number(found[3]));
  return dayMs === null ? null : { dayMs, tail: text.slice(found[0].length) };
}
