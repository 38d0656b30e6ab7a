// The schema of GET /runs/:id/map's answer: the states of a run's files, by the time of the window.
import * as v from "valibot";
import { MAP_LETTERS, SET_ASIDE, type MapState } from "../run-map.ts";
import { Count, InstantText, RunIdText, Text, about, named, someCountsOf } from "./shapes.ts";
import { filesIn } from "./states.ts";

const MAP_STATES = Object.keys(MAP_LETTERS) as MapState[];

/** The letters of the map with the states that they mean, worst first. The API document shows this text. */
export const MAP_WORDS = MAP_STATES.map((state) => `\`${MAP_LETTERS[state]}\` ${state}`).join(", ");

export const RunMapAnswer = named(
  "RunMapAnswer",
  "The states of a run's files over its window, in cells of five minutes.",
  v.strictObject({
    run: about(RunIdText, "The id of the run."),
    as_of: about(InstantText, "When the run answered."),
    start: about(InstantText, "The first cell begins here."),
    end: about(InstantText, "The last cell ends here."),
    cell_seconds: about(Count, "The length of a cell in seconds. Always 300."),
    states: about(
      Text,
      "One letter for each cell, for its worst file. docs/reference/http-api.md lists the letters.",
    ),
    files: about(
      v.array(Count),
      "The number of files in each cell. A file that touches several cells counts in each of them.",
    ),
    worst: about(v.array(Count), "How many of these files have the worst state of the cell."),
    outside: about(
      someCountsOf(MAP_STATES, outside),
      "The states of the files that meet no cell. States without a file are left out.",
    ),
  }),
);
export type RunMapAnswer = v.InferOutput<typeof RunMapAnswer>;

function outside(state: MapState): string {
  if (state !== SET_ASIDE) return filesIn(state);
  return "Files with a refused or held batch, whatever their state is.";
}
