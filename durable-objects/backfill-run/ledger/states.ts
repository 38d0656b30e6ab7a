// Groups of states that the rules name together. Pure.
import type { BatchState, FileState } from "../../../src/contract/states.ts";

export const FILE_PROBLEMS: readonly FileState[] = ["failed", "missing", "changed", "suspicious"];

export const BATCH_PROBLEMS: readonly BatchState[] = ["refused", "held"];

/** Nothing is left to do for a batch in one of these. */
export const SETTLED: ReadonlySet<BatchState> = new Set(["done", "discarded", "split"]);
