// The cells of coverage that are too recent to judge and whose raw files have no marker so far. They may become holes.
// Does no I/O.
import { isoSecond } from "./instants.ts";

const CELL_MS = 300_000;

interface View {
  start: string;
  states: string;
  /** Absent: the answer has no figures, so no possible hole is known. */
  columns?: { judged_at: readonly (string | null)[] };
}

/** Adjoining cells that may become a hole. */
export interface PossibleHole {
  start: string;
  end: string;
  /** When the first of the cells is judged. */
  judgedAt: string;
}

/** When a cell that may become a hole is judged. Null: the cell is judged, or delivered so far. */
function judgedAtOf({ states, columns }: Pick<View, "states" | "columns">, cell: number): string | null {
  return states[cell] === "s" ? (columns?.judged_at[cell] ?? null) : null;
}

export function possibleHoles(view: View): PossibleHole[] {
  const found: PossibleHole[] = [];
  const startMs = Date.parse(view.start);
  for (let n = 0; n < view.states.length; n += 1) {
    const judgedAt = judgedAtOf(view, n);
    if (judgedAt === null) continue;
    const start = isoSecond(startMs + n * CELL_MS);
    const end = isoSecond(startMs + (n + 1) * CELL_MS);
    const last = found.at(-1);
    if (last?.end !== start) found.push({ start, end, judgedAt });
    else {
      last.end = end;
      if (Date.parse(judgedAt) < Date.parse(last.judgedAt)) last.judgedAt = judgedAt;
    }
  }
  return found;
}
