// Estimates from bytes how many lines a window contains, how long they take at the cap, and what they cost. Does no
// I/O.
import { MILLION, OPERATIONS_PER_MESSAGE, PRICE } from "../../contract/prices.ts";
import type { RunSummary } from "../../contract/registry.ts";
import type { FileView } from "../../contract/views.ts";

export interface Range {
  low: number;
  high: number;
}

/** Compressed bytes of raw logs for each line that a run keeps. */
export type BytesPerLine = Range & { from: { run: string; files: number } | null };

/** The range without an earlier run. `low` is for records of few fields of which all are kept. `high` is for
 * records of all fields of which one in ten is kept. */
const UNKNOWN: BytesPerLine = { low: 40, high: 800, from: null };
/** The fewest files of an earlier run that are used. Fewer files may be untypical. A file with few lines is left out,
 * because only a small part of it lies in the window. */
const FILES_NEEDED = 3;
const LINES_NEEDED = 100;

/** The id of the run with the longest common time with the window. With several, or with none in common: the newest.
 * `runs`: the newest first. Null: there is no run. */
export function closestRun(
  runs: readonly Pick<RunSummary, "id" | "start" | "end">[],
  { startMs, endMs }: { startMs: number; endMs: number },
): string | null {
  const commonMs = ({ start, end }: Pick<RunSummary, "start" | "end">): number =>
    Math.max(0, Math.min(endMs, Date.parse(end)) - Math.max(startMs, Date.parse(start)));
  const [closest] = runs.toSorted((a, b) => commonMs(b) - commonMs(a));
  return closest?.id ?? null;
}

/** The range over the middle four fifths of an earlier run's files. */
export function bytesPerLineOf(run: string, files: readonly FileView[]): BytesPerLine {
  const each = files
    .flatMap(({ size, lines }) => (lines && lines.kept >= LINES_NEEDED ? [size / lines.kept] : []))
    .toSorted((a, b) => a - b);
  const [low, high] = [each[Math.floor(each.length / 10)], each[Math.floor((each.length * 9) / 10)]];
  if (each.length < FILES_NEEDED || low === undefined || high === undefined) return UNKNOWN;
  return { low: rounded(low), high: rounded(high), from: { run, files: each.length } };
}

export const NO_EARLIER_RUN = UNKNOWN;

/** The cost of a run's later listing passes, its evidence and its clock (docs/performance.md). */
const USD_OF_A_RUN = 0.000_25;
const USD_OF_A_LIST = PRICE.classA / MILLION;
/** How often a run lists its window. */
const PASSES = 3;
/** The cost of a batch of 1,000 lines: rows, requests, queue operations, CPU and reads. */
const USD_OF_A_BATCH = 8e-6;
/** The cost of a file: one write and one read of R2, and three operations of a queue. */
const USD_OF_A_FILE =
  (PRICE.classA + PRICE.classB + OPERATIONS_PER_MESSAGE * PRICE.queueOperations) / MILLION;

export interface Estimate {
  lines: Range & { bytes_per_line: BytesPerLine };
  batches: Range;
  minutes_at_cap: Range;
  cost_usd: Range;
}

export function estimateOf(
  raw: { files: number; bytes: number; lists: number },
  bytesPerLine: BytesPerLine,
  run: { maxLinesPerSecond: number; batchLines: number },
): Estimate {
  const lines = {
    low: Math.floor(raw.bytes / bytesPerLine.high),
    high: Math.ceil(raw.bytes / bytesPerLine.low),
  };
  const batches = batchesOf(lines, raw.files, run.batchLines);
  const fixed =
    raw.bytes === 0 ? 0 : USD_OF_A_RUN + raw.lists * PASSES * USD_OF_A_LIST + raw.files * USD_OF_A_FILE;
  return {
    lines: { ...lines, bytes_per_line: bytesPerLine },
    batches,
    minutes_at_cap: both(lines, (count) => Math.ceil((count / run.maxLinesPerSecond / 60) * 10) / 10),
    cost_usd: both(batches, (count) => rounded(fixed + count * USD_OF_A_BATCH, 10_000)),
  };
}

/** A batch has lines of one file only. So each file that has lines makes one batch or more, and its last batch may be
 * short. The lowest number assumes that every file has a line. */
function batchesOf(lines: Range, files: number, batchLines: number): Range {
  return {
    low: Math.max(Math.ceil(lines.low / batchLines), Math.min(files, lines.low)),
    high: Math.min(Math.floor(lines.high / batchLines) + files, lines.high),
  };
}

function both({ low, high }: Range, change: (count: number) => number): Range {
  return { low: change(low), high: change(high) };
}

function rounded(value: number, parts = 10): number {
  return Math.ceil(value * parts) / parts;
}
