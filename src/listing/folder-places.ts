// Decides from a folder's name what a run does with the folder. Does no I/O. Only this file contains the
// layouts of a bucket.
//
//   root    the prefix, and each folder that `folders` names without a date: its files and its day folders are read
//   read    a listed day's folder, or an hour folder inside it: its files are files of the run
//   early   the folder of an early day (a day shortly before the listed days): only its first page is read
//   way has folders below it that are read (`2026/`, `2026/04/`, `eu/` of `folders: ["eu/zone-b/"]`)
//   skip    cannot contain a record of the window: another day's folder, or the output of a backfill
//   other   everything else: it is searched, and if it contains logs an operator must decide

import {
  DATES,
  DAY_NAMES,
  eachListedDay,
  isEarlyDay,
  isListedDay,
  isNearMonth,
  leadingDay,
  type ListedDays,
  type Spelling,
} from "./listed-days.ts";
import { HOUR_MS, DAY_MS } from "../contract/time-units.ts";

export type Place =
  | { is: "root" | "way" | "skip" }
  /** Files of one series follow each other in time. A series is the files directly in one folder, or the files with
   * flat names below a root folder. If the name of a file contains only one time, the file is taken to end at the
   * time in the next file's name. */
  | { is: "early"; series: string }
  | {
      is: "read";
      series: string;
      dayMs: number;
      /** The time that the names in the folder cover: a day or an hour, in ms. */
      spanMs: number;
      /** A listing pass lists the folder from its beginning, even if no key shows that it exists. */
      isSeeded: boolean;
    }
  /** `dayMs`: the day of the enclosing day folder. */
  | { is: "other"; dayMs: number | null };

/** How the keys of day folders are built: `before`, then a date in one of `spellings`, then `after`. */
export interface Branch {
  before: string;
  after: string;
  spellings: readonly Spelling[];
  /** The option `folders` names the folder without a date, so `before` itself is read too. */
  isRoot: boolean;
}

/** The names of hour folders: `00`–`23`, `0000`–`2300`, `hour=00`–`hour=23`. */
const HOUR_FOLDER = /^(?:hour=(?:[01]\d|2[0-3])|(?:[01]\d|2[0-3])(?:00)?)\/$/;
/** If a folder fits several places, the first place of this list applies. */
const RANK = ["root", "read", "early", "way", "skip", "other"] as const;
const DATE = "{DATE}";

/** `folders` as in the specification, below the prefix. Each ends in "/" and contains `{DATE}` at most once. */
export function branchesOf(folders: readonly string[]): Branch[] {
  return ["", ...folders].map((folder) => {
    const at = folder.indexOf(DATE);
    if (at < 0) return { before: folder, after: "/", spellings: DAY_NAMES, isRoot: true };
    const before = folder.slice(0, at);
    const after = folder.slice(at + DATE.length);
    const isWhole = (before === "" || before.endsWith("/")) && after.startsWith("/");
    return { before, after, spellings: isWhole ? DAY_NAMES : DATES, isRoot: false };
  });
}

/** `folder` is the whole key up to and including the last "/". */
export function placeOf(
  folder: string,
  logPrefix: string,
  branches: readonly Branch[],
  days: ListedDays,
): Place {
  const path = folder.slice(logPrefix.length);
  const places = branches.map((branch) => placeIn(branch, path, days)).filter((place) => place !== null);
  const [first] = places.toSorted((a, b) => RANK.indexOf(a.is) - RANK.indexOf(b.is));
  return first ?? { is: "other", dayMs: null };
}

function placeIn(branch: Branch, path: string, days: ListedDays): Place | null {
  const { before, spellings, isRoot } = branch;
  if (before.startsWith(path)) return { is: isRoot && before === path ? "root" : "way" };
  if (!path.startsWith(before)) return null;
  const rest = path.slice(before.length);
  for (const spelling of spellings) {
    const day = leadingDay(rest, spelling);
    const place = day && placeOfDay(branch, spelling, day, days);
    if (place) return place;
  }
  return placeOfYearOrMonth(rest, days) ?? (isRoot ? { is: "other", dayMs: null } : null);
}

function placeOfDay(
  { before, after, isRoot }: Branch,
  spelling: Spelling,
  { dayMs, tail }: { dayMs: number; tail: string },
  days: ListedDays,
): Place | null {
  const isListed = isListedDay(days, dayMs);
  const isEarly = isEarlyDay(days, dayMs);
  if (!tail.startsWith(after)) {
    // For example, `20260422/` is on the way to `20260422/eu/`.
    if (tail === "" || !tail.endsWith("/") || !after.startsWith(tail)) return null;
    return { is: isListed || isEarly ? "way" : "skip" };
  }
  const inner = tail.slice(after.length);
  const series = `${before}${DATE}${after} ${spelling.name}`;
  if (!isListed) return isEarly && inner === "" ? { is: "early", series } : { is: "skip" };
  if (inner !== "" && !HOUR_FOLDER.test(inner)) return { is: "other", dayMs };
  return {
    is: "read",
    series,
    dayMs,
    spanMs: inner === "" ? DAY_MS : HOUR_MS,
    isSeeded: isRoot && inner === "" && spelling.name === "YYYYMMDD",
  };
}

function placeOfYearOrMonth(rest: string, days: ListedDays): Place | null {
  // A year folder of any year may also contain other folders, which are searched. The name of a month folder states
  // the time of the folders in it.
  if (/^20\d\d\/$/.test(rest)) return { is: "way" };
  const [, year, month] = /^(20\d\d)\/(0[1-9]|1[0-2])\/$/.exec(rest) ?? [];
  if (year === undefined || month === undefined) return null;
  return { is: isNearMonth(days, Number(year), Number(month)) ? "way" : "skip" };
}

/** Every day folder that is read, whether it exists or not. */
export function dayFolders(logPrefix: string, branches: readonly Branch[], days: ListedDays): string[] {
  return branches.flatMap(({ before, after, spellings }) =>
    eachListedDay(days).flatMap((dayMs) =>
      spellings.map(({ spell }) => `${logPrefix}${before}${spell(dayMs)}${after}`),
    ),
  );
}
