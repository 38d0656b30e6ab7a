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

/** A cap far above the delivered rate would press the rate flat. It is then left out of the scale. */
const FAR = 4;

export interface ChartScale {
  /** Lines per second at the upper edge. */
  top: number;
  isCapAbove: boolean;
}

export function chartScale([, delivered, targets, caps]: ChartData): ChartScale {
  const rate = most(delivered);
  const cap = Math.max(most(caps), most(targets));
  const isCapAbove = rate > 0 && cap > FAR * rate;
  return { top: Math.max(1, (isCapAbove ? rate : Math.max(rate, cap)) * 1.1), isCapAbove };
}

/** A short run would fill the axis with labels of one minute. Seconds. */
const SHORTEST_AXIS = 600;

/** The first and last second of the axis. */
export function chartSpan([at]: ChartData): [number, number] {
  const first = at[0] ?? 0;
  const last = at.at(-1) ?? first;
  return last - first >= SHORTEST_AXIS ? [first, last] : [first - 60, first - 60 + SHORTEST_AXIS];
}

function most(values: readonly (number | null)[]): number {
  return values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
}

function push(data: ChartData, at: number, values: [number | null, number | null, number | null]): void {
  data[0].push(at);
  data[1].push(values[0]);
  data[2].push(values[1]);
  data[3].push(values[2]);
}
