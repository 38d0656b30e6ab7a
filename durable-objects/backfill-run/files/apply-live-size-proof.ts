// Holds the batches of a file while the run does not trust the live worker's batch size. Makes them pending again
// when the run trusts it.
import { started, type RunContext } from "../context/context.ts";
import type { QueuedAnswer } from "../../../src/contract/parsing.ts";
import { isBelieved } from "../context/live-size-proof.ts";
import type { FilePatch, FileRow } from "../ledger/file-rows.ts";
import { NO_FILE_REASON } from "../ledger/reasons.ts";
import { holdForSize } from "./live-evidence.ts";
import { sendAccepted } from "./parse-again.ts";

/** The most files whose batches become pending in one turn of the clock. */
const RELEASED_AT_ONCE = 20;

/** Call after a file with batches was opened. Holds the batches while the run does not trust the size. */
export function heldForSize(context: RunContext, number: number, opened: QueuedAnswer): QueuedAnswer {
  if (!opened.ok || opened.state !== "open" || mayOpen(context)) return opened;
  context.store.settleFiles();
  const file = context.store.files.get(number);
  if (!file || file.state !== "open" || file.live_marked === 0) return opened;
  holdForSize(context, file);
  return { ok: true, state: "waiting" };
}

/** Sends the batches of an accepted file, unless they wait for the size of the live worker's batches. */
export function openAccepted(context: RunContext, file: FileRow, patch: FilePatch): void {
  sendAccepted(context, file, patch);
  heldForSize(context, file.file, { ok: true, state: "open" });
}

function mayOpen(context: RunContext): boolean {
  const run = started(context);
  return !run?.spec.live || isBelieved(run.row, run.spec.live);
}

/** Makes the held batches of some files pending again. The next turn does the same for more files. */
export function releaseProven(context: RunContext): void {
  if (!mayOpen(context)) return;
  context.store.transaction(() => {
    for (const file of context.store.live.unproven(RELEASED_AT_ONCE))
      sendAccepted(context, file, NO_FILE_REASON);
  });
}
