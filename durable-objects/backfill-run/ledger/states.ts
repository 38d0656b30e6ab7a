// Groups of file and batch states that several rules of the run treat alike.
import type { BatchState, FileState } from "../../../src/contract/states.ts";

export const FILE_PROBLEMS: readonly FileState[] = ["failed", "missing", "changed", "suspicious"];

/** Batches in these states are set aside: only an operator sends them again. */
export const BATCH_PROBLEMS = ["refused", "held"] as const satisfies readonly BatchState[];
export type SetAsideState = (typeof BATCH_PROBLEMS)[number];

export function isSetAside(state: BatchState): state is SetAsideState {
  return BATCH_PROBLEMS.some((one) => one === state);
}

/** A batch in one of these states needs no more work. */
export const SETTLED: ReadonlySet<BatchState> = new Set(["done", "discarded", "split"]);
