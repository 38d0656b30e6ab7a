// Which batches belong to a file: those of its object now, of its object before, and the parts of split ones. Reads only.
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";

export function batchesOf(context: RunContext, file: FileRow): BatchRow[] {
  return file.first_batch === null ? [] : context.store.batches.ofFile(file.first_batch, file.batch_count);
}

/** With parts of split batches, and with the batches of the object as it was before an operator had it parsed again. */
export function allBatchesOf(context: RunContext, file: FileRow): BatchRow[] {
  const older = olderRanges(file).flatMap(([first, count]) => context.store.batches.ofFile(first, count));
  const rows = [...older, ...batchesOf(context, file)];
  return rows.flatMap((row) => [
    row,
    ...(row.state === "split" ? context.store.batches.partsOf(row.batch) : []),
  ]);
}

export function olderRanges(file: FileRow): [first: number, count: number][] {
  return file.older_batches_json === null ? [] : (JSON.parse(file.older_batches_json) as [number, number][]);
}

/** Parts of split batches: their numbers lie in no stretch. */
export function partsOf(context: RunContext, file: FileRow): BatchRow[] {
  return allBatchesOf(context, file).filter((row) => row.is_part === 1);
}

/** Stretches of batch numbers: of the object as it was before, and as it is now. */
export function rangesOf(file: FileRow): [first: number, count: number][] {
  const now: [number, number][] = file.first_batch === null ? [] : [[file.first_batch, file.batch_count]];
  return [...olderRanges(file), ...now];
}
