// The points of a series as columns for a chart. Pure.
import type { SeriesPoint } from "../../../contract/api/api-types.ts";

/** Epoch seconds, then lines per second: delivered, target and cap. Null breaks the line. */
export type ChartData = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** An interval without a report has no point. The line breaks there, because nothing is known of it. */
export function chartData(points: readonly SeriesPoint[]): ChartData {
  const data: ChartData = [[], [], [], []];
  let previousEnd: number | null = null;
  for (const { at, seconds, lines, target_lines_per_second: target, max_lines_per_second: cap } of points) {
    const from = Date.parse(at) / 1_000;
    if (previousEnd !== null && from > previousEnd) push(data, previousEnd, [null, null, null]);
    push(data, from, [seconds > 0 ? lines / seconds : null, target, cap]);
    previousEnd = from + seconds;
  }
  return data;
}

function push(data: ChartData, at: number, values: [number | null, number | null, number | null]): void {
  data[0].push(at);
  data[1].push(values[0]);
  data[2].push(values[1]);
  data[3].push(values[2]);
}
