// What an operator may do with one file that gave trouble: parse it again, or take it as it stands.
import type { RunContext } from "../context/context.ts";
import { noDuplicate } from "./duplicates.ts";
import type { FilePatch, FileRow } from "../ledger/file-rows.ts";
import { FILE_ACCEPTED, NO_FILE_REASON, because, fileBecause } from "../ledger/reasons.ts";
import { SETTLED } from "../ledger/states.ts";
import { strand, unstrand } from "../batches/stranding.ts";
import { allBatchesOf, batchesOf, partsOf, rangesOf } from "../batches/of-file.ts";
import type { FileState } from "../../../src/contract/states.ts";
import { forgetCounts } from "./counts.ts";
import type { FileFailure } from "../../../src/contract/parsing.ts";
import { keepMemory, trialOf } from "./storage-trial.ts";

/** A file that R2 failed waits no longer: the pauses of the whole run bound the load already. */
const LONGEST_READ_WAIT_MS = 60_000;

/** An etag that no object has: whatever object stands there now is parsed. */
export const ANY_ETAG = "";

/** Back to `listed`, its counts out of the sums; its batches stay until the new manifest is there. */
export function offerAnew(context: RunContext, file: FileRow, allowDuplicates: boolean): void {
  forgetCounts(context, file);
  noDuplicate(context, file);
  context.store.files.move(file, "listed", {
    etag: ANY_ETAG,
    enqueue_at: offerSoon(file),
    offers: 0,
    crashes: 0,
    fresh: null,
    ...NO_FILE_REASON,
    duplicate_of: null,
    counts_json: null,
    allow_duplicates: allowDuplicates ? 1 : 0,
  });
}

/** Another object stands there now, and no POST of the old one began: as if only the new one had been listed. */
export function parseCurrent(context: RunContext, file: FileRow, seen: { etag: string; size: number }): void {
  if (file.first_batch !== null) {
    // with what was inherited about them: it is settled anew with the batches of the object that stands there now
    context.store.attempts.forget(file.first_batch, file.batch_count);
    context.store.batches.forget(file.first_batch, file.batch_count);
  }
  forgetCounts(context, file);
  context.store.files.move(file, "listed", {
    // not spread: the listing hands over more than the row has columns for
    etag: seen.etag,
    size: seen.size,
    enqueue_at: 0,
    offers: 0,
    fresh: null,
    ...NO_FILE_REASON,
    first_batch: null,
    batch_count: 0,
    unsettled: 0,
    counts_json: null,
    salvaged_json: null,
  });
}

/** Its batches wait as those of any other file. */
export function sendAccepted(context: RunContext, file: FileRow, patch: FilePatch): void {
  const { files, stranded } = context.store;
  for (const [first, count] of rangesOf(file)) stranded.waitAgain(first, count, context.now);
  unstrand(context, partsOf(context, file));
  const fresh = batchesOf(context, file).find((row) => row.state === "pending" && row.retry_at === null);
  files.move(file, file.unsettled === 0 ? "closed" : "open", { ...patch, fresh: fresh?.batch ?? null });
}

export function discardFile(context: RunContext, file: FileRow, patch: FilePatch): void {
  for (const batch of allBatchesOf(context, file)) {
    if (SETTLED.has(batch.state)) continue;
    context.store.moveBatch(batch, "discarded", because(FILE_ACCEPTED));
  }
  noDuplicate(context, file);
  context.store.files.move(file, "accepted", { fresh: null, duplicate_of: null, ...patch });
}

/** A message that nobody answered is sent again: 20 s, 40 s … 5 min. */
export function offerAgainMs(offers: number): number {
  return Math.min(300_000, 20_000 * 2 ** Math.max(0, offers - 1));
}

/** A listed key turned out to hold another object: parsed as it is now, unless lines of the old one may be out. */
export function changedObject(state: FileState, posted: boolean): "parse_current" | "changed" | "ignore" {
  if (state === "accepted" || state === "changed") return "ignore";
  return posted ? "changed" : "parse_current";
}

/** Parsers that may vanish with one file. */
export const MAX_PARSER_CRASHES = 10;

/** Its parser vanished, or failed in a way that is not the outside world's: offered again, until it is hopeless. */
export function parserCrashed(context: RunContext, file: FileRow): void {
  const crashes = file.crashes + 1;
  if (crashes >= MAX_PARSER_CRASHES) {
    const reason = fileBecause("crashes", `${crashes} parsers vanished with this file`);
    context.store.files.move(file, "failed", { crashes, fresh: null, ...reason });
    strand(context, file, "crashes");
    return;
  }
  context.store.files.move(file, "listed", { enqueue_at: offerSoon(file), offers: 0, crashes });
}

/** R2 or the network failed its parser: nothing is known about the file, and nothing counts against it. */
export function parserGaveUp(context: RunContext, file: FileRow, failure: FileFailure): void {
  context.memory.storageFailed("parse", trialOf(file.file), failure.detail, context.now);
  keepMemory(context);
  context.store.files.move(file, "listed", {
    enqueue_at: context.now + Math.min(LONGEST_READ_WAIT_MS, offerAgainMs(file.offers)),
    ...fileBecause(failure.reason, failure.detail),
  });
}

/** A file whose batches wait for its pack goes before all that were never parsed. */
export function offerSoon(file: FileRow): number {
  return file.first_batch === null ? 0 : -1;
}
