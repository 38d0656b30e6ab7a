// The address of the page /ui/new for a hole or for selected cells: the recommended window, the other windows between
// which the person may choose, and the settings of a careful start. Does no I/O.
import { queryText } from "../api/paths.ts";

export interface Span {
  start: string;
  end: string;
}

/** The inner and outer window of a hole, as the API gives them. */
export interface HoleWindows {
  inner: Span;
  outer: Span;
}

/** The windows that the page offers, the recommended one first. `cells`: what the person selected. */
export const WINDOW_NAMES = ["outer", "inner", "cells"] as const;
export type WindowName = (typeof WINDOW_NAMES)[number];

/** How a careful operator starts: a few batches first, and no batch sent again before someone asked the partner. */
export const CAREFUL = { canary: "3", on_uncertain: "hold" } as const;

/** A window whose end is outside, with the windows to choose from. `isLiveSeen`: the bucket has markers, so that the run
 * can skip what the live worker delivered. */
function linkTo(window: Span, offered: Partial<Record<WindowName, Span>>, isLiveSeen: boolean): string {
  const choices = Object.entries(offered).map(([name, span]) => [name, `${span.start}/${span.end}`]);
  return `/ui/new${queryText({
    start: window.start,
    end: window.end,
    end_exclusive: "true",
    ...CAREFUL,
    live: isLiveSeen ? "skip_delivered" : null,
    ...(Object.fromEntries(choices) as Partial<Record<WindowName, string>>),
  })}`;
}

/** The link for a hole, with its outer window or another one of its windows. */
export function newRunOfHole({ inner, outer }: HoleWindows, name: "outer" | "inner" = "outer"): string {
  // Without markers, coverage shows no hole.
  return linkTo({ inner, outer }[name], { outer, inner }, true);
}

/** The link for a part of a hole, or for a window that coverage has not proposed to split into inner and outer. */
export function newRunOfWindow(window: Span, isLiveSeen: boolean): string {
  return linkTo(window, {}, isLiveSeen);
}

/** The link for selected cells. If they contain all holes that they touch, it has the window around these holes. If they
 * contain only a part of a hole, it has the cells. */
export function newRunOfCells(
  cells: Span,
  holes: readonly (HoleWindows & Span)[],
  isLiveSeen: boolean,
): string {
  const touched = holes.filter((hole) => isBefore(hole.start, cells.end) && isBefore(cells.start, hole.end));
  if (touched.length === 0) return linkTo(cells, {}, isLiveSeen);
  const outer = around(touched.map((hole) => hole.outer));
  const inner = around(touched.map((hole) => hole.inner));
  const isWhole = touched.every(
    (hole) => !isBefore(hole.start, cells.start) && !isBefore(cells.end, hole.end),
  );
  return linkTo(isWhole ? outer : cells, { outer, inner, cells }, isLiveSeen);
}

/** Reads a span that this file wrote. Null: the text is not a span. */
export function readEdge(text: string | null): Span | null {
  const [start, end, more] = text?.split("/") ?? [];
  if (start === undefined || end === undefined || more !== undefined) return null;
  return Number.isFinite(Date.parse(start)) && Number.isFinite(Date.parse(end)) ? { start, end } : null;
}

/** The shortest span that contains all spans. */
function around(spans: readonly Span[]): Span {
  return spans.reduce((all, one) => ({
    start: isBefore(one.start, all.start) ? one.start : all.start,
    end: isBefore(all.end, one.end) ? one.end : all.end,
  }));
}

function isBefore(one: string, other: string): boolean {
  return Date.parse(one) < Date.parse(other);
}
