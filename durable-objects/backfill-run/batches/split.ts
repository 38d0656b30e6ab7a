// Halves a refused batch until a batch contains only the refused line. The halves are new rows, created in the
// transaction that makes the parent `split`. A split parent carries no lines. The halves use the parent's gzip member.
// A sender decompresses the member, takes the lines of its half and compresses them again. So nothing new is written to
// R2. Does no I/O, except for the reads of `rootOf`.
import type { RunContext } from "../context/context.ts";
import type { BatchRow } from "../ledger/batch-row.ts";

/** The most POSTs spent on one batch and all its parts. Halving 1,000 lines down to one bad line takes 20
 * POSTs. */
export const MAX_SPLIT_POSTS = 24;

/** Some lines of a gzip member. `from` is counted from the member's first line. */
export interface Slice {
  from: number;
  lines: number;
}

/** Null when the batch is a single line, or when MAX_SPLIT_POSTS is reached. The batch then stays refused. */
export function splitOf(batch: BatchRow, root: BatchRow): { posts: number; parts: [Slice, Slice] } | null {
  const posts = Math.max(root.split_posts, 1) + 2;
  if (batch.lines < 2 || posts > MAX_SPLIT_POSTS) return null;
  const half = Math.floor(batch.lines / 2);
  const first = { from: batch.slice_from, lines: half };
  const second = { from: batch.slice_from + half, lines: batch.lines - half };
  return { posts, parts: [first, second] };
}

/** The batch that was halved first. A batch that is not a part of another batch is its own root. */
export function rootOf(context: RunContext, batch: BatchRow): BatchRow {
  let root = batch;
  while (root.parent !== null) {
    const parent = context.store.batches.get(root.parent);
    if (!parent) throw new Error(`batch ${root.parent} is missing`);
    root = parent;
  }
  return root;
}
