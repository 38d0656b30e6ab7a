// Defines what the live worker leaves in the bucket about each raw file, and what a run concludes from it. The live
// worker parses a raw file into batches of its own size. It writes `<prefix><safe key>-<index>.txt` for each batch,
// and after a 2xx `<prefix><safe key>-<index>.txt.done`; then the live worker deletes the `.txt`. Contains only
// names and types.

import type { Span } from "./span.ts";

/** What a run does with records that the live worker delivered. "ignore": the run sends them too. */
export const LIVE_MODES = ["ignore", "skip_delivered"] as const;
export type LiveMode = (typeof LIVE_MODES)[number];

/** What a run does with a file if a batch of the live worker has no answer yet. "hold": the file waits.
 * "send": the batch counts as not delivered, and its lines as possible duplicates. */
export const LIVE_WAITING_MODES = ["hold", "send"] as const;
export type LiveWaitingMode = (typeof LIVE_WAITING_MODES)[number];

/** The batch sizes of the live worker that a run can distinguish. In records. */
export const LIVE_SIZES = { min: 100, max: 5_000, step: 100 } as const;

/** Ranges of indexes of the live worker's batches, both ends inside, ascending and not adjoining. */
export type IndexRanges = [first: number, last: number][];

export interface Marker {
  /** The position of the batch in its raw file, as the live worker counts batches, from 0. */
  index: number;
  /** "done": the partner accepted the batch. "waiting": written, and not accepted yet. */
  kind: "done" | "waiting";
}

/** The raw key as marker names contain it. Two raw keys may have the same safe key. */
export function safeKeyOf(rawKey: string): string {
  return rawKey.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
}

/** All markers of a raw key begin with this prefix. Markers of other keys may begin with the same prefix, so
 * `readMarker` decides. */
export function markerPrefix(livePrefix: string, rawKey: string): string {
  return `${livePrefix}${safeKeyOf(rawKey)}-`;
}

/** Reads the key of a marker. Null: `key` is no marker of the raw key whose `markerPrefix` is `prefix`. */
export function readMarker(prefix: string, key: string): Marker | null {
  if (!key.startsWith(prefix)) return null;
  const found = /^(0|[1-9]\d{0,8})\.txt(\.done)?$/.exec(key.slice(prefix.length));
  if (found === null) return null;
  return { index: Number(found[1]), kind: found[2] === undefined ? "waiting" : "done" };
}

/** A marker of any raw key below `livePrefix`. The last hyphen ends the safe key. */
export function readAnyMarker(livePrefix: string, key: string): (Marker & { safeKey: string }) | null {
  const hyphen = key.lastIndexOf("-");
  if (!key.startsWith(livePrefix) || hyphen <= livePrefix.length) return null;
  const marker = readMarker(key.slice(0, hyphen + 1), key);
  return marker && { ...marker, safeKey: key.slice(livePrefix.length, hyphen) };
}

/** `indexes` may come in any order and may repeat. */
export function rangesOf(indexes: Iterable<number>): IndexRanges {
  const ranges: IndexRanges = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && index <= last[1] + 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges;
}

export function countOf(ranges: IndexRanges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** What a run with `live: "skip_delivered"` stores at its start and never changes. */
export interface LiveSpec {
  batchSize: number;
  /** The prefix of the markers in the bucket. */
  prefix: string;
  /** A raw file that is younger than this many ms waits. */
  settleMs: number;
  waiting: LiveWaitingMode;
}

/** The markers of a file, as stored with its first manifest ("frozen"). Later parses use the same markers. */
export interface LiveMarkers {
  /** Accepted batches of the live worker. Their records are not sent. */
  done: IndexRanges;
  /** Batches of the live worker that have no answer. Their records are sent. */
  waiting: IndexRanges;
  firstDoneAt: number | null;
  lastDoneAt: number | null;
  /** The key of the R2 object with the markers, their times, and the kept lines of each batch of the live worker.
   * Null: there is no such R2 object. */
  detailKey: string | null;
}

export const NO_MARKERS: LiveMarkers = {
  done: [],
  waiting: [],
  firstDoneAt: null,
  lastDoneAt: null,
  detailKey: null,
};

/** What a parser needs to know about what the live worker delivered of the file. */
export interface LiveClaim {
  prefix: string;
  batchSize: number;
  waiting: LiveWaitingMode;
  /** Null: the parser lists the markers. */
  frozen: LiveMarkers | null;
  /** Set when the dry run of the plan stored `frozen`. The parser lists the markers and compares them. */
  isPlanned?: true;
  /** The key under which the parser writes the markers that it listed. Null: a dry run writes nothing. */
  detailKey: string | null;
}

/** The content of the R2 object with the key `detailKey`. */
export interface LiveDetail {
  key: string;
  etag: string;
  listed_at: string;
  batch_size: number;
  /** The index and kind of each marker, and when it was written. */
  markers: [index: number, kind: Marker["kind"], at: string][];
  /** How many lines were kept of each batch of the live worker that was not skipped, by index. */
  kept: [index: number, lines: number][];
}

/** What makes a run trust the size of the live worker's batches. "files": the run's own files prove it. "operator":
 * an operator accepted it. */
export const LIVE_PROOFS = ["files", "operator"] as const;
export type LiveProof = (typeof LIVE_PROOFS)[number];

/** `live` in the status of a run that skips what the live worker delivered. */
export interface LiveView {
  batch_size: number;
  /** Whether the files prove the size, or an operator accepted it. */
  believed: boolean;
  /** Null: the run does not trust the size. */
  proven_by: LiveProof | null;
  /** How many files have exactly the markers that the size gives. */
  proving_files: number;
  doubt: string | null;
  /** Why the files do not prove the live worker's batch size. Null: they prove it. An operator's decision does not change
   * this member. */
  doubt_code: string | null;
  /** Sizes that no file contradicts and that fit most files. */
  fitting_sizes: number[];
  files_with_markers: number;
  files_waiting: number;
  /** The number of files whose markers are listed again before the run is delivered. */
  files_to_list_again: number;
  lines_sent_while_waiting: number;
  /** How many batches of the live worker were marked done after the run had parsed their file, and their kept
   * lines. */
  live_delivered_meanwhile: { batches: number; lines: number };
  /** Null: there is no such record in the files that are parsed. `windows`: what a further run must replay to send these
   * records. Their ends are outside. */
  outside_not_delivered: (LeftOutView & { windows: Span[] }) | null;
}

/** Records that neither the live worker delivered nor the run sends, because their time lies outside the window. */
export interface LeftOutView {
  before: number;
  after: number;
  /** The earliest and the latest of their times. */
  first: string;
  last: string;
}

/** The member `live` of a file. */
export interface LiveFileView {
  /** How many batches of the live worker the size gives. Null: the file is not parsed yet, or the borders are not
   * known. */
  expected: number | null;
  done: number;
  waiting: number;
  first_done_at: string | null;
  last_done_at: string | null;
  lines_sent_while_waiting: number;
  live_delivered_meanwhile: { batches: number; lines: number };
  outside_not_delivered: LeftOutView | null;
  /** The key of the R2 object with all markers. */
  detail: string | null;
}

/** The member of a manifest about the live worker. `waitingLines` counts kept lines of batches that have no answer
 * from the live worker's POST yet. */
export interface LiveManifest {
  markers: LiveMarkers;
  waitingLines: number;
  /** How many batches were marked done after the dry run stored the markers. Set only when the claim had `isPlanned`. */
  doneSincePlan?: number;
}

export function isIn(ranges: IndexRanges, index: number): boolean {
  return ranges.some(([first, last]) => index >= first && index <= last);
}

/** The largest index of any marker. Null: there is no marker. */
export function largestIndex({ done, waiting }: Pick<LiveMarkers, "done" | "waiting">): number | null {
  const ends = [...done, ...waiting].map(([, last]) => last);
  return ends.length === 0 ? null : Math.max(...ends);
}
