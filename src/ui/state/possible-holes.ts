// The cells of possible holes, which the API lists: they are too recent to judge, and their raw files have no marker so
// far. Does no I/O.
import type { CoverageAnswer } from "../../contract/api/api-types.ts";
import { CELL_MS_OF_PAGE } from "./coverage-range.ts";

/** The page's own letter for such a cell. The API calls it "s". */
export const POSSIBLE = "j";

type View = Pick<CoverageAnswer, "start" | "states" | "possible_holes">;

/** The state of each cell, one letter for each, as in the API's answer. Each cell of a possible hole gets the letter
 * POSSIBLE instead. */
export function shownStates(view: View): string {
  const startMs = Date.parse(view.start);
  return Array.from(view.states, (letter, n) => {
    const at = startMs + n * CELL_MS_OF_PAGE;
    return touching(view, { startMs: at, endMs: at + CELL_MS_OF_PAGE }).length > 0 ? POSSIBLE : letter;
  }).join("");
}

/** When the first possible hole in the span is judged. Null: the span has none. */
export function judgedFrom(
  view: View,
  span: { startMs: number; endMs: number } | null = null,
): string | null {
  const times = (span === null ? view.possible_holes : touching(view, span)).map((hole) => hole.judged_at);
  return times.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}

function touching({ possible_holes: holes }: View, span: { startMs: number; endMs: number }) {
  return holes.filter(({ start, end }) => Date.parse(start) < span.endMs && Date.parse(end) > span.startMs);
}
