// The status's part about commands over many rows that are under way. Reads only.
import type { RunContext } from "../context/context.ts";
import type { Json } from "../../../src/contract/states.ts";

export function bulkView(context: RunContext): { [key: string]: Json }[] {
  return context.store.bulk.all().map((row) => ({
    command: row.kind,
    actor: row.actor,
    note: row.note,
    since: new Date(row.begun_at).toISOString(),
    changed: row.changed,
    skipped: row.skipped,
  }));
}
