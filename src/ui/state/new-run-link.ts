// The address of the page /ui/new with a window. Does no I/O.
import { queryText } from "../api/paths.ts";

interface Span {
  start: string;
  end: string;
}

/** The link for a window whose end is outside. `edges` are the inner and outer window of a hole, between which the
 * person chooses. */
export function newRunOf(window: Span, edges?: { inner: Span; outer: Span }): string {
  const both = edges && { inner: edgeText(edges.inner), outer: edgeText(edges.outer) };
  return `/ui/new${queryText({ start: window.start, end: window.end, end_exclusive: "true", ...both })}`;
}

function edgeText({ start, end }: Span): string {
  return `${start}/${end}`;
}

/** Reads a span that `newRunOf` wrote. Null: the text is not a span. */
export function readEdge(text: string | null): Span | null {
  const [start, end, more] = text?.split("/") ?? [];
  if (start === undefined || end === undefined || more !== undefined) return null;
  return Number.isFinite(Date.parse(start)) && Number.isFinite(Date.parse(end)) ? { start, end } : null;
}
