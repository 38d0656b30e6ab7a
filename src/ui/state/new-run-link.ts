// The address of the page that plans a replay. Pure.
import { queryText } from "../api/paths.ts";

interface Span {
  start: string;
  end: string;
}

/** A window whose end is outside. With a hole's edges the person chooses between them. */
export function newRunOf(window: Span, edges?: { inner: Span; outer: Span }): string {
  const both = edges && { inner: edgeText(edges.inner), outer: edgeText(edges.outer) };
  return `/ui/new${queryText({ start: window.start, end: window.end, end_exclusive: "true", ...both })}`;
}

function edgeText({ start, end }: Span): string {
  return `${start}/${end}`;
}

/** Reads what `newRunOf` writes. Null: the text is no span. */
export function readEdge(text: string | null): Span | null {
  const [start, end, more] = text?.split("/") ?? [];
  if (start === undefined || end === undefined || more !== undefined) return null;
  return Number.isFinite(Date.parse(start)) && Number.isFinite(Date.parse(end)) ? { start, end } : null;
}
