// A complete manifest → the file's batches, all at once or not at all, and the file's counts into the run's sums.
// A file may be parsed again: because its pack was lost (every batch must then be what it was), or because an operator
// asked for it (batches that were sent are kept where the new object gives the same ones).
import { DROP_REASONS, type DropReason, type FileCounts } from "../../src/pipeline/types.ts";
import type { FileState, ManifestEntry, ManifestPage, QueuedAnswer } from "./api.ts";
import { recordDuplicate } from "./attempt-records.ts";
import { started, type RunContext } from "./context.ts";
import { batchesOf, strand, unstrand } from "./file-verbs.ts";
import { settleInherited } from "./inherit.ts";
import { suspiciousBecause } from "./suspicion.ts";
import type { BatchRow } from "./store/batch-rows.ts";
import type { FilePatch, FileRow } from "./store/file-rows.ts";

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
  const suspicion = suspiciousBecause(page.counts);
  if (suspicion) return { ok: true, state: settle(context, file, page, "suspicious", { reason: suspicion }) };
  if (file.first_batch === null) return { ok: true, state: openNew(context, file, page, entries) };
  return reopen(context, file, page, entries);
}

/** The move and the counts that every accepted manifest brings. */
function settle(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  state: "open" | "closed" | "suspicious",
  patch: FilePatch,
): "open" | "closed" | "suspicious" {
  context.store.files.move(file, state, {
    due_at: null,
    etag: page.etag,
    pack_attempt: page.attempt,
    counts_json: JSON.stringify(page.counts),
    counted: 1,
    salvaged_json: page.salvaged ? JSON.stringify(page.salvaged) : null,
    crashes: 0,
    reason: null,
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
    ? `truncated: ${page.salvaged.lines} lines and ${page.salvaged.bytes} bytes were salvaged`
    : null;
  if (entries.length === 0) {
    settle(context, file, page, "closed", { reason: salvaged });
    return "closed";
  }
  const first = numberBatches(context, entries);
  context.store.batches.insertPending(file.file, first, entries, context.now);
  const count = entries.length;
  const run = started(context);
  if (run) settleInherited(context, run, file.key, first, entries);
  settle(context, file, page, "open", {
    reason: salvaged,
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
  const rows = unstrand(context, batchesOf(context, file));
  const isSame =
    rows.length === entries.length &&
    rows.every((row, n) => row.digest === entries[n]?.digest && row.lines === entries[n]?.lines);
  if (isSame) {
    context.store.batches.relocate(rows, entries);
    const fresh = rows.find((row) => row.state === "pending" && row.due_at === null)?.batch ?? null;
    const state = file.unsettled === 0 ? "closed" : "open";
    return { ok: true, state: settle(context, file, page, state, { fresh }) };
  }
  // counted: nobody asked for another object, its pack was lost
  if (file.counted === 1) {
    return fail(context, file, "changed", "digest_mismatch", "parsed again, the file gave other batches");
  }
  return merge(context, file, page, entries, rows);
}

/**
 * Another object stands there now, and an operator asked for it. Batches that were handed to a sender and that the new
 * object gives as well stay what they are; new batches of the same digest carry no lines. Sent batches that it does
 * not give may come again inside others: that needs `allow_duplicates`, and their lines are counted as duplicates.
 */
function merge(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  entries: ManifestEntry[],
  rows: BatchRow[],
): QueuedAnswer {
  const unmatched = new Map<string, ManifestEntry[]>();
  for (const entry of entries) unmatched.set(entry.digest, [...(unmatched.get(entry.digest) ?? []), entry]);
  const kept = new Map<number, BatchRow>();
  const gone: BatchRow[] = [];
  for (const row of rows) {
    if (row.state === "split") continue;
    const entry = row.attempt > 0 ? unmatched.get(row.digest)?.shift() : undefined;
    if (entry) kept.set(entry.ordinal, row);
    else gone.push(row);
  }
  const sentAndGone = gone.filter((row) => row.attempt > 0);
  if (sentAndGone.length > 0 && file.allow_duplicates === 0) {
    const detail = `${sentAndGone.length} batches already sent are not in the object as it is now; retry with allow_duplicates`;
    return fail(context, file, "changed", "digest_mismatch", detail);
  }
  for (const row of gone) {
    if (row.state === "done") recordDuplicate(context, row, "superseded");
    if (row.attempt > 0) context.store.attempts.follow(row.batch, row.attempt + 1);
    context.store.moveBatch(row, "split", { due_at: null, reason: "superseded: the object changed" });
  }
  const first = numberBatches(context, entries);
  context.store.batches.insertPending(file.file, first, entries, context.now);
  for (const [ordinal, row] of kept) {
    const entry = entries[ordinal];
    const twin = context.store.batches.get(first + ordinal);
    if (!entry || !twin) throw new Error(`batch ${first + ordinal} is missing`);
    context.store.moveBatch(twin, "split", { reason: `the same as batch ${row.batch}` });
    context.store.moveBatch(row, row.state, { offset: entry.offset, length: entry.length });
  }
  const older = [...olderRanges(file), [file.first_batch ?? 0, file.batch_count]];
  const fresh = entries.find((entry) => !kept.has(entry.ordinal));
  const left =
    entries.length + rows.filter((row) => !["done", "discarded", "split"].includes(row.state)).length;
  const state: FileState = left > 0 ? "open" : "closed";
  return {
    ok: true,
    state: settle(context, file, page, state, {
      older_batches_json: JSON.stringify(older),
      first_batch: entries.length === 0 ? null : first,
      batch_count: entries.length,
      // what moved above is subtracted when this transaction ends
      unsettled: left,
      fresh: fresh ? first + fresh.ordinal : null,
    }),
  };
}

export function olderRanges(file: FileRow): [first: number, count: number][] {
  return file.older_batches_json === null ? [] : (JSON.parse(file.older_batches_json) as [number, number][]);
}

function fail(
  context: RunContext,
  file: FileRow,
  state: "failed" | "changed",
  code: Refusal["code"],
  detail: string,
): Refusal {
  context.store.files.move(file, state, {
    due_at: null,
    fresh: null,
    reason: `${code}: ${detail}`,
  });
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

/** The file's counts enter the sums (sign 1) or leave them (sign -1). */
export function countFile(context: RunContext, file: number, counts: FileCounts, sign: 1 | -1): void {
  const { totals } = context.store;
  totals.add("read", sign * counts.linesRead, file);
  totals.add("kept", sign * counts.kept, file);
  totals.add("malformed", sign * counts.malformed, file);
  totals.add("empty_lines", sign * counts.emptyLines, file);
  totals.add("sanitized_fields", sign * counts.sanitizedFields, file);
  totals.add("repeated_ray_ids", sign * counts.repeatedRayIds, file);
  for (const reason of DROP_REASONS) totals.add(`dropped_${reason}`, sign * counts.dropped[reason], file);
}

/** Promise 1 for one file. */
export function countsBalance(counts: FileCounts): boolean {
  const dropped = DROP_REASONS.reduce((sum: number, reason: DropReason) => sum + counts.dropped[reason], 0);
  return counts.linesRead === counts.kept + dropped + counts.malformed;
}
