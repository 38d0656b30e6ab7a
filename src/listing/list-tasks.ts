// Turns a window into the first tasks of a listing pass, and a large folder into key ranges that are listed in
// parallel. Does no I/O.
//
// A task lists the keys of one prefix after a cursor. Folders that it finds become tasks of their own;
// folder-places.ts classifies them. `startAfter` is the only cursor. It is plain text, survives a restart, and
// is stored with the task.
//
// A page that does not reach the end of its folder shows the folder's density: the time from the page's first name
// to its last. The rest of the folder is cut into about one key range per page. A wrong cut only costs time,
// because a key range reads exactly the keys between its two bounds.
import { branchesOf, dayFolders, placeOf, type Branch, type Place } from "./folder-places.ts";
import { eachListedDay, listedDays, type ListedDays } from "./listed-days.ts";
import { keyOrder, logRange } from "./log-names.ts";
import { ownPrefixes } from "../contract/own-prefixes.ts";
import type { RunSpec } from "../contract/run.ts";
import { compactSecond } from "../contract/run-id.ts";

export interface ListedKey {
  key: string;
  size: number;
  etag: string;
  uploadedAt: number;
}
export interface ListedPage {
  keys: ListedKey[];
  /** Only in a delimiter listing: the common prefixes, each ending in "/". */
  folders: string[];
  truncated: boolean;
}
export interface FoundFile extends ListedKey {
  rangeStart: number;
  rangeEnd: number;
  single: boolean;
}

/** keys   reads files without a delimiter. Becomes a `dir` task at its first folder, so that a folder costs one page
 * dir    reads files and finds folders, with a delimiter
 * walk   lists a root folder, or a folder above a folder that is read, with a delimiter: its folders, and its
 *        files that no `keys` task reads
 * early  reads the first page of an early day's folder
 * look   searches any other folder, until the search finds a log */
export type TaskKind = "keys" | "dir" | "walk" | "early" | "look";

export interface NewTask {
  kind: TaskKind;
  prefix: string;
  /** The task reads the keys after `startAfter` up to and including `stopAt`. */
  startAfter: string | null;
  /** Keys after `stopAt` belong to another key range. */
  stopAt: string | null;
  /** The order of tasks: a task with a lower turn is listed first. */
  turn: number;
  /** In a `walk` task: the folder was already reported. In a `look` task: the folder contains logs, but none of the
   * window so far. */
  isNamed: boolean;
}
export interface ListTask extends NewTask {
  /** The number of the task. A run never uses a number twice. A task gets a new number whenever its cursor changes. */
  task: number;
}

export interface ListingSpec {
  startMs: number;
  endMs: number;
  logPrefix: string;
  livePrefix?: string;
  folders: string[];
  singleStampSpanMs: number;
}

/** The settings of one listing pass, unchanged from its first page to its last. */
export interface Frame {
  spec: ListingSpec;
  marginMs: number;
  lookbackMs: number;
  days: ListedDays;
  branches: Branch[];
  /** Folders that are never input. */
  own: ReadonlySet<string>;
}

/** The most parallel key ranges of one folder. So many key ranges keep five list operations busy, and a wrong
 * density still costs little. */
export const MAX_SEGMENTS = 12;
/** Turns order the tasks: first walks, then days by time, early days, and `look` tasks. Each page of a `look` task
 * raises its turn by one, so that these tasks alternate. */
export const WALK_TURN = 0;
export const EARLY_TURN = 8_000_000_000_000_000;
export const LOOK_TURN = 8_500_000_000_000_000;

export function frameOf(spec: ListingSpec, marginMs: number, lookbackMs: number): Frame {
  const days = listedDays(spec, marginMs, lookbackMs);
  const branches = branchesOf(spec.folders);
  return { spec, marginMs, lookbackMs, days, branches, own: ownPrefixes(spec.livePrefix) };
}

export function placeIn({ spec, branches, days, own }: Frame, folder: string): Place {
  if (own.has(folder)) return { is: "skip" };
  return placeOf(folder, spec.logPrefix, branches, days);
}

export function newTask(kind: TaskKind, prefix: string, turn: number): NewTask {
  return { kind, prefix, startAfter: null, stopAt: null, turn, isNamed: false };
}

/** The first tasks of a listing pass: a `walk` task for every root folder, and tasks for the usual day folders and
 * flat names below it. */
export function seedsOf({ spec, branches, days }: Frame): NewTask[] {
  const roots = branches.filter(({ isRoot }) => isRoot).map(({ before }) => spec.logPrefix + before);
  return roots.flatMap((root) => [
    newTask("walk", root, WALK_TURN),
    ...eachListedDay(days).flatMap((dayMs) => {
      const day = compactSecond(dayMs).slice(0, 8);
      return [newTask("keys", `${root}${day}/`, dayMs), newTask("keys", `${root}${day}T`, dayMs)];
    }),
  ]);
}

/** The tasks for a folder that a page shows. */
export function visit(frame: Frame, folder: string): NewTask[] {
  const place = placeIn(frame, folder);
  switch (place.is) {
    case "root":
    case "skip":
      return [];
    case "read":
      return place.isSeeded ? [] : [newTask("keys", folder, place.dayMs)];
    case "early":
      return [newTask("early", folder, EARLY_TURN)];
    case "way":
      return [newTask("walk", folder, WALK_TURN)];
    case "other":
      return [newTask("look", folder, LOOK_TURN)];
  }
}

/** Tasks for the day folders that this `walk` task has not reached. They are listed whether they exist or not. */
export function unvisited(frame: Frame, walk: NewTask): NewTask[] {
  const tasks = new Map<string, NewTask>();
  for (const folder of dayFolders(frame.spec.logPrefix, frame.branches, frame.days)) {
    const { prefix, startAfter } = walk;
    if (!folder.startsWith(prefix) || (startAfter !== null && keyOrder(folder, startAfter) <= 0)) continue;
    // When a folder lies inside a folder that is read, the task of the outer folder finds it.
    const topmost = ancestorsBelow(prefix, folder).find((one) => placeIn(frame, one).is === "read");
    for (const one of visit(frame, topmost ?? folder)) tasks.set(one.prefix, one);
  }
  return [...tasks.values()];
}

/** Returns the folders from the prefix down to a folder. For `a/b/c/` below `a/`, the result is `a/b/` and
 * `a/b/c/`. */
function ancestorsBelow(prefix: string, folder: string): string[] {
  const names = folder.slice(prefix.length).split("/").slice(0, -1);
  return names.map((_name, n) => `${prefix}${names.slice(0, n + 1).join("/")}/`);
}

/** The folder of a task's keys. For `logs/20260422T` it is `logs/`. */
export function homeOf(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf("/") + 1);
}

/** Cuts the keys of a folder that follow `page` into key ranges. The names in the folder cover `spanMs`: a day or an
 * hour. */
export function cutAhead(rest: NewTask, page: ListedPage, spanMs: number): NewTask[] {
  const ranges = page.keys.map((listed) => logRange(listed.key)).filter((range) => range !== null);
  const [firstRange, lastRange] = [ranges[0], ranges.at(-1)];
  if (!firstRange || !lastRange) return [rest];
  const stem = homeOf(rest.prefix);
  const fromMs = lastRange.startMs;
  const untilMs = (Math.floor(fromMs / spanMs) + 1) * spanMs;
  const pageMs = Math.max(1_000, fromMs - firstRange.startMs);
  const pieces = Math.min(Math.ceil((untilMs - fromMs) / pageMs), MAX_SEGMENTS);
  const segments = [rest];
  for (let piece = 1; piece < pieces; piece += 1) {
    const bound = stem + compactSecond(fromMs + ((untilMs - fromMs) * piece) / pieces);
    const before = segments.at(-1) ?? rest;
    if (before.startAfter !== null && keyOrder(bound, before.startAfter) <= 0) continue;
    if (rest.stopAt !== null && keyOrder(bound, rest.stopAt) >= 0) continue;
    segments.splice(-1, 1, { ...before, stopAt: bound }, { ...before, kind: "keys", startAfter: bound });
  }
  return segments;
}

export function listingSpec(spec: RunSpec): ListingSpec {
  const { startMs, endMs } = spec.parse;
  const { logPrefix, livePrefix, folders, singleStampSpanMs } = spec;
  return { startMs, endMs, logPrefix, ...(livePrefix && { livePrefix }), folders, singleStampSpanMs };
}

/** A range of turns, both ends inside. */
export interface Turns {
  from: number;
  to: number;
}

export type ListPage = (task: Pick<NewTask, "kind" | "prefix" | "startAfter">) => Promise<ListedPage>;
