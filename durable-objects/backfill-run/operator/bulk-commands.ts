// Applies an operator's command to any number of rows. The rows are changed in parts. The call of the operator does
// the first parts. If rows remain, the table bulk_commands keeps the command. The clock then does one part each
// turn, until the command selects no more rows. So a command survives an eviction. While a command is under way,
// the run is not delivered and does not need attention.
//
// How a verb uses this file:
//  1. Write a BulkWork: a function that changes at most BULK_ROWS rows and returns where the next part begins.
//     Its rows come from an SQL predicate; set-aside-walk.ts walks over refused and held batches.
//  2. Add it to BULK_WORK in bulk-work.ts under a new name. The clock finds it there.
//  3. In the verb, return beginBulk(context, command, "<name>", args, work).
// The command's own event shows how many rows were changed at once. When the clock finishes the rest, it
// writes the event "<name>_ended" with the final count.
import type { Json } from "../../../src/contract/states.ts";
import type { RunContext } from "../context/context.ts";
import type { Done } from "./outcome.ts";

/** The most rows changed in one part. A turn must stay well below 50 ms, because every sender waits for its
 * end. */
export const BULK_ROWS = 500;
/** How many parts the operator's call does at most. Most commands are complete after this call. */
const FIRST_PARTS = 4;

export interface BulkPart {
  changed: number;
  /** How many rows the command selected but could not change. */
  skipped?: number;
  /** Where the next part begins. Null when no row is left. */
  cursor: Json | null;
}
/** Does one part of a command. Call within a transaction. `cursor` is null for the first part. */
export type BulkWork = (context: RunContext, args: Json, cursor: Json | null) => BulkPart;

/** Begins a command. Call within the command's transaction. */
export function beginBulk(
  context: RunContext,
  { actor, note }: { actor: string; note: string | null },
  kind: string,
  args: Json,
  work: BulkWork,
): Extract<Done, { ok: true }> {
  let cursor: Json | null = null;
  let changed = 0;
  let skipped = 0;
  for (let parts = 0; parts < FIRST_PARTS && changed < BULK_ROWS; parts += 1) {
    const part = work(context, args, cursor);
    changed += part.changed;
    skipped += part.skipped ?? 0;
    cursor = part.cursor;
    if (cursor === null) return { ok: true, changed, skipped, underWay: false };
  }
  context.store.bulk.insert({
    kind,
    actor,
    note,
    args_json: JSON.stringify(args),
    cursor_json: JSON.stringify(cursor),
    changed,
    skipped,
    begun_at: context.now,
  });
  return { ok: true, changed, skipped, underWay: true };
}

/** Does the next part of the oldest command, in one turn of the clock. */
export function bulkTurn(context: RunContext, works: Readonly<Record<string, BulkWork>>): void {
  const { store } = context;
  const [row] = store.bulk.all();
  if (!row) return;
  const work = works[row.kind];
  if (!work) throw new Error(`no work for the command ${row.kind}`);
  store.transaction(() => {
    const part = work(context, JSON.parse(row.args_json) as Json, JSON.parse(row.cursor_json) as Json);
    const changed = row.changed + part.changed;
    const skipped = row.skipped + (part.skipped ?? 0);
    if (part.cursor !== null) return store.bulk.progress(row.command, part.cursor, changed, skipped);
    store.bulk.remove(row.command);
    const detail = { note: row.note, changed, skipped };
    store.addEvent({ at: context.now, actor: row.actor, kind: `${row.kind}_ended`, detail });
  });
}

/** Call within the transaction of an abort. Drops the remaining parts and writes an event about them. */
export function dropBulk(context: RunContext): void {
  const { store, now } = context;
  for (const { command, kind, actor, note, changed, skipped } of store.bulk.all()) {
    store.bulk.remove(command);
    const detail = { note, changed, skipped, cut_short: true };
    store.addEvent({ at: now, actor, kind: `${kind}_ended`, detail });
  }
}
