// A selection of cells: the cell in which it began, and the cell under the cursor. Does no I/O.
import { CELL_MS_OF_PAGE as CELL_MS } from "../../state/coverage-range.ts";
import { CELLS_PER_DAY, CELLS_PER_HOUR, type Range } from "./day-rows.ts";

/** The selected cells. Both values are starts of cells, in epoch ms. Both cells belong to the selection. */
export interface Selection {
  anchor: number;
  cursor: number;
}

export function spanOf({ anchor, cursor }: Selection): Range {
  return { startMs: Math.min(anchor, cursor), endMs: Math.max(anchor, cursor) + CELL_MS };
}

export function selectionOf({ startMs, endMs }: Range): Selection {
  return { anchor: startMs, cursor: endMs - CELL_MS };
}

/** By how many cells a key moves the cursor. Null: this key does not move the cursor. */
export function stepOf(key: string, isFast: boolean): number | null {
  const steps: Record<string, number> = {
    ArrowRight: isFast ? CELLS_PER_HOUR : 1,
    ArrowLeft: isFast ? -CELLS_PER_HOUR : -1,
    ArrowDown: CELLS_PER_DAY,
    ArrowUp: -CELLS_PER_DAY,
    PageDown: CELLS_PER_HOUR,
    PageUp: -CELLS_PER_HOUR,
  };
  return Object.hasOwn(steps, key) ? (steps[key] ?? null) : null;
}

/** Moves the cursor within the range. With `extend`, the other end of the selection stays. */
export function moved(from: Selection, cells: number, { startMs, endMs }: Range, extend: boolean): Selection {
  const wanted = from.cursor + cells * CELL_MS;
  const cursor = Math.min(Math.max(wanted, startMs), endMs - CELL_MS);
  return { anchor: extend ? from.anchor : cursor, cursor };
}

/** The letters of the cells inside a span. */
export function statesIn(states: string, range: Range, span: Range): string {
  const from = (span.startMs - range.startMs) / CELL_MS;
  return states.slice(Math.max(0, from), Math.max(0, from + (span.endMs - span.startMs) / CELL_MS));
}
