// Handles files whose name contains only one time. Such a file covers at least `singleStampSpanMs`, and reaches to the
// start of the next file of its series. Does no I/O. The order in which pages arrive does not matter.
//
// Of each series, only the last file before the window can reach into the window. Each earlier file ends where the
// next file begins. So two numbers describe a series: its newest start before the window, and its first start that
// is not before the window.
import type { FoundFile } from "./list-tasks.ts";

export interface Series {
  /** The newest start before the window, and the single-stamp files that begin there. */
  beforeMs: number | null;
  before: FoundFile[];
  /** The first start that is not before the window. */
  nextMs: number | null;
}

/** The series of files whose names contain only one time, by the name of the series. */
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

/** Call at the end of a listing pass. Returns the files that reach into the window although the time in their name
 * lies too early. */
export function reachingFiles(all: AllSeries, windowMs: number): FoundFile[] {
  return Object.values(all).flatMap(({ before, nextMs }) =>
    nextMs === null
      ? []
      : before.filter((file) => file.rangeEnd < windowMs).map((file) => ({ ...file, rangeEnd: nextMs })),
  );
}
