// Window → stretches of keys → pages → files. Pure: the pages are read by carry-out.ts.
//
// Log names sort by their start, so a folder is read from shortly before the window to shortly after it, and around
// those two stretches: what sorts before any plausible name, and what sorts after all digits (subfolders, markers).
// Day folders (`20260422/`) and flat names (`20260422T…`) are both looked for, on every day that the window with its
// lookback and its margin touches, and one day more on each side (a file may stand in the folder of its end or of
// its start). A delimiter listing names every folder that is no day folder. `startAfter` is the only cursor: it is
// plain text, survives anything, and is persisted after every page.
import { parseLogKey } from "../../src/pipeline/log-keys.ts";
import { foreignKind } from "./foreign-keys.ts";

export interface ListTask {
  kind: "keys" | "folders" | "peek";
  prefix: string;
  startAfter: string | null;
  /** Keys from here on belong to another task, or lie after the window. */
  stopAt: string | null;
  /** A file with a single stamp whose range waits for the next file's start. */
  carry: FoundFile | null;
  /** Tasks of one series follow each other in time: the last single stamp of one waits for the first of the next. */
  series: string;
}

export interface ListingState {
  /** Tasks still to do; the first is under way. */
  tasks: ListTask[];
  pass: number;
  /** When the pass under way, or the last one, began. */
  startedAt: number;
  /** When the newest complete pass began: the listing is complete as of then. */
  completeAsOf: number | null;
  marginMs: number;
  lookbackMs: number;
  /** Longest range of a two-stamp name seen. */
  longestRangeMs: number;
  /** "take": new keys become files of the run. "inspect": after delivery, new keys are only named as late. */
  mode: "take" | "inspect";
}

export interface ListingSpec {
  startMs: number;
  endMs: number;
  logPrefix: string;
  folders: string[];
  singleStampSpanMs: number;
}
export interface ListedKey {
  key: string;
  size: number;
  etag: string;
  uploadedAt: number;
}
export interface ListedPage {
  keys: ListedKey[];
  /** Delimiter listing only: common prefixes, each ending in "/". */
  folders: string[];
  truncated: boolean;
}
export interface FoundFile extends ListedKey {
  rangeStart: number;
  rangeEnd: number;
  single: boolean;
}
export interface PageRead {
  next: ListingState;
  files: FoundFile[];
  foreign: { kind: string; keys: string[] }[];
}

const DAY = 86_400_000;
/** Sorts after every digit: the rest of a folder behind its dated names. */
const AFTER_DIGITS = ":";

export function beginPass(
  state: ListingState | null,
  spec: ListingSpec,
  limits: Pick<ListingState, "marginMs" | "lookbackMs" | "mode">,
  now: number,
): ListingState {
  const { marginMs, lookbackMs, mode } = limits;
  return {
    mode,
    tasks: tasksFor(spec, marginMs, lookbackMs),
    pass: (state?.pass ?? 0) + 1,
    startedAt: now,
    completeAsOf: state?.completeAsOf ?? null,
    marginMs,
    lookbackMs,
    longestRangeMs: state?.longestRangeMs ?? 0,
  };
}

function tasksFor(spec: ListingSpec, marginMs: number, lookbackMs: number): ListTask[] {
  const from = stamp(spec.startMs - lookbackMs);
  const to = stamp(spec.endMs + marginMs + 1_000);
  const roots = ["", ...spec.folders].map((folder) => spec.logPrefix + folder);
  return roots.flatMap((root) => [
    task("folders", root, null, null),
    ...days(spec.startMs - lookbackMs - DAY, spec.endMs + marginMs + DAY).flatMap((day) => {
      const folder = `${root}${day}/`;
      const oddities = `${folder}${dayBefore(day)}`;
      const seek = `${folder}${from}` > oddities ? `${folder}${from}` : oddities;
      return [
        task("keys", folder, null, oddities, ""),
        task("keys", folder, seek, `${folder}${to}`, `${root}day/`),
        task("keys", folder, `${folder}${AFTER_DIGITS}`, null, ""),
        task("keys", `${root}${day}T`, `${root}${from}`, `${root}${to}`, `${root}flat`),
      ];
    }),
  ]);
}

function task(
  kind: ListTask["kind"],
  prefix: string,
  startAfter: string | null,
  stopAt: string | null,
  series = "",
): ListTask {
  return { kind, prefix, startAfter, stopAt, carry: null, series };
}

/** What a page of the first task says, and what is left to list after it. `now` is not needed: passes carry times. */
export function readPage(state: ListingState, spec: ListingSpec, page: ListedPage): PageRead {
  const [current, ...rest] = state.tasks;
  if (!current) return { next: state, files: [], foreign: [] };
  switch (current.kind) {
    case "keys":
      return readKeys(state, current, rest, spec, page);
    case "folders":
      return readFolders(state, current, rest, spec, page);
    case "peek":
      return readPeek(state, current, rest, page);
  }
}

function readKeys(
  state: ListingState,
  current: ListTask,
  rest: ListTask[],
  spec: ListingSpec,
  page: ListedPage,
): PageRead {
  const found: FoundFile[] = [];
  const foreign = new Map<string, string[]>();
  let carry = current.carry;
  let longest = state.longestRangeMs;
  const settle = (nextStart: number | null): void => {
    if (carry && nextStart !== null) carry = { ...carry, rangeEnd: Math.max(carry.rangeEnd, nextStart) };
    if (carry) found.push(carry);
    carry = null;
  };
  let stopped = false;
  for (const listed of page.keys) {
    const range = logRange(listed.key);
    if (range) settle(range.startMs);
    stopped = current.stopAt !== null && listed.key >= current.stopAt;
    if (stopped) break;
    if (!range) {
      note(foreign, listed.key);
      continue;
    }
    const file = fileOf(listed, range, spec);
    if (range.single) carry = file;
    else {
      longest = Math.max(longest, file.rangeEnd - file.rangeStart);
      found.push(file);
    }
  }
  const over = stopped || !page.truncated;
  // stopped by a log's name, nothing is carried any more; stopped by another name, the next day tells
  const successor = current.series === "" ? -1 : rest.findIndex((next) => next.series === current.series);
  const later = rest.map((next, n) => (n === successor ? { ...next, carry } : next));
  if (over && successor < 0) settle(null);
  const last = page.keys.at(-1)?.key ?? current.startAfter;
  const tasks = over ? later : [{ ...current, startAfter: last, carry }, ...rest];
  return {
    next: { ...state, tasks, longestRangeMs: longest },
    files: candidates(found, state, spec),
    foreign: entries(foreign),
  };
}

function fileOf(listed: ListedKey, range: LogRange, spec: ListingSpec): FoundFile {
  const rangeEnd = range.single ? range.startMs + spec.singleStampSpanMs : range.endMs;
  return {
    ...listed,
    single: range.single,
    rangeStart: Math.min(range.startMs, rangeEnd),
    rangeEnd: Math.max(range.startMs, rangeEnd),
  };
}

/** Files whose range overlaps the window or its margin. */
function candidates(found: FoundFile[], state: ListingState, spec: ListingSpec): FoundFile[] {
  return found.filter(
    (file) => file.rangeEnd >= spec.startMs && file.rangeStart <= spec.endMs + state.marginMs,
  );
}

/** Names every folder and every stray key at the root. Flat log names of a whole day are jumped over at once. */
function readFolders(
  state: ListingState,
  current: ListTask,
  rest: ListTask[],
  spec: ListingSpec,
  page: ListedPage,
): PageRead {
  const foreign = new Map<string, string[]>();
  const peeks: ListTask[] = [];
  const included = new Set(spec.folders.map((folder) => spec.logPrefix + folder));
  for (const folder of page.folders) {
    const name = folder.slice(current.prefix.length);
    if (/^\d{8}\/$/.test(name) || included.has(folder) || isOurs(folder)) continue;
    if ([...included].some((other) => other.startsWith(folder))) continue;
    peeks.push(task("peek", folder, null, null));
  }
  const files: FoundFile[] = [];
  for (const listed of page.keys) {
    const range = logRange(listed.key);
    if (range === null) {
      note(foreign, listed.key);
    } else if (!/^\d{8}T/.test(listed.key.slice(current.prefix.length))) {
      // a stamp, but not at the name's beginning: no stretch of keys reads it
      files.push(fileOf(listed, range, spec));
    }
  }
  const last = [
    ...page.keys.map((listed) => listed.key),
    // behind everything in the folder, else it would be named again
    ...page.folders.map((folder) => `${folder}\u{10ffff}`),
  ]
    .toSorted()
    .at(-1);
  const flatDay = last?.slice(current.prefix.length).match(/^\d{8}T/)?.[0];
  const startAfter = flatDay ? `${current.prefix}${flatDay}${AFTER_DIGITS}` : (last ?? null);
  const tasks = page.truncated && last ? [{ ...current, startAfter }, ...rest] : rest;
  const next = { ...state, tasks: [...tasks, ...peeks] };
  return { next, files: candidates(files, state, spec), foreign: entries(foreign) };
}

/** One page of a folder that is no day folder tells whether logs are kept in it. */
function readPeek(state: ListingState, current: ListTask, rest: ListTask[], page: ListedPage): PageRead {
  const kind = page.keys.some((listed) => logRange(listed.key) !== null)
    ? "folder_with_logs"
    : "folder_without_logs";
  return { next: { ...state, tasks: rest }, files: [], foreign: [{ kind, keys: [current.prefix] }] };
}

type LogRange = { startMs: number; endMs: number; single: boolean };

/** Only names that end like logs are logs, whatever stamps they hold. */
function logRange(key: string): LogRange | null {
  return /\.log(\.gz)?$/.test(key) ? parseLogKey(key) : null;
}

/** Written by backfills, this one or its predecessor; never input. */
function isOurs(folder: string): boolean {
  return /^(processed|processed-backfill|backfill-reports|backfill-state)\/$/.test(folder);
}

function note(foreign: Map<string, string[]>, key: string): void {
  const kind = foreignKind(key);
  foreign.set(kind, [...(foreign.get(kind) ?? []), key]);
}

function entries(foreign: Map<string, string[]>): { kind: string; keys: string[] }[] {
  return [...foreign].map(([kind, keys]) => ({ kind, keys }));
}

function stamp(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replaceAll(/[-:]/g, "")
    .replace(/\.\d{3}Z$/, "Z");
}

function days(fromMs: number, toMs: number): string[] {
  const list: string[] = [];
  for (let day = Math.floor(fromMs / DAY) * DAY; day <= toMs; day += DAY) list.push(stamp(day).slice(0, 8));
  return list;
}

function dayBefore(day: string): string {
  const ms = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));
  return stamp(ms - DAY).slice(0, 8);
}

/** A pass ended. Ranges of half the lookback or more mean that a longer one could have been missed: look further back. */
export function passEnded(state: ListingState): { complete: ListingState; lookAgainMs: number | null } {
  const complete = { ...state, completeAsOf: state.startedAt };
  const short = state.longestRangeMs * 2 >= state.lookbackMs && state.lookbackMs < DAY;
  return { complete, lookAgainMs: short ? Math.min(DAY, state.longestRangeMs * 4) : null };
}
