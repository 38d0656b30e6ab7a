// Finds what the markers of one raw file show: which batches of the live worker are done, which wait, and when.
// Does no I/O.
import { rangesOf, type IndexRanges, type Marker } from "../../../src/contract/live.ts";

export interface Evidence {
  done: IndexRanges;
  /** Batches that were written and not accepted. Never overlaps `done`. */
  waiting: IndexRanges;
  firstDoneAt: number | null;
  lastDoneAt: number | null;
  /** When the oldest waiting batch was written. */
  waitingSince: number | null;
}

export interface SeenMarker extends Marker {
  uploadedAt: number;
}

export const NO_MARKERS: Evidence = {
  done: [],
  waiting: [],
  firstDoneAt: null,
  lastDoneAt: null,
  waitingSince: null,
};

export function evidenceOf(markers: readonly SeenMarker[]): Evidence {
  const done = markers.filter(({ kind }) => kind === "done");
  const waiting = markers.filter(({ kind }) => kind === "waiting");
  return settled({
    done: rangesOf(done.map(({ index }) => index)),
    waiting: rangesOf(waiting.map(({ index }) => index)),
    firstDoneAt: least(done.map(({ uploadedAt }) => uploadedAt)),
    lastDoneAt: greatest(done.map(({ uploadedAt }) => uploadedAt)),
    waitingSince: least(waiting.map(({ uploadedAt }) => uploadedAt)),
  });
}

/** Joins the evidence of two pages of one file's markers. */
export function joined(a: Evidence, b: Evidence): Evidence {
  return settled({
    done: union(a.done, b.done),
    waiting: union(a.waiting, b.waiting),
    firstDoneAt: least([a.firstDoneAt, b.firstDoneAt]),
    lastDoneAt: greatest([a.lastDoneAt, b.lastDoneAt]),
    waitingSince: least([a.waitingSince, b.waitingSince]),
  });
}

/** A batch with both markers is done, because the live worker deletes the `.txt` marker last. */
function settled(evidence: Evidence): Evidence {
  const waiting = without(evidence.waiting, evidence.done);
  return { ...evidence, waiting, waitingSince: waiting.length > 0 ? evidence.waitingSince : null };
}

/** The greatest index of the markers, plus one. 0: the file has no marker. */
export function batchesSeen({ done, waiting }: Evidence): number {
  return Math.max(done.at(-1)?.[1] ?? -1, waiting.at(-1)?.[1] ?? -1) + 1;
}

export function union(a: IndexRanges, b: IndexRanges): IndexRanges {
  const ranges: IndexRanges = [];
  for (const [first, last] of [...a, ...b].sort(([one], [other]) => one - other)) {
    const before = ranges.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else ranges.push([first, last]);
  }
  return ranges;
}

export function without(ranges: IndexRanges, taken: IndexRanges): IndexRanges {
  let left = ranges;
  for (const [first, last] of taken) {
    left = left.flatMap(([from, to]): IndexRanges => {
      if (last < from || first > to) return [[from, to]];
      const pieces: IndexRanges = [];
      if (from < first) pieces.push([from, first - 1]);
      if (to > last) pieces.push([last + 1, to]);
      return pieces;
    });
  }
  return left;
}

/** The indexes below the greatest index that have no marker. */
export function missingRanges(evidence: Evidence): IndexRanges {
  const seen = union(evidence.done, evidence.waiting);
  return without([[0, batchesSeen(evidence) - 1]], seen).filter(([first, last]) => first <= last);
}

function least(times: readonly (number | null)[]): number | null {
  return times.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null);
}

function greatest(times: readonly (number | null)[]): number | null {
  return times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
}
