// The files of a run over its window: one letter for each five minutes. Plain data for RPC calls.
import type { FileState, Refused } from "./states.ts";

export const MAP_CELL_MS = 300_000;

/** The letter of a file with a batch that only an operator sends again. The state of the file does not show such a
 * batch. */
export const SET_ASIDE = "set_aside";
export type MapState = FileState | typeof SET_ASIDE;

/** The letter of each state, the worst state first. A cell has the letter of its worst file. */
export const MAP_LETTERS = {
  failed: "f",
  missing: "m",
  changed: "c",
  suspicious: "s",
  set_aside: "b",
  waiting: "w",
  listed: "l",
  parsing: "p",
  open: "o",
  accepted: "a",
  closed: "d",
} as const satisfies Record<MapState, string>;
export type MapLetters = typeof MAP_LETTERS;
/** The letter of a cell that contains no file. */
export const NO_FILE_LETTER = "e";

export interface RunMapView {
  run: string;
  as_of: string;
  /** The first cell begins at `start`, and the last cell ends at `end`. */
  start: string;
  end: string;
  cell_seconds: number;
  /** One letter for each cell. */
  states: string;
  /** How many files each cell has. A file counts in every cell that its range meets. */
  files: number[];
  /** How many files of each cell have the worst state of the cell. */
  worst: number[];
  /** The states of the files that meet no cell, such as late files. States without a file are left out. */
  outside: Partial<Record<MapState, number>>;
}

/** `map` null: more files remain to be counted, so the caller must call again. */
export type RunMapAnswer = { ok: true; map: RunMapView | null } | Refused<"unknown_run">;
