// A bucket in memory that lists like R2, and names of log files. It contains only names.
import type { ListedPage, ListingSpec, NewTask } from "../../src/listing/list-tasks.ts";

const DAY = 86_400_000;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const START = Date.parse("2026-04-22T14:00:00Z");
export const MIDNIGHT = Date.parse("2026-04-23T00:00:00Z");
export const LIMITS = { marginMs: 10 * MINUTE, lookbackMs: HOUR };

export function specOf(startMs: number, endMs: number, over: Partial<ListingSpec> = {}): ListingSpec {
  return { startMs, endMs, logPrefix: "logs/", folders: [], singleStampSpanMs: 5 * MINUTE, ...over };
}

/** Compares two keys as R2 does, by their UTF-8 bytes. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Lists sorted keys as R2 does, with prefix, startAfter and delimiter, and at most `limit` entries per page. */
export function listPage(
  keys: readonly string[],
  task: Pick<NewTask, "kind" | "prefix" | "startAfter">,
  limit: number,
): ListedPage {
  const objects: string[] = [];
  const folders: string[] = [];
  const isDelimited = task.kind !== "keys" && task.kind !== "look";
  const from = task.startAfter === null || byBytes(task.startAfter, task.prefix) < 0 ? null : task.startAfter;
  let truncated = false;
  for (let at = firstAt(keys, task.prefix, from); keys[at]?.startsWith(task.prefix) === true; at += 1) {
    const key = keys[at] ?? "";
    const slash = isDelimited ? key.indexOf("/", task.prefix.length) : -1;
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

/** The first key at or after the prefix and after the cursor. */
function firstAt(keys: readonly string[], prefix: string, startAfter: string | null): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = keys[middle] ?? "";
    const isBefore = startAfter === null ? byBytes(key, prefix) < 0 : byBytes(key, startAfter) <= 0;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

export function dayOf(ms: number, daysLater = 0): string {
  return stampOf(ms + daysLater * DAY).slice(0, 8);
}
