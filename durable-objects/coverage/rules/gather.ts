// Collects the files whose markers are wanted into few key ranges of marker names. Hours come in ascending
// order, one at a time, and only sums are kept. Pure.
//
// Files of one family (a folder, a beginning of the name, a date) have names in the order of time, and so do
// their markers. So the wanted files of a family lie close together, in runs.
import { safeKeyOf } from "../../../src/contract/live.ts";
import type { CoveredFile } from "./covered-files.ts";
import { HOUR_MS } from "./hours.ts";

/** Safe keys from `min` to `max`, both inside. */
export interface SafeRun {
  min: string;
  max: string;
  count: number;
  /** Every `every`th safe key: where the run may be cut. */
  cuts: string[];
}

export interface Gathered {
  /** By family. The newest run is the last one. */
  families: Record<string, Family>;
  /** Safe keys that are looked at alone. */
  singles: string[];
  lastHour: number | null;
}

interface Family {
  /** Names that hold "-" behind the date are cut short by a list with this delimiter. */
  isDashed: boolean;
  runs: SafeRun[];
  /** Files after the last run that are not wanted. */
  skipped: number;
}

/** More files than these between two wanted ones begin a new run. They cost about a list. */
const MOST_SKIPPED = 20;
/** A file that starts so long before its hour stands apart from the hour's files. */
const CARRIED_MS = 600_000;
/** Not Infinity, which JSON does not hold. */
const FAR = 1e9;

export function nothingGathered(): Gathered {
  return { families: {}, singles: [], lastHour: null };
}

/** `files`: all of the hour. `every`: how many files lie between two cuts of a run. */
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
      // A file of two hours, which the earlier one brought already.
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

/** The raw key up to the date of its first stamp. */
export function familyOf(key: string): string {
  const from = key.lastIndexOf("/") + 1;
  const at = key.slice(from).search(/\d{8}T\d{6}Z/);
  return at < 0 ? key : key.slice(0, from + at + 8);
}
