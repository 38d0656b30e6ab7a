// Applies an operator's decision to read files of the same name and size: the waiting files become ordinary files.
// This is a bulk command, because a copied folder may contain tens of thousands of files.
import type { Json } from "../../../src/contract/states.ts";
import { BULK_ROWS, beginBulk, type BulkPart } from "./bulk-commands.ts";
import type { RunContext } from "../context/context.ts";
import type { Done } from "./outcome.ts";

/** Reads the files that wait now. Files that begin to wait later need another decision. */
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
  // Released files are no longer selected, so the next part starts from the first row again.
  return { changed, cursor: changed < BULK_ROWS ? null : {} };
}
