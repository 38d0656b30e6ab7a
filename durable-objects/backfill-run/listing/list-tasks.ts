// Window → what a pass lists first, and a dense folder → segments that are listed beside each other. Pure.
//
// A task lists the keys of one prefix after a cursor. What it meets on the way becomes tasks of its own: folder-places.ts
// says what a folder is. `startAfter` is the only cursor: it is plain text, survives anything, and is kept with the task.
//
// A page that does not reach the end of its folder tells how dense it is: the time from its first name to its last.
// What is left is cut into as many segments as such pages are needed for it. Where the cuts lie is a guess and changes
// nothing but the time it takes: a segment reads exactly the keys between its two bounds.
import { branchesOf, dayFolders, placeOf, type Branch, type Place } from "./folder-places.ts";
import { eachListedDay, listedDays, type ListedDays } from "./listed-days.ts";
import { keyOrder, logRange, stamp } from "./log-names.ts";
import type { RunSpec } from "../../../src/contract/run.ts";

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

/**
 * keys   what is read; turns into `dir` where it meets a folder, so that a folder costs one page
 * dir    the same, with a delimiter
 * walk   a root or a way, with a delimiter: folders, strays, flat names that no `keys` task reads
 * early  the first page of an early day's folder
 * look   any other folder, until a log is found in it
 */
export type TaskKind = "keys" | "dir" | "walk" | "early" | "look";

export interface NewTask {
  kind: TaskKind;
  prefix: string;
  /** Keys after this one and up to `stopAt`, which itself belongs to the task. */
  startAfter: string | null;
  /** Keys behind it belong to another segment. */
  stopAt: string | null;
  /** Lower turns first. */
  turn: number;
  /** walk: the folder is named already. look: logs were seen, none of the window. */
  isNamed: boolean;
}
export interface ListTask extends NewTask {
  /** Never used again in this run: a task that moved on has another one. */
  task: number;
}

export interface ListingSpec {
  startMs: number;
  endMs: number;
  logPrefix: string;
  folders: string[];
  singleStampSpanMs: number;
}

/** What a pass looks at: the same from its first page to its last. */
export interface Frame {
  spec: ListingSpec;
  marginMs: number;
  lookbackMs: number;
  days: ListedDays;
  branches: Branch[];
}

/** Of one folder known at once: enough to keep five lists busy, and a wrong guess of density costs little. */
export const MAX_SEGMENTS = 12;
/** Turns: walks, then days by their time, then early days, then other folders, each page of one behind the same page of all. */
export const WALK_TURN = 0;
export const EARLY_TURN = 8_000_000_000_000_000;
export const LOOK_TURN = 8_500_000_000_000_000;

export function frameOf(spec: ListingSpec, marginMs: number, lookbackMs: number): Frame {
  const days = listedDays(spec, marginMs, lookbackMs);
  return { spec, marginMs, lookbackMs, days, branches: branchesOf(spec.folders) };
}

export function placeIn({ spec, branches, days }: Frame, folder: string): Place {
  return placeOf(folder, spec.logPrefix, branches, days);
}

export function newTask(kind: TaskKind, prefix: string, turn: number): NewTask {
  return { kind, prefix, startAfter: null, stopAt: null, turn, isNamed: false };
}

/** What a pass begins with: every root, and in it the days by their usual name and by flat names. */
export function seedsOf({ spec, branches, days }: Frame): NewTask[] {
  const roots = branches.filter(({ isRoot }) => isRoot).map(({ before }) => spec.logPrefix + before);
  return roots.flatMap((root) => [
    newTask("walk", root, WALK_TURN),
    ...eachListedDay(days).flatMap((dayMs) => {
      const day = stamp(dayMs).slice(0, 8);
      return [newTask("keys", `${root}${day}/`, dayMs), newTask("keys", `${root}${day}T`, dayMs)];
    }),
  ]);
}

/** What becomes of a folder that a listing met. */
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

/** Folders that are read and that this walk did not come to: they are listed whether or not they exist. */
export function unvisited(frame: Frame, walk: NewTask): NewTask[] {
  const tasks = new Map<string, NewTask>();
  for (const folder of dayFolders(frame.spec.logPrefix, frame.branches, frame.days)) {
    const { prefix, startAfter } = walk;
    if (!folder.startsWith(prefix) || (startAfter !== null && keyOrder(folder, startAfter) <= 0)) continue;
    // a folder inside one that is read is met there
    const topmost = ancestorsBelow(prefix, folder).find((one) => placeIn(frame, one).is === "read");
    for (const one of visit(frame, topmost ?? folder)) tasks.set(one.prefix, one);
  }
  return [...tasks.values()];
}

/** `a/b/c/` below `a/`: `a/b/`, `a/b/c/`. */
function ancestorsBelow(prefix: string, folder: string): string[] {
  const names = folder.slice(prefix.length).split("/").slice(0, -1);
  return names.map((_name, n) => `${prefix}${names.slice(0, n + 1).join("/")}/`);
}

/** The folder that the keys of a task lie in: `logs/` of `logs/20260422T`. */
export function homeOf(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf("/") + 1);
}

/** `rest` of a folder after `page` of it, in segments; its names cover `spanMs` (a day, an hour). */
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
    const bound = stem + stamp(fromMs + ((untilMs - fromMs) * piece) / pieces);
    const before = segments.at(-1) ?? rest;
    if (before.startAfter !== null && keyOrder(bound, before.startAfter) <= 0) continue;
    if (rest.stopAt !== null && keyOrder(bound, rest.stopAt) >= 0) continue;
    segments.splice(-1, 1, { ...before, stopAt: bound }, { ...before, kind: "keys", startAfter: bound });
  }
  return segments;
}

export function listingSpec(spec: RunSpec): ListingSpec {
  const { startMs, endMs } = spec.parse;
  const { logPrefix, folders, singleStampSpanMs } = spec;
  return { startMs, endMs, logPrefix, folders, singleStampSpanMs };
}

/** Of turns, both inside. */
export interface Turns {
  from: number;
  to: number;
}

export type ListPage = (task: Pick<NewTask, "kind" | "prefix" | "startAfter">) => Promise<ListedPage>;
