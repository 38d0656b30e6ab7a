// The part of the status about unfinished bulk commands. Does no I/O.
import { iso } from "../../../src/contract/instants.ts";
import type { BulkView } from "../../../src/contract/views.ts";
import type { BulkRow } from "./bulk-rows.ts";

export function bulkView({ kind, actor, note, begun_at, changed, skipped }: BulkRow): BulkView {
  return { command: kind, actor, note, since: iso(begun_at), changed, skipped };
}
