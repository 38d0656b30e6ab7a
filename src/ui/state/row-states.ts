// Lists which states of files and batches need a person, and their colours. The API decides what is possible.
import type { BatchState, FileState } from "../../contract/states.ts";
import type { MapState } from "../../contract/run-map.ts";
import type { Tone } from "./run-stage.ts";

const FILE_TONES: Record<FileState, Tone> = {
  listed: "idle",
  parsing: "work",
  waiting: "idle",
  open: "work",
  closed: "green",
  failed: "red",
  missing: "red",
  changed: "red",
  suspicious: "red",
  accepted: "amber",
};

/** The bar of a run's lines uses the same tones, so that a state has one look. */
const BATCH_TONES: Record<BatchState, Tone> = {
  pending: "work",
  leased: "work",
  done: "green",
  refused: "red",
  held: "amber",
  discarded: "idle",
  split: "idle",
};

export function fileTone(state: string): Tone {
  return FILE_TONES[state as FileState] ?? "idle";
}

export function batchTone(state: string): Tone {
  return BATCH_TONES[state as BatchState] ?? "idle";
}

/** The tone of a cell on the map. */
export function mapTone(state: MapState): Tone {
  return state === "set_aside" ? "red" : fileTone(state);
}

/** The states of files that wait for a person. */
export const FILES_FOR_PERSON = inTone(FILE_TONES, "red");
export const BATCHES_FOR_PERSON: readonly string[] = ["refused", "held"] satisfies BatchState[];

function inTone(tones: Readonly<Record<string, Tone>>, wanted: Tone): string[] {
  return Object.entries(tones).flatMap(([state, tone]) => (tone === wanted ? [state] : []));
}
