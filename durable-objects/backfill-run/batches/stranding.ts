// Batches of a file that cannot go on are held, so that nothing of it leaves; they are released when it is whole again.
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { partsOf, rangesOf } from "./of-file.ts";
import type { BatchPatch, BatchRow } from "../ledger/batch-row.ts";

export const STRANDED = "stranded: ";

/** A file that cannot go on holds its unsent batches: nothing of it leaves, and the run says so instead of waiting. */
export function strand(context: RunContext, file: FileRow, why: string): void {
  const { stranded } = context.store;
  for (const [first, count] of rangesOf(file)) stranded.setAside(first, count, STRANDED + why, context.now);
  for (const part of partsOf(context, file)) {
    if (part.state !== "pending") continue;
    context.store.moveBatch(part, "held", { due_at: context.now, reason: STRANDED + why });
  }
}

/** The file is whole again: its held batches wait as they did before. Gives the rows as they are now. */
export function unstrand(context: RunContext, rows: BatchRow[]): BatchRow[] {
  return rows.map((row) => {
    if (row.state !== "held" || !row.reason?.startsWith(STRANDED)) return row;
    const due_at = row.attempt > 0 ? context.now : null;
    context.store.moveBatch(row, "pending", { due_at, reason: null });
    return { ...row, state: "pending", due_at, reason: null };
  });
}

/** An attempt ended without settling its batch: it waits for the next one, if its file can still go on. */
export function backToPending(context: RunContext, batch: BatchRow, patch: BatchPatch): void {
  const file = context.store.files.get(batch.file);
  const goesOn = file?.state === "open" || file?.state === "listed" || file?.state === "parsing";
  if (goesOn) context.store.moveBatch(batch, "pending", patch);
  else
    context.store.moveBatch(batch, "held", {
      ...patch,
      due_at: context.now,
      reason: `${STRANDED}${file?.state}`,
    });
}
