// Halves a refused batch until the refused line stands alone. The halves are new rows, created in the
// transaction that makes the parent `split`; a split parent carries no lines. They use the parent's gzip
// member: a sender decompresses it, takes its lines and compresses them again. So nothing new is written to
// R2.
import type { SendReport } from "../../../src/contract/sending.ts";
import { record } from "./attempt-records.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { because } from "../ledger/reasons.ts";

/** POSTs spent on one batch and all its parts. Halving 1,000 lines down to one bad line takes 20. */
export const MAX_SPLIT_POSTS = 24;

/** False when the batch is a single line or its POSTs are used up. The batch then stays refused. */
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
  // The receiver may have accepted some of the refused lines, unless it takes a batch whole or not at all.
  const end = run.spec.refusalIsAtomic
    ? ({ state: "refused", cause } as const)
    : ({ state: "uncertain", cause: `${cause}_in_part` } as const);
  record(context, batch, report.attempt, { ...end, startedAt: report.startedAt });
  // The parts are sent from here on, so uncertain attempts of the parent count as followed.
  attempts.follow(batch.batch, report.attempt + 1);
  context.store.moveBatch(batch, "split", because(cause));
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

/** The original batch of a part, over all halvings. A batch that is no part returns itself. */
export function rootOf(context: RunContext, batch: BatchRow): BatchRow {
  let root = batch;
  while (root.parent !== null) {
    const parent = context.store.batches.get(root.parent);
    if (!parent) throw new Error(`batch ${root.parent} is missing`);
    root = parent;
  }
  return root;
}
