// Computes the lines of the chart that shows a run's rate, in a box of WIDTH by HEIGHT units. Does no I/O.
import type { SeriesPoint } from "../../../contract/api/api-types.ts";

export const WIDTH = 1_000;
export const HEIGHT = 100;

/** If the cap is more than this many times the delivered rate, the chart's scale ignores the cap. Otherwise the rate
 * would look flat. */
const FAR = 4;
/** The scale is this much higher than the highest value, so that its line does not touch the upper edge. */
const HEADROOM = 1.05;
/** The shortest time axis, in seconds. On a shorter axis, several labels would show the same minute. */
const SHORTEST_AXIS = 600;
/** The possible seconds between two labels of the time axis. The chart uses the first one that gives few enough
 * labels. */
const STEPS = [60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];
const MOST_TICKS = 9;
/** The share of the axis that a label needs to its right. A label without this space would be cut. */
const LABEL_SHARE = 0.12;

export interface Scale {
  /** The left and the right edge, in epoch seconds. */
  from: number;
  to: number;
  /** The upper edge, in lines per second. */
  top: number;
  /** True: the cap is above the upper edge. */
  isCapAbove: boolean;
}

export function delivered({ lines, seconds }: SeriesPoint): number {
  return seconds > 0 ? lines / seconds : 0;
}

/** `now`: epoch seconds, where the time axis of a working run ends. Null: the axis ends with the last point. */
export function scaleOf(points: readonly SeriesPoint[], now: number | null = null): Scale {
  const most = (value: (point: SeriesPoint) => number) =>
    points.reduce((top, point) => Math.max(top, value(point)), 0);
  const rate = most(delivered);
  const cap = most((point) => Math.max(point.max_lines_per_second, point.target_lines_per_second));
  const isCapAbove = rate > 0 && cap > FAR * rate;
  const [first, last] = [points[0], points.at(-1)];
  const from = first ? startOf(first) : 0;
  const to = Math.max(last ? startOf(last) + last.seconds : from, now ?? 0);
  const top = roundUp(HEADROOM * (isCapAbove ? rate : Math.max(rate, cap)));
  return { from: Math.min(from, to - SHORTEST_AXIS), to, top, isCapAbove };
}

/** The SVG path of one value. Each point is a horizontal line over its interval. Where there is no point, the path
 * has a gap, because nothing was reported. */
export function stepPath(
  points: readonly SeriesPoint[],
  value: (point: SeriesPoint) => number,
  { from, to, top }: Scale,
): string {
  const x = (at: number) => round(((at - from) / (to - from)) * WIDTH);
  const y = (rate: number) => round(HEIGHT - (rate / top) * HEIGHT);
  let previousEnd: number | null = null;
  let path = "";
  for (const point of points) {
    const start = startOf(point);
    const level = y(value(point));
    path += previousEnd === start ? `V${level}` : `M${x(start)} ${level}`;
    previousEnd = start + point.seconds;
    path += `H${x(previousEnd)}`;
  }
  return path;
}

/** Whether any part of the line of this value is inside the chart. */
export function isDrawn(
  points: readonly SeriesPoint[],
  value: (point: SeriesPoint) => number,
  { top }: Scale,
): boolean {
  return points.some((point) => value(point) <= top);
}

/** The places of the labels on the time axis, in epoch seconds. */
export function timeTicks({ from, to }: Scale): number[] {
  const step = STEPS.find((seconds) => (to - from) / seconds <= MOST_TICKS) ?? to - from;
  const ticks: number[] = [];
  const last = to - (to - from) * LABEL_SHARE;
  for (let at = Math.ceil(from / step) * step; at <= last; at += step) ticks.push(at);
  return ticks;
}

function startOf({ at }: SeriesPoint): number {
  return Date.parse(at) / 1_000;
}

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** Rounds up to a number with one or two significant digits, such as 12,000 or 250. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return (ROUND.find((factor) => factor * power >= value) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
