// Decides whether the live worker's batches have the configured size. A wrong size would skip records that were not
// delivered. Each parsed file that has markers adds evidence for and against every size. Does no I/O. See
// docs/decisions/0028.
import { LIVE_SIZES, type IndexRanges } from "../../../src/contract/live.ts";

/** A parsed file with at least one marker, whose borders are known. */
export interface LiveFile {
  /** How many records the live worker counts in the file. */
  records: number;
  /** The largest index of any marker, done or waiting. */
  maxIndex: number;
  done: IndexRanges;
}

/** Sums over files, so that a file that is parsed again can be subtracted. Each list has one sum for each size, in
 * the order of `sizesFor`. */
export interface LiveEvidence {
  files: number;
  /** Files that have one batch of the live worker at the configured size. */
  oneBatch: number;
  /** Files whose last marker is the last marker that the configured size gives. `exact` counts all such files,
   * `exactMany` those with several batches. */
  exact: number;
  exactMany: number;
  /** Files that were delivered from the first batch on without a gap, but not to the end that the configured size
   * gives. */
  cutOff: number;
  /** For each size: how many files have a marker beyond the last batch that this size gives. */
  contradicts: number[];
  /** For each size: how many files have as their last marker the last one that this size gives. */
  fits: number[];
  /** For each size: how many files of `exact` and of `exactMany` this size does not fit. */
  misses: number[];
  missesMany: number[];
  /** For each size: in how many files this size would skip other records than the configured size. */
  differs: number[];
  /** For each size: how many files of `cutOff` this size fits. */
  fitsCutOff: number[];
}

export type LiveDoubt = "contradicted" | "too_few_files" | "several_sizes_fit" | "size_changed";

export interface LiveVerdict {
  /** Why the configured size is doubted. Null: it is not doubted. */
  doubt: LiveDoubt | null;
  /** Sizes that no file contradicts and that fit most files. */
  fitting: number[];
}

/** How many files must agree, or disagree, before their evidence counts. */
const ENOUGH = 3;
const MAX_NAMED = 10;

/** The sizes that are compared, with the configured size first. */
export function sizesFor(size: number): number[] {
  const { min, max, step } = LIVE_SIZES;
  const others = Array.from({ length: (max - min) / step + 1 }, (_, n) => min + n * step);
  return [size, ...others.filter((other) => other !== size)];
}

export function noEvidence(size: number): LiveEvidence {
  const zeros = (): number[] => sizesFor(size).map(() => 0);
  return {
    files: 0,
    oneBatch: 0,
    exact: 0,
    exactMany: 0,
    cutOff: 0,
    contradicts: zeros(),
    fits: zeros(),
    misses: zeros(),
    missesMany: zeros(),
    differs: zeros(),
    fitsCutOff: zeros(),
  };
}

/** Adds a file to the sums (sign 1) or subtracts it (sign -1). */
export function withFile(evidence: LiveEvidence, size: number, file: LiveFile, sign: 1 | -1): LiveEvidence {
  const { records, maxIndex, done } = file;
  const batches = (one: number): number => Math.ceil(records / one);
  const fitsSize = (one: number): boolean => maxIndex + 1 === batches(one);
  const exact = fitsSize(size);
  const isMany = exact && batches(size) > 1;
  const [first] = done;
  const isWhole = done.length === 1 && first?.[0] === 0 && first[1] === maxIndex;
  const isCutOff = !exact && isWhole;
  const skipped = recordsOf(done, size, records);
  const sizes = sizesFor(size);
  const add = (sum: number, holds: boolean): number => sum + (holds ? sign : 0);
  const each = (sums: number[], holds: (one: number) => boolean): number[] =>
    sums.map((sum, n) => add(sum, holds(sizes[n] ?? size)));
  return {
    files: add(evidence.files, true),
    oneBatch: add(evidence.oneBatch, batches(size) === 1),
    exact: add(evidence.exact, exact),
    exactMany: add(evidence.exactMany, isMany),
    cutOff: add(evidence.cutOff, isCutOff),
    contradicts: each(evidence.contradicts, (one) => maxIndex >= batches(one)),
    fits: each(evidence.fits, fitsSize),
    misses: each(evidence.misses, (one) => exact && !fitsSize(one)),
    missesMany: each(evidence.missesMany, (one) => isMany && !fitsSize(one)),
    differs: each(evidence.differs, (one) => recordsOf(done, one, records) !== skipped),
    fitsCutOff: each(evidence.fitsCutOff, (one) => isCutOff && fitsSize(one)),
  };
}

export function judgeSize(evidence: LiveEvidence, size: number): LiveVerdict {
  return { doubt: doubtOf(evidence), fitting: fittingSizes(evidence, size) };
}

/** How many files count as proof: all their markers are those that the configured size gives. Files with a single live
 * batch count only when no file has several. */
export function provingFiles(evidence: LiveEvidence): number {
  return isQuiet(evidence) ? evidence.exact : evidence.exactMany;
}

function isQuiet({ oneBatch, files }: LiveEvidence): boolean {
  return oneBatch === files;
}

function doubtOf(evidence: LiveEvidence): LiveDoubt | null {
  if (evidence.contradicts[0] !== 0) return "contradicted";
  if (provingFiles(evidence) < ENOUGH) return "too_few_files";
  const misses = isQuiet(evidence) ? evidence.misses : evidence.missesMany;
  // Another size may fit all files that prove the configured size. This is harmless when it would skip the same
  // records in every file.
  if (misses.some((missed, n) => missed === 0 && evidence.differs[n] !== 0)) return "several_sizes_fit";
  // Some files of `cutOff` fit another size by chance. If most of them fit one other size, the live worker's size
  // has changed.
  if (evidence.fitsCutOff.some((fits) => fits >= ENOUGH && 2 * fits >= evidence.cutOff))
    return "size_changed";
  return null;
}

function fittingSizes({ contradicts, fits }: LiveEvidence, size: number): number[] {
  const possible = sizesFor(size)
    .map((one, n) => ({ one, fits: fits[n] ?? 0, contradicted: contradicts[n] !== 0 }))
    .filter(({ fits: count, contradicted }) => count > 0 && !contradicted);
  const most = Math.max(...possible.map(({ fits: count }) => count));
  return possible
    .filter(({ fits: count }) => count === most)
    .map(({ one }) => one)
    .toSorted((a, b) => a - b)
    .slice(0, MAX_NAMED);
}

/** The records of these batches of the live worker, as text that is equal exactly when the records are. */
function recordsOf(done: IndexRanges, size: number, records: number): string {
  const spans: [from: number, to: number][] = [];
  for (const [first, last] of done) {
    const [from, to] = [first * size, Math.min(records, (last + 1) * size)];
    if (from < to) spans.push([from, to]);
  }
  return JSON.stringify(spans);
}
