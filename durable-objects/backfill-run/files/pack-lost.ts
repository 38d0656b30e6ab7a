// A pack that is gone or damaged: nothing was sent, so its file is parsed again.
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { fileBecause } from "../ledger/reasons.ts";
import { enqueueAtOnce } from "./parse-again.ts";

/** The batches of the file wait until their new pack is there. */
export function reparseFile(context: RunContext, file: FileRow, cause: string): void {
  context.store.files.move(file, "listed", {
    enqueue_at: enqueueAtOnce(file),
    times_enqueued: 0,
    fresh: null,
    ...fileBecause(cause),
  });
}
