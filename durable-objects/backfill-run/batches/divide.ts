// Divides a batch if the receiver accepted only some of its lines. Each piece of the answer becomes a part, like
// the halves of a refused batch (split.ts): the lines keep their order, and the sums of the file stay as they are.
// Does no I/O.
import type { AnswerPart } from "../../../src/contract/sending.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { MAX_SPLIT_POSTS, type Slice } from "./split.ts";

/** Lines of a gzip member, and what the receiver's answer says about these lines. */
export interface Piece extends Slice {
  as: AnswerPart["as"];
}

/** Null when the parts would need more POSTs than a batch and all its parts may have. */
export function divisionOf(
  batch: BatchRow,
  root: BatchRow,
  parts: readonly AnswerPart[],
): { posts: number; pieces: Piece[] } | null {
  const posts = Math.max(root.split_posts, 1) + parts.filter(({ as }) => as === "later").length;
  if (posts > MAX_SPLIT_POSTS) return null;
  let from = batch.slice_from;
  const pieces = parts.map(({ as, lines }): Piece => {
    const piece = { as, from, lines };
    from += lines;
    return piece;
  });
  return { posts, pieces };
}
