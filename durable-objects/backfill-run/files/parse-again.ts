// Enqueues files for parsing again, and decides what happens to a file whose R2 object changed or whose parser
// failed.
import type { RunContext } from "../context/context.ts";
import { noDuplicate } from "./duplicates.ts";
import type { FilePatch, FileRow } from "../ledger/file-rows.ts";
import { FILE_ACCEPTED, NO_FILE_REASON, RUN_FAILED, because, fileBecause } from "../ledger/reasons.ts";
import { SETTLED } from "../ledger/states.ts";
import { strand, unstrand } from "../batches/stranding.ts";
import { batchesOf, partsOf, rangesOf } from "../batches/of-file.ts";
import type { FileState } from "../../../src/contract/states.ts";
import { forgetCounts } from "./counts.ts";
import type { FileFailure } from "../../../src/contract/parsing.ts";
import { keepMemory, trialOf } from "./storage-trial.ts";

/** The longest wait of a file after R2 failed. The pauses of the whole run already bound the load. */
const LONGEST_READ_WAIT_MS = 60_000;

/** An etag that no R2 object has. This etag means: parse the R2 object that has this key now, whatever its etag is. */
export const ANY_ETAG = "";

/** Sets the file back to `listed`. Its batches and counts stay until a new manifest replaces both. So batches and
 * counts also stay when the new parse fails. */
export function enqueueAnew(context: RunContext, file: FileRow, allowDuplicates: boolean): void {
  noDuplicate(context, file);
  context.store.files.move(file, "listed", {
    etag: ANY_ETAG,
    enqueue_at: enqueueAtOnce(file),
    times_enqueued: 0,
    crashes: 0,
    fresh: null,
    ...NO_FILE_REASON,
    duplicate_of: null,
    counts_json: file.counted === 1 ? file.counts_json : null,
    allow_duplicates: allowDuplicates ? 1 : 0,
  });
}

/** Whether the file is parsed again because an operator asked for it. A counted file with another etag is parsed
 * again only because its pack was lost. */
export function isAskedAnew({ counted, etag }: FileRow): boolean {
  return counted === 1 && etag === ANY_ETAG;
}

/** Handles an R2 object that was replaced before any POST with its lines began. The file continues as if only the
 * new R2 object had been listed. */
export function parseCurrent(context: RunContext, file: FileRow, seen: { etag: string; size: number }): void {
  if (file.first_batch !== null) {
    // Also removes what these batches inherited from the run that this run continues. The batches of the new R2 object
    // are matched with that run again.
    context.store.attempts.forget(file.first_batch, file.batch_count);
    context.store.batches.forget(file.first_batch, file.batch_count);
  }
  forgetCounts(context, file);
  context.store.files.move(file, "listed", {
    // The fields are named one by one, because `seen` may have more fields than the row has columns.
    etag: seen.etag,
    size: seen.size,
    enqueue_at: 0,
    times_enqueued: 0,
    fresh: null,
    ...NO_FILE_REASON,
    first_batch: null,
    batch_count: 0,
    unsettled: 0,
    counts_json: null,
    salvaged_json: null,
    live_json: null,
    live_marked: 0,
    waiting_since: null,
  });
}

/** Makes the batches of an accepted file sendable. */
export function sendAccepted(context: RunContext, file: FileRow, patch: FilePatch): void {
  const { files, stranded } = context.store;
  for (const [first, count] of rangesOf(file)) stranded.waitAgain(first, count, context.now);
  unstrand(context, partsOf(context, file));
  const fresh = batchesOf(context, file).find((row) => row.state === "pending" && row.retry_at === null);
  files.move(file, file.unsettled === 0 ? "closed" : "open", { ...patch, fresh: fresh?.batch ?? null });
}

export function discardFile(context: RunContext, file: FileRow, patch: FilePatch): void {
  const reason = because(FILE_ACCEPTED);
  const { stranded } = context.store;
  for (const [first, count] of rangesOf(file)) {
    stranded.discard(first, count, reason);
    for (const batch of stranded.leasedIn(first, count)) context.store.moveBatch(batch, "discarded", reason);
  }
  for (const part of partsOf(context, file))
    if (!SETTLED.has(part.state)) context.store.moveBatch(part, "discarded", reason);
  noDuplicate(context, file);
  context.store.files.move(file, "accepted", { fresh: null, duplicate_of: null, ...patch });
}

/** The wait before the run sends a parse message again that no parser handled: 20 s, 40 s … 5 min. */
export function enqueueAgainMs(times: number): number {
  return Math.min(300_000, 20_000 * 2 ** Math.max(0, times - 1));
}

/** Decides what happens when another R2 object replaced the R2 object of a listed key. The new one is parsed,
 * unless lines of the old one may have been sent. */
export function decideChangedObject(
  state: FileState,
  posted: boolean,
): "parse_current" | "changed" | "ignore" {
  if (state === "accepted" || state === "changed") return "ignore";
  return posted ? "changed" : "parse_current";
}

/** How many parsers may stop without a report before the file fails. */
const MAX_PARSER_CRASHES = 10;

/** Handles a file whose parser stopped without a report, or failed because of a bug in the parser. The file is
 * enqueued again, and fails at the crash number MAX_PARSER_CRASHES. */
export function parserCrashed(context: RunContext, file: FileRow): void {
  const crashes = file.crashes + 1;
  if (crashes >= MAX_PARSER_CRASHES) failAfter(context, file, crashes, "parsers vanished with this file");
  else
    context.store.files.move(file, "listed", { enqueue_at: enqueueAtOnce(file), times_enqueued: 0, crashes });
}

/** Handles a file whose parser could not call this run's Durable Object. R2 did not fail, so parsing of other files
 * continues. The call counts as a crash of the file's parser, because a bug may make this call fail each time. */
export function runCallFailed(context: RunContext, file: FileRow, { detail }: FileFailure): void {
  const crashes = file.crashes + 1;
  if (crashes >= MAX_PARSER_CRASHES)
    failAfter(context, file, crashes, `parsers failed, the last at ${detail}`);
  else
    context.store.files.move(file, "listed", {
      enqueue_at: context.now + enqueueAgainMs(crashes),
      times_enqueued: 0,
      crashes,
      ...fileBecause(RUN_FAILED, detail),
    });
}

function failAfter(context: RunContext, file: FileRow, crashes: number, what: string): void {
  const reason = fileBecause("crashes", `${crashes} ${what}`);
  context.store.files.move(file, "failed", { crashes, fresh: null, ...reason });
  strand(context, file, "crashes");
}

/** Handles a file that R2 or the network did not let the parser read. This shows nothing about the file, so the run
 * counts no crash. */
export function parserGaveUp(context: RunContext, file: FileRow, failure: FileFailure): void {
  context.memory.storageFailed("parse", trialOf(file.file), failure.detail, context.now);
  keepMemory(context);
  context.store.files.move(file, "listed", {
    enqueue_at: context.now + Math.min(LONGEST_READ_WAIT_MS, enqueueAgainMs(file.times_enqueued)),
    ...fileBecause(failure.reason, failure.detail),
  });
}

/** A file whose batches wait for its pack comes before all files that were never parsed. */
export function enqueueAtOnce(file: FileRow): number {
  return file.first_batch === null ? 0 : -1;
}
