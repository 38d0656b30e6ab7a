// A recount under way: its position and the differences found.
import type { Watch } from "./totals.ts";
import type { AssumedWatch } from "./assumed-rows.ts";

export interface Verification {
  watch: Watch;
  differences: Difference[];
  files: number;
  batches: number;
  /** The last attempt row that was examined. Null: all were. */
  attempts: { batch: number; attempt: number } | null;
  assumed: AssumedWatch;
}

export interface Difference {
  /** Null: the run's sums. */
  file: number | null;
  what: string;
  recorded: number | string;
  counted: number | string;
}
