// Assembles what GET /runs/:id/map shows. Reads, never writes.
import { iso } from "../../../src/contract/instants.ts";
import type { Window } from "../../../src/contract/parse-spec.ts";
import {
  MAP_CELL_MS, MAP_LETTERS, NO_FILE_LETTER, SET_ASIDE, type MapState, type RunMapAnswer, type RunMapView,
} from "../../../src/contract/run-map.ts"; // prettier-ignore
import { started, type RunContext } from "../context/context.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import type { FileGroup } from "../ledger/file-map.ts";

/** How many parts (groups of files) one call reads. The caller calls again while parts remain. */
const PARTS_PER_CALL = 2;
const RANKS = Object.keys(MAP_LETTERS) as MapState[];

export function map(context: RunContext): RunMapAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const { store, now } = context;
  const files = store.map.groups(run.row.next_file, PARTS_PER_CALL);
  if (files === null) return { ok: true, map: null };
  const cells = new MapCells(run.spec.parse);
  for (const group of files) cells.add(group, group.state, group.files);
  // The groups above already count such a file. This only marks its cells as set aside.
  for (const file of store.map.setAside()) cells.mark(file, SET_ASIDE);
  return { ok: true, map: { run: run.row.run_id, as_of: iso(now), ...cells.view() } };
}

/** The cells that a window meets. Exported for tests. */
export class MapCells {
  readonly #startMs: number;
  readonly #cells: { files: number; rank: number; worst: number }[];
  readonly #outside = new Map<MapState, number>();

  constructor({ startMs, endMs }: Pick<Window, "startMs" | "endMs">) {
    this.#startMs = Math.floor(startMs / MAP_CELL_MS) * MAP_CELL_MS;
    // The window's end is inside, so a window of one second has `startMs === endMs`. On a cell edge the division then
    // gives 0, but the window has one cell.
    const count = Math.max(1, Math.ceil((endMs - this.#startMs) / MAP_CELL_MS));
    this.#cells = Array.from({ length: count }, () => ({ files: 0, rank: RANKS.length, worst: 0 }));
  }

  add(range: Pick<FileGroup, "range_start" | "range_end">, state: MapState, files: number): void {
    const cells = this.#of(range);
    for (const cell of cells) {
      cell.files += files;
      worsen(cell, state, files);
    }
    if (cells.length === 0) this.#outside.set(state, (this.#outside.get(state) ?? 0) + files);
  }

  /** Marks the cells of a file with a state that its row does not contain. The file is already counted. */
  mark(range: Pick<FileGroup, "range_start" | "range_end">, state: MapState): void {
    for (const cell of this.#of(range)) worsen(cell, state, 1);
  }

  view(): Omit<RunMapView, "run" | "as_of"> {
    const cells = this.#cells;
    return {
      start: iso(this.#startMs),
      end: iso(this.#startMs + cells.length * MAP_CELL_MS),
      cell_seconds: MAP_CELL_MS / 1_000,
      states: cells.map(({ rank }) => letterOf(rank)).join(""),
      files: cells.map(({ files }) => files),
      worst: cells.map(({ worst }) => worst),
      outside: Object.fromEntries(this.#outside),
    };
  }

  /** The end of a range is outside, unless the range is a single instant. */
  #of({ range_start, range_end }: Pick<FileGroup, "range_start" | "range_end">) {
    const cellAt = (ms: number) => Math.floor((ms - this.#startMs) / MAP_CELL_MS);
    return this.#cells.slice(
      Math.max(0, cellAt(range_start)),
      Math.max(0, cellAt(Math.max(range_start, range_end - 1)) + 1),
    );
  }
}

function worsen(cell: { rank: number; worst: number }, state: MapState, files: number): void {
  const rank = RANKS.indexOf(state);
  if (rank < cell.rank) [cell.rank, cell.worst] = [rank, files];
  else if (rank === cell.rank) cell.worst += files;
}

function letterOf(rank: number): string {
  const state = RANKS[rank];
  return state === undefined ? NO_FILE_LETTER : MAP_LETTERS[state];
}
