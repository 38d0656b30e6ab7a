// What an operator may do with one file that gave trouble: parse it again, or take it as it stands.
import type { FileCounts } from "../../src/pipeline/types.ts";
import type { OperatorCommand } from "./api-operator.ts";
import type { RunContext } from "./context.ts";
import { noDuplicate } from "./duplicates.ts";
import { choicesOf, type FileChoices } from "./file-choices.ts";
import { no, type Done } from "./outcome.ts";
import { FILE_PROBLEMS } from "./ledger.ts";
import { countFile, olderRanges } from "./manifest.ts";
import type { BatchPatch, BatchRow } from "./store/batch-rows.ts";
import type { FilePatch, FileRow } from "./store/file-rows.ts";

/** An etag that no object has: whatever object stands there now is parsed. */
export const ANY_ETAG = "";

/** Parses the object that stands there now. Batches already sent are kept when the new ones have equal digests. */
export function retryFile(
  context: RunContext,
  command: Extract<OperatorCommand, { do: "retry_file" }>,
): Done {
  const file = context.store.files.get(command.file);
  if (!file) return no("unknown_file", `no file ${command.file}`);
  if (!FILE_PROBLEMS.includes(file.state)) return no("wrong_state", `file ${file.file} is ${file.state}`);
  if (allBatchesOf(context, file).some((batch) => batch.state === "leased")) {
    return no("wrong_state", `a batch of file ${file.file} is being sent; ask again when it has ended`);
  }
  const { topLevelParentRayIds, onCorrupt, allowDuplicates } = command;
  // what was accepted was another reading of the file
  const { accepted: _accepted, ...before } = choicesOf(context, file);
  const choices: FileChoices = {
    ...before,
    ...(topLevelParentRayIds && { topLevelParentRayIds }),
    ...(onCorrupt && { onCorrupt }),
  };
  context.store.files.update(file.file, { choices_json: JSON.stringify(choices) });
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
  const { stranded } = context.store;
  for (const [first, count] of rangesOf(file)) stranded.setAside(first, count, STRANDED + why, context.now);
  for (const part of partsOf(context, file)) {
    if (part.state !== "pending") continue;
    context.store.moveBatch(part, "held", { due_at: context.now, reason: STRANDED + why });
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

/** Settles the file as it stands: what was sent was sent, what was not will not be. Or sends what was suspicious. */
export function acceptFile(
  context: RunContext,
  command: Extract<OperatorCommand, { do: "accept_file" }>,
): Done {
  const { note, send } = command;
  const file = context.store.files.get(command.file);
  if (!file) return no("unknown_file", `no file ${command.file}`);
  if (!note) return no("note_needed", "accepting needs a note that says why");
  if (!FILE_PROBLEMS.includes(file.state)) return no("wrong_state", `file ${file.file} is ${file.state}`);
  if (allBatchesOf(context, file).some((batch) => batch.state === "leased")) {
    return no("wrong_state", `a batch of file ${file.file} is being sent; ask again when it has ended`);
  }
  const isSuspicious = file.state === "suspicious";
  if (isSuspicious && send === undefined && file.unsettled > 0) {
    return no("send_needed", "the file kept lines: true sends them, false discards them");
  }
  if (send === true && !isSuspicious) {
    return no(
      "wrong_state",
      `file ${file.file} is ${file.state}: only the batches of a suspicious file can be sent`,
    );
  }
  context.store.totals.add("exceptions", 1);
  if (file.duplicate_of !== null && send === true) {
    // it was never parsed: it is read like any other file, and judged then
    offerAnew(context, file, false);
    return { ok: true, changed: 1 };
  }
  const choices: FileChoices = choicesOf(context, file);
  if (isSuspicious) choices.accepted = { etag: file.etag, send: send === true };
  const choices_json = isSuspicious ? JSON.stringify(choices) : file.choices_json;
  if (send === true)
    sendAccepted(context, file, { reason: `${file.reason}; accepted and sent: ${note}`, choices_json });
  else
    discardFile(context, file, { reason: `${file.reason ?? file.state}; accepted: ${note}`, choices_json });
  return { ok: true, changed: 1 };
}

/** Its batches wait as those of any other file. */
function sendAccepted(context: RunContext, file: FileRow, patch: FilePatch): void {
  const { files, stranded } = context.store;
  for (const [first, count] of rangesOf(file)) stranded.waitAgain(first, count, STRANDED, context.now);
  unstrand(context, partsOf(context, file));
  const fresh = batchesOf(context, file).find((row) => row.state === "pending" && row.due_at === null);
  files.move(file, file.unsettled === 0 ? "closed" : "open", { ...patch, fresh: fresh?.batch ?? null });
}

export function discardFile(context: RunContext, file: FileRow, patch: FilePatch): void {
  for (const batch of allBatchesOf(context, file)) {
    if (batch.state === "done" || batch.state === "split" || batch.state === "discarded") continue;
    const reason = "its file was accepted as it stands";
    context.store.moveBatch(batch, "discarded", { due_at: null, reason });
  }
  noDuplicate(context, file);
  context.store.files.move(file, "accepted", { due_at: null, fresh: null, duplicate_of: null, ...patch });
}

/** Stretches of batch numbers: of the object as it was before, and as it is now. */
function rangesOf(file: FileRow): [first: number, count: number][] {
  const now: [number, number][] = file.first_batch === null ? [] : [[file.first_batch, file.batch_count]];
  return [...olderRanges(file), ...now];
}

/** Parts of split batches: their numbers lie in no stretch. */
function partsOf(context: RunContext, file: FileRow): BatchRow[] {
  return allBatchesOf(context, file).filter((row) => row.is_part === 1);
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
