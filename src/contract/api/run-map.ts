// The schema of GET /runs/:id/map's answer: the states of a run's files, by the time of the window.
import * as v from "valibot";
import { MAP_LETTERS, type MapState } from "../run-map.ts";
import { Count, InstantText, RunIdText, Text, about } from "./shapes.ts";

const MAP_STATES = Object.keys(MAP_LETTERS) as MapState[];

/** The letters of the map with the states that they mean, worst first. The API document shows this text. */
export const MAP_WORDS = MAP_STATES.map((state) => `\`${MAP_LETTERS[state]}\` ${state}`).join(", ");

export const RunMapAnswer = v.strictObject({
  run: RunIdText,
  as_of: InstantText,
  start: about(InstantText, "The first cell begins here."),
  end: about(InstantText, "The last cell ends here."),
  cell_seconds: Count,
  states: about(Text, "One letter for each cell, which shows the state of its worst file."),
  files: about(
    v.array(Count),
    "The number of files in each cell. A file that touches several cells counts in each of them.",
  ),
  worst: about(v.array(Count), "How many of these files have the worst state of the cell."),
  outside: about(
    v.strictObject(outsideEntries()),
    "The states of the files that meet no cell. States without a file are left out.",
  ),
});
export type RunMapAnswer = v.InferOutput<typeof RunMapAnswer>;

function outsideEntries() {
  const optional = v.exactOptional(Count);
  const entries = MAP_STATES.map((state) => [state, optional] as const);
  return Object.fromEntries(entries) as Record<MapState, typeof optional>;
}
