// Finds the holes: adjoining cells that the live worker did not deliver, or did not deliver completely. Does no I/O.
import { CELL_MS, type CellState } from "../../../src/contract/coverage.ts";
import type { CellRow, SpanMs } from "./cells.ts";

export function isHole(state: CellState | undefined): boolean {
  return state === "n" || state === "p" || state === "w";
}

export interface HoleMs {
  /** [startMs, endMs), on cell edges. */
  startMs: number;
  endMs: number;
  files: number;
  bytes: number;
  inner: SpanMs;
  outer: SpanMs;
}

/** The holes of a row of cells. `states` are the states of these cells. */
export function holesOf({ startMs, cells }: CellRow, states: readonly CellState[]): HoleMs[] {
  const holes: HoleMs[] = [];
  for (let n = 0; n < cells.length; n += 1) {
    if (!isHole(states[n])) continue;
    const from = n;
    while (isHole(states[n + 1])) n += 1;
    const inside = cells.slice(from, n + 1).filter((cell) => cell !== null);
    const edges: SpanMs = [startMs + from * CELL_MS, startMs + (n + 1) * CELL_MS];
    const outer = spanOf(inside.map(({ open }) => open)) ?? edges;
    holes.push({
      startMs: edges[0],
      endMs: edges[1],
      files: inside.reduce((sum, { openFiles }) => sum + openFiles, 0),
      bytes: inside.reduce((sum, { openBytes }) => sum + openBytes, 0),
      inner: spanOf(inside.map(({ untouched }) => untouched)) ?? outer,
      outer,
    });
  }
  return holes;
}

export interface PossibleHoleMs {
  startMs: number;
  endMs: number;
  /** When the first of the cells is judged, in epoch ms. */
  judgedAtMs: number;
}

/** The possible holes of cells that begin at `startMs`. `judged` has, for each cell that may become a hole, when the
 * cell is judged. Null for all other cells. */
export function possibleHolesOf(startMs: number, judged: readonly (number | null)[]): PossibleHoleMs[] {
  const found: PossibleHoleMs[] = [];
  for (const [n, judgedAtMs] of judged.entries()) {
    if (judgedAtMs === null) continue;
    const from = startMs + n * CELL_MS;
    const last = found.at(-1);
    if (last?.endMs === from) {
      last.endMs += CELL_MS;
      last.judgedAtMs = Math.min(last.judgedAtMs, judgedAtMs);
    } else found.push({ startMs: from, endMs: from + CELL_MS, judgedAtMs });
  }
  return found;
}

function spanOf(spans: readonly (SpanMs | null)[]): SpanMs | null {
  const some = spans.filter((span) => span !== null);
  if (some.length === 0) return null;
  return [Math.min(...some.map(([from]) => from)), Math.max(...some.map(([, to]) => to))];
}
