// Window → stretches of keys, and a dense stretch → segments that are listed beside each other. Pure.
//
// Log names sort by their start, so a folder is read from shortly before the window to shortly after it, and around
// those two stretches: what sorts before any plausible name, and what sorts after all digits (subfolders, markers).
// Day folders (`20260422/`) and flat names (`20260422T…`) are both looked for, on every day that the window with its
// lookback and its margin touches, and one day more on each side (a file may stand in the folder of its end or of
// its start). A delimiter listing names every folder that is no day folder. `startAfter` is the only cursor: it is
// plain text, survives anything, and is persisted after every page.
//
// A page that does not reach the end of its stretch tells how dense it is: the time from its first name to its last.
// What is left of the stretch is cut into as many segments as such pages are needed for it. Where the cuts lie is a
// guess and changes nothing but the time it takes: a segment reads exactly the keys between its two bounds.
import { logRange, stamp } from "./log-names.ts";

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

export interface ListTask {
  kind: "keys" | "folders" | "peek";
  prefix: string;
  /** Keys after this one and up to `stopAt`, which itself belongs to the task. */
  startAfter: string | null;
  /** Keys behind it belong to another task, or lie after the window. */
  stopAt: string | null;
  /** A file with a single stamp whose range waits for the next file's start. */
  carry: FoundFile | null;
  /** Tasks of one series follow each other in time: the last single stamp of one waits for the first of the next. */
  series: string;
  /** Where the first log name of the task starts, once it is read. */
  firstMs?: number;
  /** Read to its end; kept while a task of the series before it may ask for `firstMs`. */
  over?: true;
  /** The task may be cut: its names are `stem` + stamp, and hardly any lies after `untilMs`. */
  cut?: { stem: string; untilMs: number };
}

export interface ListingSpec {
  startMs: number;
  endMs: number;
  logPrefix: string;
  folders: string[];
  singleStampSpanMs: number;
}

/** Segments known at once: what is persisted after each page stays small, and a wrong guess of density costs little. */
export const MAX_SEGMENTS = 50;

const DAY_MS = 86_400_000;
/** Sorts after every digit: the rest of a folder behind its dated names. */
export const AFTER_DIGITS = ":";

export function tasksFor(spec: ListingSpec, marginMs: number, lookbackMs: number): ListTask[] {
  const fromMs = spec.startMs - lookbackMs;
  const toMs = spec.endMs + marginMs + 1_000;
  const from = stamp(fromMs);
  const to = stamp(toMs);
  const roots = ["", ...spec.folders].map((folder) => spec.logPrefix + folder);
  return roots.flatMap((root) => [
    task("folders", root),
    ...days(fromMs - DAY_MS, toMs - 1_000 + DAY_MS).flatMap(({ day, dayBefore, endMs }) => {
      const folder = `${root}${day}/`;
      const oddities = `${folder}${dayBefore}`;
      const seek = `${folder}${from}` > oddities ? `${folder}${from}` : oddities;
      const untilMs = Math.min(toMs, endMs);
      return [
        task("keys", folder, { stopAt: oddities }),
        task("keys", folder, {
          startAfter: seek,
          stopAt: `${folder}${to}`,
          series: `${root}day/`,
          cut: { stem: folder, untilMs },
        }),
        task("keys", folder, { startAfter: `${folder}${AFTER_DIGITS}` }),
        task("keys", `${root}${day}T`, {
          startAfter: `${root}${from}`,
          stopAt: `${root}${to}`,
          series: `${root}flat`,
          cut: { stem: root, untilMs },
        }),
      ];
    }),
  ]);
}

/** Whether a stretch of flat names reads `name`, which stands in `root` itself. */
export function isReadFlat(spec: ListingSpec, marginMs: number, lookbackMs: number, name: string): boolean {
  const fromMs = spec.startMs - lookbackMs;
  const toMs = spec.endMs + marginMs + 1_000;
  const isOfDay = days(fromMs - DAY_MS, toMs - 1_000 + DAY_MS).some(({ day }) => name.startsWith(`${day}T`));
  return isOfDay && name > stamp(fromMs) && name <= stamp(toMs);
}

export function task(kind: ListTask["kind"], prefix: string, over: Partial<ListTask> = {}): ListTask {
  return { kind, prefix, startAfter: null, stopAt: null, carry: null, series: "", ...over };
}

/** `rest` of a stretch after `page` of it, in segments; the first of them keeps what the stretch knew. */
export function cutAhead(rest: ListTask, page: ListedPage, segmentsNow: number): ListTask[] {
  const ranges = page.keys.map((listed) => logRange(listed.key)).filter((range) => range !== null);
  const [firstRange, lastRange] = [ranges[0], ranges.at(-1)];
  if (!rest.cut || !firstRange || !lastRange) return [rest];
  const { stem, untilMs } = rest.cut;
  const fromMs = lastRange.startMs;
  const pageMs = Math.max(1_000, fromMs - firstRange.startMs);
  const pieces = Math.min(Math.ceil((untilMs - fromMs) / pageMs), MAX_SEGMENTS + 1 - segmentsNow);
  const segments = [rest];
  for (let piece = 1; piece < pieces; piece += 1) {
    const bound = stem + stamp(fromMs + ((untilMs - fromMs) * piece) / pieces);
    const before = segments.at(-1) ?? rest;
    if (bound <= (before.startAfter ?? "") || bound >= (rest.stopAt ?? "")) continue;
    const { firstMs: _read, ...behind } = before;
    segments.splice(-1, 1, { ...before, stopAt: bound }, { ...behind, startAfter: bound, carry: null });
  }
  return segments;
}

function days(fromMs: number, toMs: number): { day: string; dayBefore: string; endMs: number }[] {
  const list = [];
  for (let ms = Math.floor(fromMs / DAY_MS) * DAY_MS; ms <= toMs; ms += DAY_MS) {
    const [day, dayBefore] = [ms, ms - DAY_MS].map((one) => stamp(one).slice(0, 8)) as [string, string];
    list.push({ day, dayBefore, endMs: ms + DAY_MS });
  }
  return list;
}
