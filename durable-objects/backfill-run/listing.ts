// Pages → files, and what is left to list. Pure: which stretches there are says list-tasks.ts, the pages are read by
// listing-turn.ts, up to five at a time and in any order. A file whose name has a single stamp reaches to the start of
// the next file of its series: it waits, in the task that read it, until the task behind has read its first name.
import type { LogKey } from "../../src/pipeline/log-keys.ts";
import { foreignKind } from "./foreign-keys.ts";
import { AFTER_DIGITS, cutAhead, isReadFlat, task, tasksFor, type FoundFile, type ListedKey, type ListedPage, type ListingSpec, type ListTask } from "./list-tasks.ts"; // prettier-ignore
import { logRange } from "./log-names.ts";

export interface ListingState {
  /** Tasks still to do, in the order of time within each series. */
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

export interface PageRead {
  next: ListingState;
  files: FoundFile[];
  foreign: { kind: string; keys: string[] }[];
}

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

/** Which tasks were asked for and are not answered yet. */
export type IsUnderWay = (task: ListTask) => boolean;

/** What may be listed now, at most `limit`: in order, but segments behind one under way last. */
export function tasksToList(state: ListingState, limit: number, isUnderWay: IsUnderWay): ListTask[] {
  const chosen: ListTask[] = [];
  const isTaken = (one: ListTask): boolean => isUnderWay(one) || chosen.includes(one);
  const open = state.tasks.filter((one) => !one.over);
  const isSpared = (one: ListTask): boolean =>
    open.some((before) => isTaken(before) && isNextAfter(before, one));
  for (const mayWait of [true, false]) {
    for (const one of open) {
      if (chosen.length >= limit) break;
      if (!isTaken(one) && !(mayWait && isSpared(one))) chosen.push(one);
    }
  }
  return chosen;
}

/** `next` is the segment behind `one`, cut off from the same stretch, and nothing of it was read yet. */
function isNextAfter(one: ListTask, next: ListTask): boolean {
  const isSameStretch = next.prefix === one.prefix && next.series === one.series;
  return isSameStretch && !next.over && one.stopAt !== null && next.startAfter === one.stopAt;
}

/** What a page that was asked for as `asked` says, and what is left then; null: that page is not asked for any more. */
export function readPage(
  state: ListingState,
  asked: ListTask,
  spec: ListingSpec,
  page: ListedPage,
  isUnderWay: IsUnderWay,
): PageRead | null {
  const at = state.tasks.findIndex((one) => cursorOf(one) === cursorOf(asked));
  const current = state.tasks[at];
  if (!current || current.over) return null;
  switch (current.kind) {
    case "keys":
      return readKeys(...rejoined(state, at, current, isUnderWay), spec, page);
    case "folders":
      return readFolders(state, at, current, spec, page);
    case "peek":
      return readPeek(state, at, current, page);
  }
}

/** The segments ahead that nobody asked for are the stretch's own again: this page tells better where to cut it. */
function rejoined(
  state: ListingState,
  at: number,
  current: ListTask,
  isUnderWay: IsUnderWay,
): [state: ListingState, at: number, current: ListTask] {
  const next = state.tasks[at + 1];
  if (!next || !isNextAfter(current, next) || isUnderWay(next)) return [state, at, current];
  const joined = { ...current, stopAt: next.stopAt };
  const tasks = state.tasks.toSpliced(at, 2, joined);
  return rejoined({ ...state, tasks }, at, joined, isUnderWay);
}

/** Where a task stands: unique among the tasks of a pass, and another one after each page. */
export function cursorOf({ kind, prefix, startAfter, stopAt }: ListTask): string {
  return JSON.stringify([kind, prefix, startAfter, stopAt]);
}

function readKeys(
  state: ListingState,
  at: number,
  current: ListTask,
  spec: ListingSpec,
  page: ListedPage,
): PageRead {
  const found: FoundFile[] = [];
  const foreign = new Map<string, string[]>();
  let { carry, firstMs } = current;
  let longest = state.longestRangeMs;
  let stopped = false;
  for (const listed of page.keys) {
    const range = logRange(listed.key);
    if (range) {
      firstMs ??= range.startMs;
      if (carry) found.push(reachingTo(carry, range.startMs));
      carry = null;
    }
    stopped = current.stopAt !== null && listed.key > current.stopAt;
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
  const isOver = stopped || !page.truncated;
  const read: ListTask = { ...current, carry, ...(firstMs !== undefined && { firstMs }) };
  const last = page.keys.at(-1)?.key ?? current.startAfter;
  const segments = state.tasks.filter((one) => one.cut && !one.over).length;
  const left: ListTask[] = isOver
    ? [{ ...read, over: true }]
    : cutAhead({ ...read, startAfter: last }, page, segments);
  const waited = settleCarries(state.tasks.toSpliced(at, 1, ...left));
  return {
    next: { ...state, tasks: waited.tasks, longestRangeMs: longest },
    files: candidates([...found, ...waited.files], state, spec),
    foreign: entries(foreign),
  };
}

/** Single stamps at the end of a task, once the start of the next file of the series is known; and what is done with. */
function settleCarries(tasks: ListTask[]): { tasks: ListTask[]; files: FoundFile[] } {
  const files: FoundFile[] = [];
  const settled = tasks.map((one, at) => {
    if (!one.over || !one.carry) return one;
    const behind = one.series === "" ? [] : tasks.slice(at + 1).filter((next) => next.series === one.series);
    // a task that was read to its end without a log name has nothing to tell: the one behind it does
    const next = behind.find((task_) => task_.firstMs !== undefined || !task_.over);
    if (next && next.firstMs === undefined) return one;
    files.push(next?.firstMs === undefined ? one.carry : reachingTo(one.carry, next.firstMs));
    return { ...one, carry: null };
  });
  const unread = new Set<string>();
  const kept = settled.filter((one) => {
    if (one.over && !one.carry && !unread.has(one.series)) return false;
    if (one.series !== "") unread.add(one.series);
    return true;
  });
  return { tasks: kept, files };
}

function reachingTo(file: FoundFile, nextStart: number): FoundFile {
  return { ...file, rangeEnd: Math.max(file.rangeEnd, nextStart) };
}

function fileOf(listed: ListedKey, range: LogKey, spec: ListingSpec): FoundFile {
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
  at: number,
  current: ListTask,
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
    peeks.push(task("peek", folder));
  }
  const files: FoundFile[] = [];
  for (const listed of page.keys) {
    const name = listed.key.slice(current.prefix.length);
    // flat names of the window are read by their own stretches, logs and strays
    if (isReadFlat(spec, state.marginMs, state.lookbackMs, name)) continue;
    const range = logRange(listed.key);
    if (range === null) note(foreign, listed.key);
    // a stamp, but not where the others have it: no stretch reads it, wherever its time lies
    else if (!/^\d{8}T\d{6}Z/.test(name)) files.push(fileOf(listed, range, spec));
  }
  const last = [
    ...page.keys.map((listed) => listed.key),
    // behind everything in the folder, else it would be named again
    ...page.folders.map((folder) => `${folder}\u{10ffff}`),
  ]
    .toSorted()
    .at(-1);
  const flatDay = last?.slice(current.prefix.length).match(/^\d{8}T/)?.[0];
  const behindDay = flatDay ? `${current.prefix}${flatDay}${AFTER_DIGITS}` : "";
  const startAfter = last !== undefined && behindDay > last ? behindDay : (last ?? null);
  const left = page.truncated && last ? [{ ...current, startAfter }] : [];
  const next = { ...state, tasks: [...state.tasks.toSpliced(at, 1, ...left), ...peeks] };
  return { next, files: candidates(files, state, spec), foreign: entries(foreign) };
}

/** One page of a folder that is no day folder tells whether logs are kept in it. */
function readPeek(state: ListingState, at: number, current: ListTask, page: ListedPage): PageRead {
  const kind = page.keys.some((listed) => logRange(listed.key) !== null)
    ? "folder_with_logs"
    : "folder_without_logs";
  return {
    next: { ...state, tasks: state.tasks.toSpliced(at, 1) },
    files: [],
    foreign: [{ kind, keys: [current.prefix] }],
  };
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

const DAY_MS = 86_400_000;

/** A pass ended. Ranges of half the lookback or more mean that a longer one could have been missed: look further back. */
export function passEnded(state: ListingState): { complete: ListingState; lookAgainMs: number | null } {
  const complete = { ...state, completeAsOf: state.startedAt };
  const short = state.longestRangeMs * 2 >= state.lookbackMs && state.lookbackMs < DAY_MS;
  return { complete, lookAgainMs: short ? Math.min(DAY_MS, state.longestRangeMs * 4) : null };
}
