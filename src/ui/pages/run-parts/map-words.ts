// The word for the state of a cell on the map.
import type { MapState } from "../../../contract/run-map.ts";
import { fileWord } from "../../text/codes.ts";
import { texts } from "../../text/texts.ts";

/** The word for the state of a cell. A `state` of null means that the cell contains no file. */
export function mapWord(state: MapState | null): string {
  if (state === null) return texts.value.runMap.empty;
  return state === "set_aside" ? texts.value.runMap.setAside : fileWord(state);
}
