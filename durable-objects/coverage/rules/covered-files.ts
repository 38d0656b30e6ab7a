// A raw file with the facts about its markers, and the short form in which rows store them. Does no I/O.
import type { IndexRanges } from "../../../src/contract/live.ts";
import { batchesSeen, missingRanges, type Evidence } from "./evidence.ts";

/** What is known of a file's markers. "some": the file has markers, which were not counted. */
export type Marks = "unknown" | "none" | "some" | Evidence;

export interface CoveredFile {
  key: string;
  size: number;
  uploadedAt: number;
  /** [startMs, endMs). An empty range counts as its first instant. */
  startMs: number;
  endMs: number;
  marks: Marks;
}

/** "some": the file has markers, which were not counted. "part": the marker of a batch is missing. "wait": a batch
 * still waits for its answer, and no marker is missing. */
export type Verdict = "unknown" | "none" | "some" | "part" | "wait" | "full";

/** A file is compared with this many files on each side, by their batches per byte. */
const NEIGHBOURS = 10;
/** The fewest neighbours for which a median is used. */
const FEWEST = 3;

export function byStart(a: CoveredFile, b: CoveredFile): number {
  return a.startMs - b.startMs || (a.key < b.key ? -1 : Number(a.key > b.key));
}

/** The verdicts of files in the order of `byStart`. A file with less than half of its neighbours' batches per byte
 * lacks its last batches. */
export function verdictsOf(files: readonly CoveredFile[]): Verdict[] {
  const ratios = files.map(ratioOf);
  const known = [...ratios.keys()].filter((n) => ratios[n] !== null);
  let before = 0;
  return files.map((file, n) => {
    while ((known[before] ?? Infinity) < n) before += 1;
    const own = known[before] === n ? 1 : 0;
    const near = [
      ...known.slice(Math.max(0, before - NEIGHBOURS), before),
      ...known.slice(before + own, before + own + NEIGHBOURS),
    ];
    const usual = near.length < FEWEST ? null : median(near.map((at) => ratios[at] ?? 0));
    return verdictOf(file, usual);
  });
}

function verdictOf({ marks, size }: CoveredFile, usualRatio: number | null): Verdict {
  if (typeof marks === "string") return marks;
  const seen = batchesSeen(marks);
  if (seen === 0) return "none";
  if (missingRanges(marks).length > 0) return "part";
  if (usualRatio !== null && seen < (usualRatio * size) / 2) return "part";
  return marks.waiting.length > 0 ? "wait" : "full";
}

/** Batches per byte of a file. Null: its markers were not counted, or one is missing. */
function ratioOf({ marks, size }: CoveredFile): number | null {
  if (typeof marks === "string" || size === 0) return null;
  const seen = batchesSeen(marks);
  return seen === 0 || missingRanges(marks).length > 0 ? null : seen / size;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

export function overlaps(file: CoveredFile, fromMs: number, toMs: number): boolean {
  return file.startMs < toMs && Math.max(file.endMs, file.startMs + 1) > fromMs;
}

/** What stays known of a file's markers when its hour is listed again. A file that was not settled at the last
 * listing may have more markers now. */
export function keptMarks(file: CoveredFile, verdict: Verdict, lookedAt: number, settleMs: number): Marks {
  if (verdict === "some") return "some";
  return verdict === "full" && file.uploadedAt + settleMs <= lookedAt ? file.marks : "unknown";
}

export type PackedMarks =
  null | 0 | 1 | [IndexRanges, IndexRanges, number | null, number | null, number | null];
export type PackedFile = [
  key: string,
  size: number,
  uploadedAt: number,
  startMs: number,
  endMs: number,
  marks: PackedMarks,
];

export function packMarks(marks: Marks): PackedMarks {
  if (marks === "unknown") return null;
  if (marks === "none") return 0;
  if (marks === "some") return 1;
  return [marks.done, marks.waiting, marks.firstDoneAt, marks.lastDoneAt, marks.waitingSince];
}

export function unpackMarks(packed: PackedMarks): Marks {
  if (packed === null) return "unknown";
  if (packed === 0) return "none";
  if (packed === 1) return "some";
  const [done, waiting, firstDoneAt, lastDoneAt, waitingSince] = packed;
  return { done, waiting, firstDoneAt, lastDoneAt, waitingSince };
}

export function packFile({ key, size, uploadedAt, startMs, endMs, marks }: CoveredFile): PackedFile {
  return [key, size, uploadedAt, startMs, endMs, packMarks(marks)];
}

export function unpackFile([key, size, uploadedAt, startMs, endMs, marks]: PackedFile): CoveredFile {
  return { key, size, uploadedAt, startMs, endMs, marks: unpackMarks(marks) };
}
