// Holds the unsent batches of a `failed`, `missing` or `changed` file. Makes them pending again when a new parse of
// the file succeeded.
import type { RunContext } from "../context/context.ts";
import type { FileState } from "../../../src/contract/states.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { partsOf, rangesOf } from "./of-file.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { NO_REASON, STRANDED, because } from "../ledger/reasons.ts";

/** Holds the file's unsent batches, so that no batch of the file is sent. The status lists these batches as
 * problems. */
export function strand(context: RunContext, file: FileRow, why: string): void {
  const { stranded } = context.store;
  for (const [first, count] of rangesOf(file)) stranded.setAside(first, count, why, context.now);
  for (const part of partsOf(context, file)) {
    if (part.state !== "pending") continue;
    context.store.moveBatch(part, "held", { set_aside_at: context.now, ...because(STRANDED, why) });
  }
}

/** Makes the held batches of a file pending again, when the file was parsed again without an error. Returns the
 * rows after the change. */
export function unstrand(context: RunContext, rows: BatchRow[]): BatchRow[] {
  return rows.map((row) => {
    if (row.state !== "held" || row.reason_code !== STRANDED) return row;
    // A part has a number outside the file's range. So the loop finds a part only as a batch that waits for a retry.
    const isRetry = row.attempt > 0 || row.is_part === 1;
    const waits = { retry_at: isRetry ? context.now : null, set_aside_at: null, ...NO_REASON };
    context.store.moveBatch(row, "pending", waits);
    return { ...row, state: "pending", ...waits };
  });
}

/** Whether batches of a file in this state may still be sent, now or after the file is parsed. */
export function canContinue(state: FileState): boolean {
  return state === "open" || state === "listed" || state === "parsing";
}
