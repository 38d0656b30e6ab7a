// What the live worker leaves in the bucket about each raw file, and what a run concludes from it. The live worker
// parses a raw file into batches of its own size. It writes `<prefix><safe key>-<index>.txt` for each batch, and
// after a 2xx `<prefix><safe key>-<index>.txt.done`; then it deletes the `.txt`. Pure names and plain data.

/** What a run does with records that the live worker delivered. "ignore": the run sends them too. */
export const LIVE_MODES = ["ignore", "skip_delivered"] as const;
export type LiveMode = (typeof LIVE_MODES)[number];

/** What a run does with a file that has a live batch without an answer yet. "hold": the file waits. "send":
 * the batch counts as not delivered, and its lines as possible duplicates. */
export const LIVE_WAITING_MODES = ["hold", "send"] as const;
export type LiveWaitingMode = (typeof LIVE_WAITING_MODES)[number];

/** The batch sizes of the live worker that a run can distinguish. In records. */
export const LIVE_SIZES = { min: 100, max: 5_000, step: 100 } as const;

/** Ranges of live batch indexes, both ends inside, ascending and not adjoining. */
export type IndexRanges = [first: number, last: number][];

export interface Marker {
  /** The position of the live batch in its raw file, from 0. */
  index: number;
  /** "done": the partner accepted the batch. "waiting": written, and not accepted yet. */
  kind: "done" | "waiting";
}

/** The raw key as marker names contain it. Two raw keys may have the same safe key. */
export function safeKeyOf(rawKey: string): string {
  return rawKey.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
}

/** All markers of a raw key begin with this. Markers of other keys may begin with it too: `readMarker` decides. */
export function markerPrefix(livePrefix: string, rawKey: string): string {
  return `${livePrefix}${safeKeyOf(rawKey)}-`;
}

/** Null: not a marker of the raw key whose `markerPrefix` is `prefix`. */
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
