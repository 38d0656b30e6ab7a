// The R2 keys below the log prefix that the status shows to the operator, by kind. Includes files that wait because
// they may be copies. Reads only.
import type { RunContext } from "../context/context.ts";
import type { Totals } from "../ledger/totals.ts";
import type { NamedKind } from "../../../src/contract/listing.ts";

/** The waiting duplicates as a kind of keys that the status shows. Null: no duplicate waits. */
export function waitingDuplicates(context: RunContext, totals: Totals): NamedKind | null {
  const count = totals.files_duplicate;
  if (count === 0) return null;
  return { kind: "duplicate_objects", count, examples: context.store.duplicates.keys(EXAMPLES) };
}

/** All keys that the status shows, by kind. */
export function namedKinds(context: RunContext, totals: Totals): NamedKind[] {
  const waiting = waitingDuplicates(context, totals);
  const shown = context.store.named.shown();
  return waiting ? [...shown, waiting].toSorted((a, b) => (a.kind < b.kind ? -1 : 1)) : shown;
}

const EXAMPLES = 5;
