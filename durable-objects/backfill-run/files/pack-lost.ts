// Handles a pack that is gone or damaged. No POST began, so the file of the pack is parsed again.
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { fileBecause } from "../ledger/reasons.ts";
import { enqueueAtOnce } from "./parse-again.ts";

/** Enqueues the file for parsing. Its batches wait until their new pack is written. */
export function reparseFile(context: RunContext, file: FileRow, cause: string): void {
  context.store.files.move(file, "listed", {
    enqueue_at: enqueueAtOnce(file),
    times_enqueued: 0,
    fresh: null,
    ...fileBecause(cause),
  });
}
