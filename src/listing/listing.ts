// Turns listing pages into files, named keys, and the tasks that remain. Does no I/O. list-tasks.ts makes the first
// tasks of a listing pass, and folder-places.ts classifies folders. pass.ts stores the tasks, and list-step.ts reads
// the pages, up to five at a time and in any order.
//
// If a key might contain a record of the window, a listing pass either takes its file, or reports the key, so that an
// operator decides. It skips a key only if the key's name or day folder excludes such a record.
import type { LogKey } from "../pipeline/log-keys.ts";
import { foreignKind, mightContain } from "./foreign-keys.ts";
import {
  LOOK_TURN,
  cutAhead,
  homeOf,
  placeIn,
  type FoundFile,
  type Frame,
  type ListTask,
  type ListedKey,
  type ListedPage,
  type NewTask,
  unvisited,
  visit,
} from "./list-tasks.ts";
import { dayStart, isListedDay, isNearMonth } from "./listed-days.ts";
import { behind, isLogName, keyOrder, logRange } from "./log-names.ts";
import { seeLog, type AllSeries } from "./single-stamps.ts";
import { DAY_MS } from "../contract/time-units.ts";

export interface ListingState {
  pass: number;
  /** True: the listing pass has tasks left. Absent in runs of older code, which stored the tasks of a pass in this
   * state. See `isOfOlderCode`. */
  underWay?: boolean;
  tasks?: unknown[];
  /** When the present or the last listing pass began. */
  startedAt: number;
  /** When the newest complete listing pass began. The listing is complete as of this time. */
  completeAsOf: number | null;
  marginMs: number;
  lookbackMs: number;
  /** The longest time range in the name of a file so far. Only names with a start and an end have a range. */
  longestRangeMs: number;
  /** "take": new keys become files of the run. "inspect": the run is delivered, and new keys are only shown as late
   * files. */
  mode: "take" | "inspect";
  nextTask?: number;
  /** How many pages this listing pass has spent on folders that are only searched for logs. */
  looked?: number;
  series?: AllSeries;
}

/** Whether older code had a listing pass under way. Such a listing pass begins again. */
export function isOfOlderCode(state: ListingState): boolean {
  return state.underWay === undefined && (state.tasks?.length ?? 0) > 0;
}

export function isUnderWay(state: ListingState): boolean {
  return state.underWay ?? isOfOlderCode(state);
}

export interface Named {
  kind: string;
  keys: string[];
}

export interface PageRead {
  state: ListingState;
  /** The tasks that replace the task of the page. */
  left: NewTask[];
  spawned: NewTask[];
  files: FoundFile[];
  named: Named[];
}

/** What one page of `task` gives: files, named keys, and further tasks. */
export function readPage(state: ListingState, frame: Frame, task: ListTask, page: ListedPage): PageRead {
  const reading = new Reading(state, frame);
  return reading.result(readBy(reading, task, page));
}

function readBy(reading: Reading, task: ListTask, page: ListedPage): NewTask[] {
  const { task: _number, ...rest } = task;
  switch (task.kind) {
    case "keys":
    case "dir":
      return readFolder(reading, rest, page);
    case "walk":
      return readWalk(reading, rest, page);
    case "early":
      for (const listed of page.keys) reading.log(listed, seriesOf(reading.frame, task.prefix));
      for (const folder of page.folders) {
        const [inside] = visit(reading.frame, folder);
        if (inside?.kind === "early" || inside?.kind === "walk") reading.spawned.push(inside);
      }
      return [];
    case "look":
      return readLook(reading, rest, page);
  }
}

/** Ends a task when the page budget of the listing pass is used up. Reports the unread folder. After a `walk` task,
 * the day folders that it has not reached are still listed. */
export function cutShort(state: ListingState, frame: Frame, task: ListTask): PageRead {
  const reading = new Reading(state, frame);
  reading.name("not_looked_through", task.prefix);
  if (task.kind === "walk") reading.spawned.push(...unvisited(frame, task));
  return reading.result([]);
}

/** Collects the results of one page. */
class Reading {
  readonly files: FoundFile[] = [];
  readonly spawned: NewTask[] = [];
  readonly #named = new Map<string, string[]>();
  readonly frame: Frame;
  readonly #state: ListingState;
  #longestRangeMs: number;
  #series: AllSeries;

  constructor(state: ListingState, frame: Frame) {
    this.frame = frame;
    this.#state = state;
    this.#longestRangeMs = state.longestRangeMs;
    this.#series = state.series ?? {};
  }

  name(kind: string, key: string): void {
    const keys = this.#named.get(kind);
    if (keys) keys.push(key);
    else this.#named.set(kind, [key]);
  }

  /** Takes a log that may overlap the window. False when the key contains no time. */
  log(listed: ListedKey, series: string): boolean {
    const range = logRange(listed.key);
    if (range === null) return false;
    const { spec, marginMs } = this.frame;
    const file = fileOf(listed, range, spec.singleStampSpanMs);
    if (!file.single) this.#longestRangeMs = Math.max(this.#longestRangeMs, file.rangeEnd - file.rangeStart);
    this.#series = seeLog(this.#series, series, file, range.startMs, spec.startMs);
    if (file.rangeEnd >= spec.startMs && file.rangeStart <= spec.endMs + marginMs) this.files.push(file);
    return true;
  }

  stray(key: string, dayMs: number | null): void {
    this.name(foreignKind(this.frame, key, dayMs), key);
  }

  result(left: NewTask[]): PageRead {
    const named = [...this.#named].map(([kind, keys]) => ({ kind, keys }));
    const state = { ...this.#state, longestRangeMs: this.#longestRangeMs, series: this.#series };
    return { state, left, spawned: this.spawned, files: this.files, named };
  }
}

function fileOf(listed: ListedKey, range: LogKey, singleStampSpanMs: number): FoundFile {
  const rangeEnd = range.single ? range.startMs + singleStampSpanMs : range.endMs;
  return {
    ...listed,
    single: range.single,
    rangeStart: Math.min(range.startMs, rangeEnd),
    rangeEnd: Math.max(range.startMs, rangeEnd),
  };
}

/** The name of the series to which files belong that lie directly in a folder, or that have flat names. */
function seriesOf(frame: Frame, prefix: string): string {
  const place = placeIn(frame, prefix);
  return place.is === "read" || place.is === "early" ? place.series : homeOf(prefix);
}

/** Reads a page of a folder whose files belong to the run, or of a day's flat names. */
function readFolder(reading: Reading, task: NewTask, page: ListedPage): NewTask[] {
  const { frame } = reading;
  const home = homeOf(task.prefix);
  const place = placeIn(frame, home);
  const dayMs = place.is === "read" ? place.dayMs : null;
  const series = seriesOf(frame, home);
  const isBeyond = (name: string): boolean => task.stopAt !== null && keyOrder(name, task.stopAt) > 0;
  let { startAfter } = task;
  for (const listed of page.keys) {
    if (isBeyond(listed.key)) break;
    // The key lies in a folder. The task goes on from before this folder, with a delimiter.
    if (listed.key.includes("/", home.length)) return [{ ...task, kind: "dir", startAfter }];
    if (!reading.log(listed, series)) reading.stray(listed.key, dayMs);
    startAfter = listed.key;
  }
  for (const folder of page.folders) {
    if (isBeyond(folder)) break;
    // When the cursor lies inside the folder, an earlier page has visited the folder.
    if (task.startAfter?.startsWith(folder) !== true) reading.spawned.push(...visit(frame, folder));
  }
  const last = lastOf(task, page);
  if (!page.truncated || last === null || isBeyond(last)) return [];
  return cutAhead({ ...task, startAfter: last }, page, place.is === "read" ? place.spanMs : DAY_MS);
}

/** The cursor behind the last key or folder of a page. */
function lastOf({ startAfter }: NewTask, page: ListedPage): string | null {
  const key = page.keys.at(-1)?.key;
  const folder = page.folders.at(-1);
  if (folder !== undefined && (key === undefined || keyOrder(folder, key) > 0))
    return behind(folder, startAfter);
  return key ?? null;
}

/** Reads a page of a root or a way: the keys directly in it, except flat names that `keys` tasks read. */
function readWalk(reading: Reading, task: NewTask, page: ListedPage): NewTask[] {
  const { frame } = reading;
  const { prefix } = task;
  const isRoot = placeIn(frame, prefix).is === "root";
  let { isNamed } = task;
  const flatOf = (name: string) => (isRoot ? flatDay(frame, name.slice(prefix.length)) : null);
  for (const folder of page.folders) {
    if (flatOf(folder)?.isListed === true || task.startAfter?.startsWith(folder) === true) continue;
    reading.spawned.push(...visit(frame, folder));
  }
  for (const listed of page.keys) {
    if (flatOf(listed.key)?.isListed === true) continue;
    if (isRoot) {
      if (!reading.log(listed, prefix)) reading.stray(listed.key, null);
    } else if (!isLogName(listed.key)) reading.stray(listed.key, null);
    else if (!isNamed) {
      isNamed = true;
      reading.name("folder_with_logs", prefix);
    }
  }
  const last = lastOf(task, page);
  if (!page.truncated || last === null) return [];
  const hop = flatOf(last)?.hopTo;
  return [{ ...task, isNamed, startAfter: hop === undefined ? last : behind(prefix + hop, task.startAfter) }];
}

/** The day of a name that begins like a flat log name. The names of a listed day have a task of their own. The
 * names of other days may fill many pages, so a `walk` task skips them. `hopTo` is the common beginning of the
 * skipped names: of a day, or of a whole month without listed and early days. */
function flatDay(frame: Frame, name: string): { isListed: boolean; hopTo: string } | null {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)T/.exec(name) ?? [];
  if (year === undefined || month === undefined) return null;
  const dayMs = dayStart(Number(year), Number(month), Number(day));
  if (dayMs === null) return null;
  const isListed = isListedDay(frame.days, dayMs);
  if (isListed) return { isListed, hopTo: name.slice(0, 9) };
  if (!/^.{9}\d/.test(name)) return null;
  const isNear = isNearMonth(frame.days, Number(year), Number(month));
  return { isListed, hopTo: isNear ? `${name.slice(0, 9)}9` : `${name.slice(0, 6)}9` };
}

/** Searches a folder that is not read, until it finds a log that might contain a record of the window. In a folder
 * outside all day folders, any log counts. */
function readLook(reading: Reading, task: NewTask, page: ListedPage): NewTask[] {
  const { frame } = reading;
  const place = placeIn(frame, task.prefix);
  const dayMs = place.is === "other" ? place.dayMs : null;
  const logs = page.keys.filter((listed) => isLogName(listed.key));
  if (dayMs === null ? logs.length > 0 : logs.some(({ key }) => mightContain(frame, key, dayMs))) {
    reading.name("folder_with_logs", task.prefix);
    return [];
  }
  const isNamed = task.isNamed || logs.length > 0;
  const last = page.keys.at(-1)?.key;
  if (page.truncated && last !== undefined)
    return [{ ...task, startAfter: last, isNamed, turn: Math.max(task.turn, LOOK_TURN) + 1 }];
  reading.name(isNamed ? "folder_with_logs_of_other_days" : "folder_without_logs", task.prefix);
  return [];
}
