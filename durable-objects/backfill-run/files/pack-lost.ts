// A pack that is gone or damaged: nothing was sent, so its file is parsed again.
import type { RunContext } from "../context/context.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { fileBecause } from "../ledger/reasons.ts";
import { offerSoon } from "./offering.ts";

/** Nothing was sent: the file is parsed again, and its batches wait until their new pack is there. */
export function packLost(context: RunContext, batch: BatchRow, cause: string): void {
  const file = context.store.files.get(batch.file);
  if (file?.state !== "open") return;
  context.store.files.move(file, "listed", {
    enqueue_at: offerSoon(file),
    offers: 0,
    fresh: null,
    ...fileBecause(cause),
  });
}
