// Files whose name holds one time only: such a file covers at least the span of the specification, and reaches to the
// start of the next file of its series. Pure, and the same in whatever order the pages arrive.
//
// Only the last file before the window can reach into it: whatever lies before that one ends where it begins. So a series
// is known by its newest start before the window, and by its first start within the window or behind it.
import type { FoundFile } from "./list-tasks.ts";

export interface Series {
  /** The newest start before the window, and the files with a single stamp that begin there. */
  beforeMs: number | null;
  before: FoundFile[];
  /** The first start that is not before the window. */
  nextMs: number | null;
}

/** By name. */
export type AllSeries = Record<string, Series>;

export function seeLog(
  all: AllSeries,
  name: string,
  file: FoundFile,
  fileMs: number,
  windowMs: number,
): AllSeries {
  const series = all[name] ?? { beforeMs: null, before: [], nextMs: null };
  const seen = withLog(series, file, fileMs, windowMs);
  return seen === series ? all : { ...all, [name]: seen };
}

function withLog(series: Series, file: FoundFile, fileMs: number, windowMs: number): Series {
  if (fileMs >= windowMs) {
    return series.nextMs !== null && series.nextMs <= fileMs ? series : { ...series, nextMs: fileMs };
  }
  if (series.beforeMs !== null && fileMs < series.beforeMs) return series;
  const before = fileMs === series.beforeMs ? series.before : [];
  return { ...series, beforeMs: fileMs, before: file.single ? [...before, file] : before };
}

/** At the end of a pass: files that reach into the window though their span does not. */
export function reachingFiles(all: AllSeries, windowMs: number): FoundFile[] {
  return Object.values(all).flatMap(({ before, nextMs }) =>
    nextMs === null
      ? []
      : before.filter((file) => file.rangeEnd < windowMs).map((file) => ({ ...file, rangeEnd: nextMs })),
  );
}
