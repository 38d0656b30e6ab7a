// Decides which log files exist: their names, ranges and lines, and in which files the window's edges fall. Does no
// I/O. The same seed gives the same output.
import { join } from "node:path";
import { keyStamp, plus, type Instant } from "./instant.ts";
import type { LogFilePlan } from "./log-file.ts";
import { hex32, scramble } from "./random.ts";

export const LAYOUTS = ["day", "flat"] as const;

export interface FilesOptions {
  /** The directory of the files. A key is the path below this directory. */
  outDir: string;
  files: number;
  /** Lines of each file. The last number also applies to the remaining files. */
  lines: number | number[];
  /** The window in whole seconds. Both edges are inside. */
  startMs: number;
  endMs: number;
  /** Whether keys are like `logs/20260422/<name>` or `logs/<name>`. */
  layout?: (typeof LAYOUTS)[number];
  prefix?: string;
}

/** Plans files over equal slices of the window and a margin around it. So the first and last files contain records
 * outside the window. With `exact` there is no margin, so that a slice never crosses the edge of a cell. */
export function planFiles(options: FilesOptions, seed: number, exact: boolean): LogFilePlan[] {
  const start = options.startMs / 1_000;
  const end = options.endMs / 1_000;
  if (!Number.isInteger(start) || !Number.isInteger(end) || end <= start) {
    throw new RangeError("start and end must be whole seconds, start before end");
  }
  const margin = exact ? 0 : Math.max(1, Math.min(60, Math.floor((end - start) / options.files / 10)));
  const from = start - margin;
  const span = end + margin - from;
  if (span < options.files) throw new RangeError("more files than seconds in the window");
  const lineCounts = typeof options.lines === "number" ? [options.lines] : options.lines;
  const cut = (index: number) => from + Math.floor((span * index) / options.files);
  const plans = Array.from({ length: options.files }, (_, index) => {
    const [fromSecond, toSecond] = [cut(index), cut(index + 1)];
    const lines = lineCounts[Math.min(index, lineCounts.length - 1)] ?? 0;
    const hash = hex32(scramble(seed * 65_536 + index));
    const name = `${keyStamp(fromSecond)}_${keyStamp(toSecond)}_${hash}.log.gz`;
    const day = options.layout === "flat" ? "" : `${keyStamp(fromSecond).slice(0, 8)}/`;
    const key = `${options.prefix ?? "logs/"}${day}${name}`;
    const edges = [
      ...(index === 0 ? aroundEdge(start) : []),
      ...(index === options.files - 1 ? aroundEdge(end) : []),
    ];
    return { key, path: join(options.outDir, key), lines, fromSecond, toSecond, firstRecord: 0, edges };
  });
  return withRecordNumbers(plans);
}

/** Numbers the records of all files. Call it again when files or lines have changed. */
export function withRecordNumbers(plans: readonly LogFilePlan[]): LogFilePlan[] {
  let firstRecord = 0;
  return plans.map((plan) => {
    const numbered = { ...plan, firstRecord };
    firstRecord += plan.lines;
    return numbered;
  });
}

/** Three instants: one nanosecond before an edge, the edge, and one nanosecond after it. Records at these instants
 * show whether a window is exact. */
function aroundEdge(second: number): Instant[] {
  const edge = { second, nano: 0 };
  return [plus(edge, -1), edge, plus(edge, 1)];
}
