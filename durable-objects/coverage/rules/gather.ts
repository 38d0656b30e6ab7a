// Collects the files whose markers must be listed, so that few key ranges of marker names contain all these
// markers. Hours come in ascending order, one at a time, and only sums are kept. Does no I/O.
//
// Files of one family have the same folder, beginning of the name and date. Their names, and the names of their
// markers, are in the order of time. So the wanted files of a family are next to each other in groups, called
// "runs" here. These runs are not backfill runs.
import { safeKeyOf } from "../../../src/contract/live.ts";
import type { CoveredFile } from "./covered-files.ts";
import { HOUR_MS } from "../../../src/contract/time-units.ts";

/** A group of adjoining safe keys, from `min` to `max` (both included). */
export interface SafeRun {
  min: string;
  max: string;
  count: number;
  /** The safe keys at which the group may be cut: every `every`th key. */
  cuts: string[];
}

export interface Gathered {
  /** The groups of each family, with the newest last. */
  families: Record<string, Family>;
  /** Safe keys whose markers are listed alone. */
  singles: string[];
  lastHour: number | null;
}

interface Family {
  /** The names of this family have a "-" after the date. A list with the delimiter "-" would cut such names short. */
  isDashed: boolean;
  runs: SafeRun[];
  /** How many unwanted files follow the last group. */
  skipped: number;
}

/** When more unwanted files than this lie between two wanted files, a new group begins. Listing their markers
 * would cost about one more list. */
const MOST_SKIPPED = 20;
/** A file that starts this long before the hour is listed alone. */
const CARRIED_MS = 600_000;
/** A number above every bound. JSON cannot contain Infinity. */
const FAR = 1e9;

export function nothingGathered(): Gathered {
  return { families: {}, singles: [], lastHour: null };
}

/** Adds one hour. `files` are all files of the hour. `every` is the number of files between two cuts of a
 * group. */
export function gather(
  gathered: Gathered,
  hour: number,
  files: readonly CoveredFile[],
  isWanted: (file: CoveredFile) => boolean,
  every: number,
): Gathered {
  const isAdjoining = gathered.lastHour === hour - 1;
  const families: Record<string, Family> = { ...gathered.families };
  const singles = [...gathered.singles];
  const fresh = new Set<string>();
  for (const { file, safe, name, isDashed } of files.map(named).sort(bySafe)) {
    const known = families[name];
    let family = known;
    if (!family || !fresh.has(name)) {
      const skipped = isAdjoining ? (known?.skipped ?? 0) : FAR;
      family = { isDashed, runs: [...(known?.runs ?? [])], skipped };
      families[name] = family;
      fresh.add(name);
    }
    const last = family.runs.at(-1);
    if (!isWanted(file)) {
      if (last && safe > last.max) family.skipped += 1;
    } else if (last && safe >= last.min && safe <= last.max) {
      // The file touches two hours, and the earlier hour has added it.
    } else if (file.startMs < hour * HOUR_MS - CARRIED_MS || (last && safe < last.min)) singles.push(safe);
    else if (last && family.skipped <= MOST_SKIPPED) {
      family.runs.splice(-1, 1, extended(last, safe, every));
      family.skipped = 0;
    } else {
      family.runs.push({ min: safe, max: safe, count: 1, cuts: [] });
      family.skipped = 0;
    }
  }
  return { families, singles, lastHour: hour };
}

interface Named {
  file: CoveredFile;
  safe: string;
  name: string;
  isDashed: boolean;
}

function named(file: CoveredFile): Named {
  const safe = safeKeyOf(file.key);
  const family = familyOf(file.key);
  const isDashed = safe.includes("-", family.length);
  return { file, safe, name: isDashed ? `-${family}` : family, isDashed };
}

function bySafe(a: Named, b: Named): number {
  return a.safe < b.safe ? -1 : Number(a.safe > b.safe);
}

function extended({ min, count, cuts }: SafeRun, max: string, every: number): SafeRun {
  return { min, max, count: count + 1, cuts: count % every === 0 ? [...cuts, max] : cuts };
}

/** The family of a raw key: the key up to the date of its first stamp. */
function familyOf(key: string): string {
  const from = key.lastIndexOf("/") + 1;
  const at = key.slice(from).search(/\d{8}T\d{6}Z/);
  return at < 0 ? key : key.slice(0, from + at + 8);
}
