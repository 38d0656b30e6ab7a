// Goes through set-aside batches (`refused` and `held`) for bulk commands, one key range after the other. This is
// called a walk. A walk covers the batches that are set aside when the walk begins. A walk visits each batch at
// most once, even if the batch is set aside again meanwhile. Reads, never writes.
import type { RunContext } from "../context/context.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { Place, Selection, WalkState } from "../ledger/bulk-rows.ts";

/** The remaining ranges of a walk, one for each batch state, as JSON. Empty: the walk is complete. */
export type SetAsideWalk = { state: WalkState; after: Place; until: Place }[];

const BEFORE_ALL: Place = { at: Number.MIN_SAFE_INTEGER, batch: 0 };

export function beginWalk(context: RunContext, states: readonly WalkState[]): SetAsideWalk {
  return states.flatMap((state) => {
    const until = context.store.bulk.lastSetAside(state);
    return until ? [{ state, after: BEFORE_ALL, until }] : [];
  });
}

/** Returns at most `limit` matching batches, and the rest of the walk. `rows` may be empty before the walk is
 * over. */
export function walkOn(
  context: RunContext,
  walk: SetAsideWalk,
  selection: Selection,
  limit: number,
): { rows: BatchRow[]; left: SetAsideWalk } {
  const [leg, ...rest] = walk;
  if (!leg) return { rows: [], left: [] };
  const { bulk } = context.store;
  const { state, after, until } = leg;
  const end = bulk.rangeEnd(state, after, until);
  const rows = bulk.setAside(state, after, end, selection, limit);
  const last = rows.at(-1);
  const isFull = last !== undefined && rows.length === limit;
  const reached = isFull ? { at: last.retry_at ?? last.set_aside_at ?? end.at, batch: last.batch } : end;
  const isOver = reached.at === until.at && reached.batch === until.batch;
  return { rows, left: isOver ? rest : [{ state, after: reached, until }, ...rest] };
}
