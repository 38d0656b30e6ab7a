// Turns gathered groups of files into lists of marker names, and reads the pages of these lists. Does no I/O.
//
// presence  lists with the delimiter "-". R2 returns each raw file once, as a common prefix. If a
//           safe key contains "-" after the listed prefix, R2 would cut it short. Such files are listed exactly.
// exact     lists every marker.
import { readAnyMarker } from "../../../src/contract/live.ts";
import { behind, keyOrder } from "../../../src/listing/log-names.ts";
import type { Gathered, SafeRun } from "./gather.ts";
import { evidenceOf, type Evidence, type SeenMarker } from "./evidence.ts";

export type Mode = "presence" | "exact";

/** A list of the keys below `prefix`, after `startAfter`, up to and including `stopAt`. */
export interface MarkerList {
  id: number;
  mode: Mode;
  prefix: string;
  startAfter: string | null;
  stopAt: string | null;
}

export interface MarkerPage {
  keys: { key: string; uploadedAt: number }[];
  /** The common prefixes, only with a delimiter. Each ends in "-". */
  prefixes: string[];
  truncated: boolean;
}

export interface MarkerPageRead {
  /** What the page shows, by safe key. True: the safe key has markers. */
  seen: Map<string, Evidence | true>;
  /** The number of keys that are not markers. */
  foreign: number;
  /** The remaining part of the list. Null: the list is complete. */
  left: MarkerList | null;
}

/** How many lists run at the same time. */
export const LISTS_AT_ONCE = 5;
/** In a group of at most this many files, the markers of each file are listed separately. */
const FEW_FILES = 2;

/** The lists for the gathered files, newest first. Names of later logs sort after names of earlier logs. */
export function markerListsOf(gathered: Gathered, mode: Mode, livePrefix: string): MarkerList[] {
  const families = Object.values(gathered.families);
  const runs = families.reduce((sum, family) => sum + family.runs.length, 0);
  const pieces = Math.ceil(LISTS_AT_ONCE / Math.max(1, runs));
  const lists = families.flatMap(({ runs: some, isDashed }) =>
    some
      .flatMap((run) => cut(run, pieces))
      .flatMap((piece) => listOf(piece, isDashed ? "exact" : mode, livePrefix)),
  );
  return [...lists, ...gathered.singles.map((safe) => single(safe, livePrefix))]
    .sort((a, b) => keyOrder(b.stopAt ?? b.prefix, a.stopAt ?? a.prefix))
    .map((list, id) => ({ ...list, id }));
}

/** A part of a group: the safe keys after `after`, from `min` to `max`. */
interface Piece {
  after: string | null;
  min: string;
  max: string;
  count: number;
}

/** Cuts a large group into several pieces, so that they can be listed at the same time. */
function cut({ min, max, count, cuts }: SafeRun, pieces: number): Piece[] {
  const bounds = Array.from({ length: pieces - 1 }, (_, n) => {
    return cuts[Math.floor((cuts.length * (n + 1)) / pieces)] ?? max;
  });
  const ends = [...new Set([...bounds, max])];
  return ends.map((end, n) => {
    const after = ends[n - 1] ?? null;
    return { after, min: after ?? min, max: end, count: Math.ceil(count / ends.length) };
  });
}

type NewList = Omit<MarkerList, "id">;

function listOf({ after, min, max, count }: Piece, mode: Mode, livePrefix: string): NewList[] {
  if (min === max) return [single(min, livePrefix)];
  if (count <= FEW_FILES && after === null) return [single(min, livePrefix), single(max, livePrefix)];
  const stem = commonStart(min, max);
  const startAfter = after === null ? livePrefix + min : lastMarkerOf(after, livePrefix);
  const stopAt = lastMarkerOf(max, livePrefix);
  return [{ mode, prefix: livePrefix + stem, startAfter, stopAt }];
}

function single(safe: string, livePrefix: string): NewList {
  return { mode: "exact", prefix: `${livePrefix}${safe}-`, startAfter: null, stopAt: null };
}

/** A name that sorts after all markers of the safe key, and before all markers of greater safe keys. */
function lastMarkerOf(safe: string, livePrefix: string): string {
  return behind(`${livePrefix}${safe}-`, null);
}

function commonStart(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return a.slice(0, at);
}

/** Reads a page of a list. */
export function readMarkerPage(list: MarkerList, page: MarkerPage, livePrefix: string): MarkerPageRead {
  const isBeyond = (name: string): boolean => list.stopAt !== null && keyOrder(name, list.stopAt) > 0;
  const seen = new Map<string, Evidence | true>();
  const markers = new Map<string, SeenMarker[]>();
  let foreign = 0;
  for (const { key, uploadedAt } of page.keys) {
    if (isBeyond(key)) break;
    const marker = readAnyMarker(livePrefix, key);
    if (marker === null) foreign += 1;
    else {
      const { safeKey, index, kind } = marker;
      const found = markers.get(safeKey);
      if (found) found.push({ index, kind, uploadedAt });
      else markers.set(safeKey, [{ index, kind, uploadedAt }]);
    }
  }
  for (const [safeKey, found] of markers) seen.set(safeKey, evidenceOf(found));
  for (const prefix of page.prefixes) {
    if (isBeyond(prefix)) break;
    seen.set(prefix.slice(livePrefix.length, -1), true);
  }
  const last = lastOf(page);
  const isOver = !page.truncated || last === null || isBeyond(last);
  return { seen, foreign, left: isOver ? null : { ...list, startAfter: last } };
}

function lastOf({ keys, prefixes }: MarkerPage): string | null {
  const key = keys.at(-1)?.key;
  const prefix = prefixes.at(-1);
  if (prefix !== undefined && (key === undefined || keyOrder(prefix, key) > 0)) return behind(prefix, null);
  return key ?? null;
}
