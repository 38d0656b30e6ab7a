// Finds the batches of a file: batches of its present R2 object, batches of its earlier R2 object, and the parts of
// split batches. Reads only.
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";

export function batchesOf(context: RunContext, file: FileRow): BatchRow[] {
  return file.first_batch === null ? [] : context.store.batches.ofFile(file.first_batch, file.batch_count);
}

/** All batches of a file: of its present R2 object, of its R2 object before an operator had the file parsed again,
 * and the parts of split batches. */
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

/** The parts of split batches. Their numbers lie outside the ranges of `rangesOf`. */
export function partsOf(context: RunContext, file: FileRow): BatchRow[] {
  const { batches, stranded } = context.store;
  return rangesOf(file)
    .flatMap(([first, count]) => stranded.splitIn(first, count))
    .flatMap((batch) => batches.partsOf(batch));
}

/** The ranges of batch numbers of the file's earlier R2 object and of its present R2 object. */
export function rangesOf(file: FileRow): [first: number, count: number][] {
  const now: [number, number][] = file.first_batch === null ? [] : [[file.first_batch, file.batch_count]];
  return [...olderRanges(file), ...now];
}
