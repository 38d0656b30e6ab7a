// Which states of files and batches need an operator. Pure.
import type { BatchState, FileState } from "../../../src/contract/states.ts";

export const FILE_PROBLEMS: readonly FileState[] = ["failed", "missing", "changed", "suspicious"];

export const BATCH_PROBLEMS: readonly BatchState[] = ["refused", "failed", "held"];
