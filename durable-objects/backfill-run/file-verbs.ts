// What an operator may do with one file that gave trouble: parse it again, or take it as it stands.
import type { FileCounts } from "../../src/pipeline/types.ts";
import type { RunContext } from "./context.ts";
import { noDuplicate } from "./duplicates.ts";
import { no, type Done } from "./outcome.ts";
import { FILE_PROBLEMS } from "./ledger.ts";
import { countFile, olderRanges } from "./manifest.ts";
import type { BatchPatch, BatchRow } from "./store/batch-rows.ts";
import type { FileRow } from "./store/file-rows.ts";

/** An etag that no object has: whatever object stands there now is parsed. */
export const ANY_ETAG = "";

/** Parses the object that stands there now. Batches already sent are kept when the new ones have equal digests. */
export function retryFile(context: RunContext, number: number, allowDuplicates: boolean): Done {
  const file = context.store.files.get(number);
  if (!file) return no("unknown_file", `no file ${number}`);
  if (!FILE_PROBLEMS.includes(file.state)) return no("wrong_state", `file ${number} is ${file.state}`);
  if (allBatchesOf(context, file).some((batch) => batch.state === "leased")) {
    return no("wrong_state", `a batch of file ${number} is being sent; ask again when it has ended`);
  }
  offerAnew(context, file, allowDuplicates);
  return { ok: true, changed: 1 };
}

/** Back to `listed`, its counts out of the sums; its batches stay until the new manifest is there. */
export function offerAnew(context: RunContext, file: FileRow, allowDuplicates: boolean): void {
  forgetCounts(context, file);
  noDuplicate(context, file);
  context.store.files.move(file, "listed", {
    etag: ANY_ETAG,
    due_at: file.first_batch === null ? 0 : -1,
    offers: 0,
    crashes: 0,
    fresh: null,
    reason: null,
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
    due_at: 0,
    offers: 0,
    fresh: null,
    reason: null,
    first_batch: null,
    batch_count: 0,
    unsettled: 0,
    counts_json: null,
    salvaged_json: null,
  });
}

const STRANDED = "stranded: ";

/** A file that cannot go on holds its unsent batches: nothing of it leaves, and the run says so instead of waiting. */
export function strand(context: RunContext, file: FileRow, why: string): void {
  for (const batch of allBatchesOf(context, file)) {
    if (batch.state !== "pending") continue;
    context.store.moveBatch(batch, "held", { due_at: context.now, reason: STRANDED + why });
  }
}

/** An attempt ended without settling its batch: it waits for the next one, if its file can still go on. */
export function backToPending(context: RunContext, batch: BatchRow, patch: BatchPatch): void {
  const file = context.store.files.get(batch.file);
  const goesOn = file?.state === "open" || file?.state === "listed" || file?.state === "parsing";
  if (goesOn) context.store.moveBatch(batch, "pending", patch);
  else
    context.store.moveBatch(batch, "held", {
      ...patch,
      due_at: context.now,
      reason: `${STRANDED}${file?.state}`,
    });
}

/** The file is whole again: its held batches wait as they did before. Gives the rows as they are now. */
export function unstrand(context: RunContext, rows: BatchRow[]): BatchRow[] {
  return rows.map((row) => {
    if (row.state !== "held" || !row.reason?.startsWith(STRANDED)) return row;
    const due_at = row.attempt > 0 ? context.now : null;
    context.store.moveBatch(row, "pending", { due_at, reason: null });
    return { ...row, state: "pending", due_at, reason: null };
  });
}

/** A file whose counts are in the sums leaves them: it will be counted again when it is parsed again. */
export function forgetCounts(context: RunContext, file: FileRow): void {
  if (file.counted === 0 || file.counts_json === null) return;
  countFile(context, file.file, JSON.parse(file.counts_json) as FileCounts, -1);
  if (file.salvaged_json !== null) context.store.totals.add("exceptions", -1);
  context.store.files.update(file.file, { counted: 0 });
}

/** Settles the file as it stands: what was sent was sent, what was not will not be. */
export function acceptFile(context: RunContext, number: number, note: string | null): Done {
  const file = context.store.files.get(number);
  if (!file) return no("unknown_file", `no file ${number}`);
  if (!note) return no("note_needed", "accepting needs a note that says why");
  if (!FILE_PROBLEMS.includes(file.state)) return no("wrong_state", `file ${number} is ${file.state}`);
  const batches = allBatchesOf(context, file);
  if (batches.some((batch) => batch.state === "leased")) {
    return no("wrong_state", `a batch of file ${number} is being sent; ask again when it has ended`);
  }
  for (const batch of batches) {
    if (batch.state === "done" || batch.state === "split" || batch.state === "discarded") continue;
    context.store.moveBatch(batch, "discarded", {
      due_at: null,
      reason: "its file was accepted as it stands",
    });
  }
  noDuplicate(context, file);
  context.store.files.move(file, "accepted", {
    due_at: null,
    fresh: null,
    duplicate_of: null,
    reason: `${file.reason ?? file.state}; accepted: ${note}`,
  });
  context.store.totals.add("exceptions", 1);
  return { ok: true, changed: 1 };
}

export function batchesOf(context: RunContext, file: FileRow): BatchRow[] {
  return file.first_batch === null ? [] : context.store.batches.ofFile(file.first_batch, file.batch_count);
}

/** With parts of split batches, and with the batches of the object as it was before an operator had it parsed again. */
export function allBatchesOf(context: RunContext, file: FileRow): BatchRow[] {
  const older = olderRanges(file).flatMap(([first, count]) => context.store.batches.ofFile(first, count));
  const rows = [...older, ...batchesOf(context, file)];
  return rows.flatMap((row) => [
    row,
    ...(row.state === "split" ? context.store.batches.partsOf(row.batch) : []),
  ]);
}
