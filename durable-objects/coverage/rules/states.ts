// Decides the letter of each cell at a given time, and the cells whose markers are to be counted. Does no I/O.
import { CELL_MS, type CellState } from "../../../src/contract/coverage.ts";
import type { CellFacts, CellRow } from "./cells.ts";
import { median } from "./covered-files.ts";
import { isHole } from "./holes.ts";

export interface Moment {
  now: number;
  settleMs: number;
  /** Start of the oldest file with a marker. Null: no marker is known. */
  oldestMs: number | null;
}

/** How many cells on each side are compared by their raw files: half an hour. */
const NEIGHBOURS = 6;
const FEWEST = 4;
/** A cell has few raw files when it has less than this share of the median of its neighbours. */
const FEW = 1 / 4;

export function statesOf(row: CellRow, moment: Moment): CellState[] {
  const present = row.cells.map((cell) => (cell === null ? null : presentIn(cell)));
  const lastMs = moment.now - moment.settleMs - CELL_MS;
  /** The first cell that is too recent to judge. Raw files of this cell and of later cells may still arrive. */
  const recentFrom = Math.floor((lastMs - row.startMs) / CELL_MS) + 1;
  return row.cells.map((cell, n) => {
    if (cell === null) return ".";
    if (n >= recentFrom) return "s";
    if (present[n] === 0) return "e";
    const state = stateOf(cell, present[n] ?? 0, row.startMs + n * CELL_MS, moment);
    return (state === "d" || state === "?") && hasFew(present, n, recentFrom) ? "t" : state;
  });
}

function stateOf(cell: CellFacts, present: number, startMs: number, moment: Moment): CellState {
  const { now, settleMs, oldestMs } = moment;
  const { none = 0, part = 0, wait = 0, unknown = 0 } = cell.verdicts;
  const missing = none + part;
  if (missing + wait > 0) {
    if (oldestMs === null || startMs < oldestMs) return "?";
    if (missing > 0 && isOlder(cell.missingSince, now - settleMs)) return none === present ? "n" : "p";
    return wait > 0 && isOlder(cell.waitingSince, now - settleMs) ? "w" : "s";
  }
  return unknown > 0 ? "." : "d";
}

/** For each cell of state s (too recent) whose raw files have no marker: when its state becomes n (not delivered), in
 * epoch ms. Null for other cells. */
export function judgedAt(
  { startMs, cells }: CellRow,
  states: readonly CellState[],
  { settleMs, oldestMs }: Omit<Moment, "now">,
): (number | null)[] {
  return cells.map((cell, n) => {
    const at = startMs + n * CELL_MS;
    if (cell === null || cell.missingSince === null || states[n] !== "s") return null;
    if (oldestMs === null || at < oldestMs || cell.verdicts.none !== presentIn(cell)) return null;
    return Math.max(cell.missingSince, at + CELL_MS) + settleMs;
  });
}

function isOlder(since: number | null, than: number): boolean {
  return since !== null && since <= than;
}

function presentIn({ verdicts }: CellFacts): number {
  const { unknown = 0, none = 0, some = 0, part = 0, wait = 0, full = 0 } = verdicts;
  return unknown + none + some + part + wait + full;
}

/** Whether cell `n` has few raw files. `present` is the number of files of each cell, or null when the cell was not
 * listed. */
function hasFew(present: readonly (number | null)[], n: number, recentFrom: number): boolean {
  const near: number[] = [];
  const to = Math.min(n + NEIGHBOURS, recentFrom - 1);
  for (let at = Math.max(0, n - NEIGHBOURS); at <= to; at += 1) {
    const files = present[at];
    if (at !== n && files !== null && files !== undefined) near.push(files);
  }
  return near.length >= FEWEST && (present[n] ?? 0) < median(near) * FEW;
}

/** The markers of this many files are counted on each side of a hole. Files more than BESIDE_CELLS cells away are
 * left out. */
const BESIDE_FILES = 8;
const BESIDE_CELLS = 6;

/** The cells whose markers are to be counted, including cells that were counted before. */
export function countedCells(
  { cells }: CellRow,
  states: readonly CellState[],
  everywhere: boolean,
): boolean[] {
  const wanted = cells.map((cell, n) => everywhere || (cell !== null && isHole(states[n])));
  if (everywhere) return wanted;
  for (const [n, state] of states.entries()) {
    if (!isHole(state)) continue;
    for (const step of [-1, 1]) {
      let met = 0;
      for (let away = 1; away <= BESIDE_CELLS && met < BESIDE_FILES; away += 1) {
        const at = n + away * step;
        if (isHole(states[at]) || at < 0 || at >= cells.length) break;
        wanted[at] = true;
        met += cells[at]?.files ?? 0;
      }
    }
  }
  return wanted;
}

/** Whether a file of the cell has markers that were not counted. */
export function isUncounted(cell: CellFacts | null | undefined): boolean {
  return (cell?.verdicts.some ?? 0) > 0;
}
