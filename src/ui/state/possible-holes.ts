// The cells that are too recent to judge and whose raw files have no marker so far. They may become holes. Does no I/O.
import type { CoverageAnswer } from "../../contract/api/api-types.ts";
import { CELL_MS_OF_PAGE, isoInstant } from "./coverage-range.ts";

/** The page's own letter for such a cell. The API calls it "s", and also gives the time at which it will be judged. */
export const POSSIBLE = "j";

type View = Pick<CoverageAnswer, "start" | "states" | "columns">;

/** Adjoining cells that may become a hole. */
export interface PossibleHole {
  start: string;
  end: string;
  /** When the first of the cells is judged. */
  judgedAt: string;
}

/** The letters of the answer, with POSSIBLE for each cell that may become a hole. Needs the answer's columns. */
export function shownStates({ states, columns }: View): string {
  return Array.from(states, (letter, n) =>
    letter === "s" && typeof columns?.judged_at[n] === "string" ? POSSIBLE : letter,
  ).join("");
}

export function possibleHoles(view: View): PossibleHole[] {
  const found: PossibleHole[] = [];
  const startMs = Date.parse(view.start);
  for (const [n, letter] of Array.from(shownStates(view)).entries()) {
    if (letter !== POSSIBLE) continue;
    const start = isoInstant(startMs + n * CELL_MS_OF_PAGE);
    const end = isoInstant(startMs + (n + 1) * CELL_MS_OF_PAGE);
    const judgedAt = view.columns?.judged_at[n] ?? end;
    const last = found.at(-1);
    if (last?.end !== start) found.push({ start, end, judgedAt });
    else {
      last.end = end;
      if (Date.parse(judgedAt) < Date.parse(last.judgedAt)) last.judgedAt = judgedAt;
    }
  }
  return found;
}

/** When the first of the cells in the span is judged. Null: the span has no such cell. */
export function judgedFrom(
  view: View,
  span: { startMs: number; endMs: number } | null = null,
): string | null {
  const startMs = Date.parse(view.start);
  const times = (view.columns?.judged_at ?? []).filter((at, n) => {
    const cell = startMs + n * CELL_MS_OF_PAGE;
    return at !== null && (span === null || (cell >= span.startMs && cell < span.endMs));
  });
  return times.reduce((a, b) => (a === null || (b !== null && Date.parse(b) < Date.parse(a)) ? b : a), null);
}
