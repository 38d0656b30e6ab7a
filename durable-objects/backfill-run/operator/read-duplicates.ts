// An operator's word that files of one name and size are both read: those that wait become files like any other. A bulk
// command, because a copied folder may hold tens of thousands of them.
import type { Json } from "../../../src/contract/states.ts";
import { BULK_ROWS, beginBulk, type BulkPart } from "./bulk-commands.ts";
import type { RunContext } from "../context/context.ts";
import type { Done } from "./outcome.ts";

/** Those that wait now; what is named later waits for a word of its own. */
export function readDuplicates(
  context: RunContext,
  command: { actor: string; note: string | null },
): Extract<Done, { ok: true }> {
  const until = (context.store.run.read()?.next_file ?? 1) - 1;
  return beginBulk(context, command, "read_duplicates", { until }, readDuplicatesPart);
}

export function readDuplicatesPart(context: RunContext, args: Json): BulkPart {
  const { until } = args as { until: number };
  const changed = context.store.duplicates.release(until, BULK_ROWS);
  // what was released is selected no more: the next part begins at the beginning
  return { changed, cursor: changed < BULK_ROWS ? null : {} };
}
