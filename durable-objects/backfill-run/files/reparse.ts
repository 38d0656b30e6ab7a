// A file that was parsed before and is parsed again: because its pack was lost, or because an operator asked for it.
// What was handed to a sender is never forgotten: it is found again by its digest, among all batches that the
// file ever had, or it is counted as a duplicate.
import type { ManifestEntry } from "../../../src/contract/parsing.ts";
import { recordDuplicate } from "../batches/attempt-records.ts";
import type { RunContext } from "../context/context.ts";
import { allBatchesOf } from "../batches/of-file.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { SAME_AS, SUPERSEDED, because, isInherited } from "../ledger/reasons.ts";

/** A batch that the pack still has to serve: itself, the parts of a split one, or the older batch it stands for. */
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

/** What the file's older batches hold, as the new manifest sees it. */
export interface Matching {
  /** By ordinal of the new manifest: the batch that was handed to a sender and has the same lines. */
  kept: Map<number, BatchRow>;
  /** The rest, parts of split batches included. */
  gone: BatchRow[];
  sentAndGone: number;
}

export function match(context: RunContext, file: FileRow, entries: ManifestEntry[]): Matching {
  const byDigest = new Map<string, number[]>();
  for (const { digest, ordinal } of entries) byDigest.set(digest, [...(byDigest.get(digest) ?? []), ordinal]);
  const kept = new Map<number, BatchRow>();
  const gone: BatchRow[] = [];
  for (const row of allBatchesOf(context, file)) {
    // a twin stands for an older batch, a superseded one was counted when it was, a part follows its whole batch
    const isWhole = row.is_part === 0 && row.reason_code !== SAME_AS && row.reason_code !== SUPERSEDED;
    if (!isWhole) continue;
    const ordinal = wasSent(row) ? byDigest.get(row.digest)?.shift() : undefined;
    if (ordinal !== undefined) kept.set(ordinal, row);
    else gone.push(row, ...(row.state === "split" ? context.store.batches.partsOf(row.batch) : []));
  }
  return { kept, gone, sentAndGone: gone.filter((row) => wasSent(row) && row.is_part === 0).length };
}

/** By this run, or by the one that it continues. */
function wasSent(row: BatchRow): boolean {
  return row.attempt > 0 || isInherited(row);
}

/** Not in the object any more; what of it was delivered may come again inside other batches. */
export function supersede(context: RunContext, gone: BatchRow[]): void {
  for (const row of gone) {
    if (row.state === "done") recordDuplicate(context, row, SUPERSEDED);
    // delivered by the earlier run: it has no attempt of this run's that could be counted
    if (row.state === "discarded" && isInherited(row)) context.store.totals.add("exceptions", 1);
    if (row.attempt > 0) context.store.attempts.follow(row.batch, row.attempt + 1);
    context.store.moveBatch(row, "split", because(SUPERSEDED, "the object changed"));
  }
}

/** The new rows, numbered from `first`, of batches that older rows stand for already carry no lines. */
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
