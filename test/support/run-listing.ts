// Listing against a bucket in memory, and an oracle that reads every key of it. Both know only names, as R2 does.
// The oracle shares no code with the product: it parses names by itself.
import {
  beginPass,
  cursorOf,
  readPage,
  tasksToList,
  type ListingState,
} from "../../durable-objects/backfill-run/listing.ts";
import type {
  FoundFile,
  ListedPage,
  ListingSpec,
  ListTask,
} from "../../durable-objects/backfill-run/list-tasks.ts";

const DAY = 86_400_000;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const START = Date.parse("2026-04-22T14:00:00Z");
export const MIDNIGHT = Date.parse("2026-04-23T00:00:00Z");
export const LIMITS = { marginMs: 10 * MINUTE, lookbackMs: HOUR };

export function specOf(startMs: number, endMs: number, over: Partial<ListingSpec> = {}): ListingSpec {
  return { startMs, endMs, logPrefix: "logs/", folders: [], singleStampSpanMs: 5 * MINUTE, ...over };
}

/** R2's list over sorted keys: prefix, startAfter, delimiter, at most `limit` entries a page. */
export function listPage(keys: readonly string[], task: ListTask, limit: number): ListedPage {
  const objects: string[] = [];
  const folders: string[] = [];
  let truncated = false;
  for (const key of keys) {
    if (!key.startsWith(task.prefix) || (task.startAfter !== null && key <= task.startAfter)) continue;
    const slash = task.kind === "folders" ? key.indexOf("/", task.prefix.length) : -1;
    const folder = slash < 0 ? null : key.slice(0, slash + 1);
    if (folder !== null && folders.at(-1) === folder) continue;
    if (objects.length + folders.length === limit) {
      truncated = true;
      break;
    }
    if (folder === null) objects.push(key);
    else folders.push(folder);
  }
  return { keys: objects.map((key) => ({ key, size: 1, etag: key, uploadedAt: 0 })), folders, truncated };
}

export interface Listed {
  files: FoundFile[];
  foreign: Map<string, string[]>;
  pages: number;
  longestRangeMs: number;
  /** Most stretches and segments known at once. */
  segments: number;
}

/** How the pages of a pass come: how many keys each holds, and which of the tasks under way is answered next. */
export interface Answers {
  limit: (page: number) => number;
  /** Of `open` pages that were asked for, the one that arrives now. */
  arrives?: (page: number, open: number) => number;
  /** How many are asked for at a time. */
  atOnce?: number;
}

/** A whole pass. */
export function listAll(
  keys: readonly string[],
  spec: ListingSpec,
  limits: { marginMs: number; lookbackMs: number },
  { limit, arrives = () => 0, atOnce = 1 }: Answers,
): Listed {
  const sorted = keys.toSorted();
  let state = beginPass(null, spec, { ...limits, mode: "take" }, 0);
  const files: FoundFile[] = [];
  const foreign = new Map<string, string[]>();
  const open = new Map<string, ListTask>();
  const isUnderWay = (task: ListTask): boolean => open.has(cursorOf(task));
  const listed: Listed = { files, foreign, pages: 0, longestRangeMs: 0, segments: 0 };
  for (; state.tasks.length > 0; listed.pages += 1) {
    if (listed.pages > 20_000) throw new Error("the listing does not end");
    for (const task of tasksToList(state, atOnce - open.size, isUnderWay)) open.set(cursorOf(task), task);
    const asked = [...open.values()][arrives(listed.pages, open.size) % open.size];
    if (!asked) throw new Error("there are tasks, and none to list");
    open.delete(cursorOf(asked));
    const page = listPage(sorted, asked, limit(listed.pages));
    // what is persisted between pages survives as JSON
    const kept = JSON.parse(JSON.stringify(state)) as ListingState;
    const read = readPage(kept, asked, spec, page, isUnderWay);
    if (!read) throw new Error("a page that was asked for means nothing");
    files.push(...read.files);
    for (const { kind, keys: named } of read.foreign)
      foreign.set(kind, [...(foreign.get(kind) ?? []), ...named]);
    state = read.next;
    listed.segments = Math.max(listed.segments, state.tasks.filter((one) => one.cut && !one.over).length);
  }
  return { ...listed, longestRangeMs: state.longestRangeMs };
}

interface Named {
  key: string;
  folder: string;
  from: number;
  to: number;
  single: boolean;
}

/** Which keys hold lines of the window, by looking at every one. */
export function oracle(
  keys: readonly string[],
  spec: ListingSpec,
  limits: { marginMs: number; lookbackMs: number },
): string[] {
  const named = keys.map(readName).filter((one) => one !== null && isRead(one.folder, spec)) as Named[];
  for (const one of named) {
    if (!one.single) continue;
    // a single stamp covers its span, and reaches to the next file among the flat names, or in the folders of days
    const series = seriesOf(one);
    const later = named
      .filter((other) => seriesOf(other) === series && other.key > one.key)
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))[0];
    one.to = Math.max(one.from + spec.singleStampSpanMs, later?.from ?? 0);
  }
  return named
    .filter((one) => one.from >= spec.startMs - limits.lookbackMs)
    .filter((one) => Math.max(one.from, one.to) >= spec.startMs)
    .filter((one) => Math.min(one.from, one.to) <= spec.endMs + limits.marginMs)
    .map((one) => one.key)
    .toSorted();
}

/** Flat names follow each other, and so do the folders of days; a file outside its day's folder follows nothing. */
function seriesOf({ folder }: Named): string {
  return folder.replace(/\d{8}\/$/, "day/");
}

function isRead(folder: string, spec: ListingSpec): boolean {
  return ["", ...spec.folders].some((root) => {
    const rest = folder.startsWith(spec.logPrefix + root)
      ? folder.slice((spec.logPrefix + root).length)
      : "?";
    return rest === "" || /^\d{8}\/$/.test(rest);
  });
}

function readName(key: string): Named | null {
  const cut = key.lastIndexOf("/") + 1;
  const name = key.slice(cut);
  if (!name.endsWith(".log.gz") && !name.endsWith(".log")) return null;
  const stamps = name.match(/\d{8}T\d{6}Z/g)?.map(instant) ?? [];
  const [from, to] = stamps;
  if (from === undefined) return null;
  return { key, folder: key.slice(0, cut), from, to: to ?? from, single: to === undefined };
}

function instant(stamp: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}

export function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

export function dayOf(ms: number, daysLater = 0): string {
  return stampOf(ms + daysLater * DAY).slice(0, 8);
}
