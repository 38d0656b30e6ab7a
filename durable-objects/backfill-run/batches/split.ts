// A refused batch is halved, until the line that the receiver refuses stands alone. The halves are rows of their own,
// created in the transaction that makes the parent `split` (a split parent carries no lines). They lie in the parent's
// gzip member: a sender inflates it, takes its lines and compresses them again, so nothing new is written to R2.
import type { SendReport } from "../../../src/contract/sending.ts";
import { record } from "./attempt-records.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import type { BatchRow } from "../ledger/batch-row.ts";

/** POSTs spent on one batch and all its parts. Halving 1,000 lines down to one bad line takes 20. */
export const MAX_SPLIT_POSTS = 24;

/** False when the batch is a single line, or when its POSTs are used up: then it stays refused. */
export function split(
  context: RunContext,
  run: StartedRun,
  batch: BatchRow,
  report: SendReport,
  cause: string,
): boolean {
  const root = rootOf(context, batch);
  const posts = Math.max(root.split_posts, 1) + 2;
  if (batch.lines < 2 || posts > MAX_SPLIT_POSTS) return false;
  const { attempts, batches } = context.store;
  // unless the partner takes a batch whole or not at all, the refused lines may have arrived in part
  const end = run.spec.refusalIsAtomic
    ? ({ state: "refused", cause } as const)
    : ({ state: "uncertain", cause: `${cause}_in_part` } as const);
  record(context, batch, report.attempt, { ...end, startedAt: report.startedAt });
  // its parts are sent: whatever of the parent is uncertain is followed from here on
  attempts.follow(batch.batch, report.attempt + 1);
  context.store.moveBatch(batch, "split", { due_at: null, reason: cause });
  batches.countSplitPosts(root.batch, posts);
  const half = Math.floor(batch.lines / 2);
  const row = context.store.run.read();
  if (!row) throw new Error("run row is missing");
  batches.insertPart(batch, row.next_batch, { from: batch.slice_from, lines: half }, context.now);
  batches.insertPart(
    batch,
    row.next_batch + 1,
    { from: batch.slice_from + half, lines: batch.lines - half },
    context.now,
  );
  context.store.run.update({ next_batch: row.next_batch + 2 });
  return true;
}

/** The batch that a part comes from, over all halvings; itself when it is none. */
export function rootOf(context: RunContext, batch: BatchRow): BatchRow {
  let root = batch;
  while (root.parent !== null) {
    const parent = context.store.batches.get(root.parent);
    if (!parent) throw new Error(`batch ${root.parent} is missing`);
    root = parent;
  }
  return root;
}
