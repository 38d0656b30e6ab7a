// Handles a file that is parsed again, because its pack was lost or because an operator asked for it. A claimed
// batch is never forgotten. Either the new manifest contains a batch with the same digest, or the lines of the
// claimed batch count as duplicates.
import type { ManifestEntry } from "../../../src/contract/parsing.ts";
import { recordDuplicate } from "../batches/attempt-records.ts";
import type { RunContext } from "../context/context.ts";
import { allBatchesOf } from "../batches/of-file.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { SAME_AS, SUPERSEDED, because, isInherited } from "../ledger/reasons.ts";

/** Moves a batch to its place in the new pack. Also moves its parts, and the older batch with the same lines. */
export function relocateUnit(context: RunContext, row: BatchRow, entry: ManifestEntry): void {
  const { batches } = context.store;
  const place = {
    offset: entry.offset,
    length: entry.length,
    member_digest: entry.memberDigest ?? null,
  };
  const move = (one: BatchRow): void => void context.store.moveBatch(one, one.state, place);
  if (row.state !== "split") return move(row);
  const original = row.same_as_batch === null ? undefined : batches.get(row.same_as_batch);
  if (original) return relocateUnit(context, original, entry);
  for (const part of batches.partsOf(row.batch)) move(part);
}

/** The file's older batches, compared with the new manifest. */
export interface Matching {
  /** For an ordinal of the new manifest: the claimed batch with the same lines. */
  kept: Map<number, BatchRow>;
  /** The other batches, parts of split batches included. */
  gone: BatchRow[];
  sentAndGone: number;
}

export function match(context: RunContext, file: FileRow, entries: ManifestEntry[]): Matching {
  const byDigest = new Map<string, number[]>();
  for (const { digest, ordinal } of entries) byDigest.set(digest, [...(byDigest.get(digest) ?? []), ordinal]);
  const kept = new Map<number, BatchRow>();
  const gone: BatchRow[] = [];
  for (const row of allBatchesOf(context, file)) {
    // Three kinds of rows are skipped. A `same_as` row only refers to an older batch with the same lines. A
    // superseded batch was counted before. A part is moved together with the batch that was split.
    const isWhole = row.is_part === 0 && row.reason_code !== SAME_AS && row.reason_code !== SUPERSEDED;
    if (!isWhole) continue;
    const ordinal = wasSent(row) ? byDigest.get(row.digest)?.shift() : undefined;
    if (ordinal !== undefined) kept.set(ordinal, row);
    else gone.push(row, ...(row.state === "split" ? context.store.batches.partsOf(row.batch) : []));
  }
  return { kept, gone, sentAndGone: gone.filter((row) => wasSent(row) && row.is_part === 0).length };
}

/** Whether this run, or the run that it continues, sent the batch. */
function wasSent(row: BatchRow): boolean {
  return row.attempt > 0 || isInherited(row);
}

/** Handles batches that the R2 object no longer contains. Their delivered lines may be sent again inside other
 * batches. */
export function supersede(context: RunContext, gone: BatchRow[]): void {
  for (const row of gone) {
    if (row.state === "done") recordDuplicate(context, row, SUPERSEDED);
    // An earlier run delivered this batch, so this run has no attempt to count as a duplicate.
    if (row.state === "discarded" && isInherited(row)) context.store.totals.add("exceptions", 1);
    if (row.attempt > 0) context.store.attempts.follow(row.batch, row.attempt + 1, { kind: "parts" });
    context.store.moveBatch(row, "split", because(SUPERSEDED, "the object changed"));
  }
}

/** Marks each new row whose lines an older row already has. A marked row carries no lines. */
export function keep(
  context: RunContext,
  kept: Matching["kept"],
  first: number,
  entries: ManifestEntry[],
): void {
  for (const [ordinal, row] of kept) {
    const entry = entries[ordinal];
    const twin = context.store.batches.get(first + ordinal);
    if (!entry || !twin) throw new Error(`batch ${first + ordinal} is missing`);
    context.store.moveBatch(twin, "split", { ...because(SAME_AS), same_as_batch: row.batch });
    relocateUnit(context, row, entry);
  }
}
