// A complete manifest → the file's batches, all at once or not at all, and the file's counts into the run's sums.
// A file may be parsed again: because its pack was lost (every batch must then be what it was), or because an operator
// asked for it (batches that were sent are kept where the new object gives the same ones).
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import type { ManifestEntry, ManifestPage, QueuedAnswer } from "../../../src/contract/parsing.ts";
import { started, type RunContext } from "../context/context.ts";
import { choicesOf } from "./file-choices.ts";
import { allBatchesOf, batchesOf, olderRanges } from "../batches/of-file.ts";
import { discardFile } from "./offering.ts";
import { strand, unstrand } from "../batches/stranding.ts";
import { missedByInheritance, settleInherited } from "./inherit.ts";
import { keep, match, relocateUnit, supersede } from "./reparse.ts";
import { suspiciousBecause } from "../stage/suspicion.ts";
import type { FilePatch, FileRow } from "../ledger/file-rows.ts";
import { NO_FILE_REASON, fileBecause } from "../ledger/reasons.ts";
import { SETTLED } from "../ledger/states.ts";
import { countFile, countsBalance } from "./counts.ts";

type Refusal = Extract<QueuedAnswer, { ok: false }>;

/** Within a transaction. */
export function openFile(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  entries: ManifestEntry[],
): QueuedAnswer {
  const lines = entries.reduce((sum, entry) => sum + entry.lines, 0);
  if (!countsBalance(page.counts) || lines !== page.counts.kept || entries.length !== page.batches) {
    // a parser that cannot count must not be believed; the file is named and nothing of it leaves
    return fail(context, file, "failed", "unbalanced", "the parser's counts do not add up");
  }
  const missed = missedByInheritance(context, file.key, entries);
  if (missed > 0 && file.allow_duplicates === 0) {
    const detail = `${missed} batches that the earlier run sent are not in the object as it is now; retry with allow_duplicates`;
    return fail(context, file, "changed", "digest_mismatch", detail);
  }
  if (file.first_batch !== null) return judged(context, file, page, reopen(context, file, page, entries));
  // an operator let them be sent again: each of them is an exception
  context.store.totals.add("exceptions", missed);
  return judged(context, file, page, { ok: true, state: openNew(context, file, page, entries) });
}

/** A file that was opened in this turn and is suspicious: none of its batches is sendable, and all its lines count. */
function judged(
  context: RunContext,
  before: FileRow,
  page: ManifestPage,
  opened: QueuedAnswer,
): QueuedAnswer {
  const spec = started(context)?.spec.parse;
  const suspicion = opened.ok && spec ? suspiciousBecause(page.counts, spec) : null;
  if (suspicion === null) return opened;
  // what was settled in this turn stands in the row only now
  context.store.settleFiles();
  const file = context.store.files.get(before.file);
  if (!file) throw new Error(`file ${before.file} is missing`);
  const choices = choicesOf(context, file);
  const word = choices.accepted?.etag === page.etag ? choices.accepted : null;
  if (word && file.choices_json === null) {
    // an operator decided it in the run that is continued: here it is an exception as well
    context.store.totals.add("exceptions", 1);
    context.store.files.update(file.file, { choices_json: JSON.stringify(choices) });
  }
  const decision = word ? `accepted before, send: ${word.send}` : null;
  const reason = { ...fileBecause(suspicion.code, suspicion.detail), decision };
  if (word?.send) {
    context.store.files.update(file.file, reason);
    return opened;
  }
  strand(context, file, "suspicious");
  if (word) discardFile(context, file, reason);
  else context.store.files.move(file, "suspicious", { fresh: null, ...reason });
  return { ok: true, state: "suspicious" };
}

/** The move and the counts that every accepted manifest brings. */
function settle(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  state: "open" | "closed",
  patch: FilePatch,
): "open" | "closed" {
  context.store.files.move(file, state, {
    etag: page.etag,
    pack_attempt: page.attempt,
    counts_json: JSON.stringify(page.counts),
    counted: 1,
    salvaged_json: page.salvaged ? JSON.stringify(page.salvaged) : null,
    crashes: 0,
    ...NO_FILE_REASON,
    ...patch,
  });
  if (file.counted === 0) {
    // what could not be read is no success: the run is delivered with an exception
    if (page.salvaged) context.store.totals.add("exceptions", 1);
    countFile(context, file.file, page.counts, 1);
    seeDistance(context, file, page.counts);
    if (page.counts.samples.length > 0) context.store.addSamples(file.file, page.counts.samples);
  }
  return state;
}

function openNew(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  entries: ManifestEntry[],
): "open" | "closed" {
  const salvaged = page.salvaged
    ? fileBecause("truncated", `${page.salvaged.lines} lines and ${page.salvaged.bytes} bytes were salvaged`)
    : NO_FILE_REASON;
  if (entries.length === 0) {
    settle(context, file, page, "closed", salvaged);
    return "closed";
  }
  const first = numberBatches(context, entries);
  context.store.batches.insertPending(file.file, first, entries, context.now);
  const count = entries.length;
  const run = started(context);
  if (run) settleInherited(context, run, file.key, first, entries);
  settle(context, file, page, "open", {
    ...salvaged,
    first_batch: first,
    batch_count: count,
    unsettled: count,
    fresh: first,
  });
  return "open";
}

function reopen(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  entries: ManifestEntry[],
): QueuedAnswer {
  unstrand(context, allBatchesOf(context, file));
  const rows = batchesOf(context, file);
  const isSame =
    rows.length === entries.length &&
    rows.every(
      (row, n) =>
        row.digest === entries[n]?.digest && (row.lines === entries[n]?.lines || row.state === "split"),
    );
  if (isSame) {
    for (const [n, entry] of entries.entries()) {
      const row = rows[n];
      if (row) relocateUnit(context, row, entry);
    }
    const fresh = rows.find((row) => row.state === "pending" && row.retry_at === null)?.batch ?? null;
    const state = file.unsettled === 0 ? "closed" : "open";
    return { ok: true, state: settle(context, file, page, state, { fresh }) };
  }
  // counted: nobody asked for another object, its pack was lost
  if (file.counted === 1) {
    return fail(context, file, "changed", "digest_mismatch", "parsed again, the file gave other batches");
  }
  return merge(context, file, page, entries);
}

/**
 * Another object stands there now, and an operator asked for it. Batches that were handed to a sender and that the new
 * object gives as well stay what they are. Sent batches that it does not give may come again inside others: that needs
 * `allow_duplicates`, and their lines are counted as duplicates.
 */
function merge(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  entries: ManifestEntry[],
): QueuedAnswer {
  const { kept, gone, sentAndGone } = match(context, file, entries);
  if (sentAndGone > 0 && file.allow_duplicates === 0) {
    const detail = `${sentAndGone} batches already sent are not in the object as it is now; retry with allow_duplicates`;
    return fail(context, file, "changed", "digest_mismatch", detail);
  }
  const unsettled = allBatchesOf(context, file).filter((row) => !SETTLED.has(row.state)).length;
  supersede(context, gone);
  const first = numberBatches(context, entries);
  context.store.batches.insertPending(file.file, first, entries, context.now);
  keep(context, kept, first, entries);
  const older = [...olderRanges(file), [file.first_batch ?? 0, file.batch_count]];
  const fresh = entries.find((entry) => !kept.has(entry.ordinal));
  // what moved above is subtracted when this transaction ends
  const left = entries.length + unsettled;
  return {
    ok: true,
    state: settle(context, file, page, left > 0 ? "open" : "closed", {
      older_batches_json: JSON.stringify(older),
      first_batch: entries.length === 0 ? null : first,
      batch_count: entries.length,
      unsettled: left,
      fresh: fresh ? first + fresh.ordinal : null,
    }),
  };
}

function fail(
  context: RunContext,
  file: FileRow,
  state: "failed" | "changed",
  code: Refusal["code"],
  detail: string,
): Refusal {
  context.store.files.move(file, state, { fresh: null, ...fileBecause(code, detail) });
  strand(context, file, code);
  return { ok: false, code, detail };
}

/** Consecutive numbers for a file's batches; gives the first. */
function numberBatches(context: RunContext, entries: ManifestEntry[]): number {
  const row = context.store.run.read();
  if (!row) throw new Error("run row is missing");
  const lines = entries.map((entry) => entry.lines);
  context.store.run.update({
    next_batch: row.next_batch + entries.length,
    ...(lines.length > 0 && {
      batch_lines_min: Math.min(row.batch_lines_min ?? Number.MAX_SAFE_INTEGER, ...lines),
      batch_lines_max: Math.max(row.batch_lines_max ?? 0, ...lines),
    }),
  });
  return row.next_batch;
}

/** How far outside its file's range a kept record lay, and which files held records of the window at all. */
function seeDistance(context: RunContext, file: FileRow, counts: FileCounts): void {
  const row = context.store.run.read();
  if (!row || counts.firstKeptMs === null || counts.lastKeptMs === null) return;
  const distance = Math.max(0, file.range_start - counts.firstKeptMs, counts.lastKeptMs - file.range_end);
  context.store.run.update({
    farthest_ms: Math.max(row.farthest_ms, distance),
    latest_kept_start: Math.max(row.latest_kept_start, file.range_start),
  });
}
