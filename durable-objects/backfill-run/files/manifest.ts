// Turns a complete manifest into the file's batches, all at once or not at all, and adds the file's counts to the
// run's sums. When a file is parsed again because its pack was lost, every batch must be unchanged. When an
// operator has a file parsed again, sent batches are kept if the new R2 object contains them.
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import type { ManifestEntry, ManifestPage, QueuedAnswer } from "../../../src/contract/parsing.ts";
import { started, type RunContext } from "../context/context.ts";
import { choicesOf } from "./file-choices.ts";
import { allBatchesOf, batchesOf, olderRanges } from "../batches/of-file.ts";
import { discardFile } from "./parse-again.ts";
import { strand, unstrand } from "../batches/stranding.ts";
import { differsFromPlan } from "./compare-plan.ts";
import { missedByInheritance, settleInherited } from "./inherit.ts";
import { keep, match, relocateUnit, supersede } from "./reparse.ts";
import { suspiciousBecause, type Suspicion } from "../stage/suspicion.ts";
import { largestIndex } from "../../../src/contract/live.ts";
import { evidenceOf, expectedBatches, liveFileOf, needsRecheck, type LiveFile } from "../ledger/live-file.ts";
import { heldForSize } from "./apply-live-size-proof.ts";
import { countLive } from "./live-evidence.ts";
import type { FilePatch, FileRow } from "../ledger/file-rows.ts";
import { NO_FILE_REASON, fileBecause } from "../ledger/reasons.ts";
import { SETTLED } from "../ledger/states.ts";
import { countFile, countsBalance, forgetCounts } from "./counts.ts";
import { isAskedAnew } from "./parse-again.ts";

type Refusal = Extract<QueuedAnswer, { ok: false }>;

/** Opens the file of a complete manifest. Call within a transaction. */
export function openFile(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  entries: ManifestEntry[],
): QueuedAnswer {
  const lines = entries.reduce((sum, entry) => sum + entry.lines, 0);
  if (!countsBalance(page.counts) || lines !== page.counts.kept || entries.length !== page.batches) {
    // A parser whose counts do not balance cannot be trusted. The file fails, and no line of it is sent.
    return fail(context, file, "failed", "unbalanced", "the parser's counts do not add up");
  }
  const missed = missedByInheritance(context, file.key, entries);
  if (missed > 0 && file.allow_duplicates === 0) {
    const detail = `${missed} batches that the earlier run sent are not in the object as it is now; retry with allow_duplicates`;
    return fail(context, file, "changed", "digest_mismatch", detail);
  }
  const run = started(context);
  const unplanned = run && differsFromPlan(context, run, file.key, page, entries);
  if (unplanned && file.allow_duplicates === 0) {
    const detail = `${unplanned.detail}; retry with allow_duplicates to send them all the same`;
    return fail(context, file, "changed", unplanned.code, detail);
  }
  const isPackLost = file.counted === 1 && !isAskedAnew(file);
  if (unplanned && !isPackLost) context.store.totals.add("exceptions", 1);
  if (file.first_batch !== null) {
    const reopened = judged(context, file, page, reopen(context, file, page, entries));
    return heldForSize(context, file.file, reopened);
  }
  // An operator allowed the run to send these batches again. Each batch counts as an exception.
  context.store.totals.add("exceptions", missed);
  const opened = judged(context, file, page, { ok: true, state: openNew(context, file, page, entries) });
  return heldForSize(context, file.file, opened);
}

/** Handles a suspicious file that was opened in this turn. None of the file's batches is sendable, and all its
 * lines count. */
function judged(
  context: RunContext,
  before: FileRow,
  page: ManifestPage,
  opened: QueuedAnswer,
): QueuedAnswer {
  const spec = started(context)?.spec.parse;
  const suspicion = opened.ok && spec ? (suspiciousBecause(page.counts, spec) ?? bordersUnknown(page)) : null;
  if (suspicion === null) return opened;
  // Writes the settled batches of this call before the row is read.
  context.store.settleFiles();
  const file = context.store.files.get(before.file);
  if (!file) throw new Error(`file ${before.file} is missing`);
  const choices = choicesOf(context, file);
  const word = choices.accepted?.etag === page.etag ? choices.accepted : null;
  if (word && file.choices_json === null) {
    // An operator made this decision in the continued run. The decision counts as an exception in this run too.
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

/** Moves the file to its new state and adds its counts. Called for every accepted manifest. */
function settle(
  context: RunContext,
  before: FileRow,
  page: ManifestPage,
  state: "open" | "closed",
  patch: FilePatch,
): "open" | "closed" {
  const file = isAskedAnew(before) ? forgetCounts(context, before) : before;
  context.store.files.move(file, state, {
    etag: page.etag,
    pack_attempt: page.attempt,
    counts_json: JSON.stringify(page.counts),
    counted: 1,
    salvaged_json: page.salvaged ? JSON.stringify(page.salvaged) : null,
    crashes: 0,
    ...NO_FILE_REASON,
    ...frozenWith(context, file, page),
    ...patch,
  });
  if (file.counted === 0) {
    countLive(context, file.file, liveOf(context, file, page), page.counts, 1);
    // The parser could read only the beginning of the file, so the delivery counts as an exception.
    if (page.salvaged) context.store.totals.add("exceptions", 1);
    countFile(context, file.file, page.counts, 1);
    seeDistance(context, file, page.counts);
    if (page.counts.samples.length > 0) context.store.addSamples(file.file, page.counts.samples);
  }
  return state;
}

/** The live worker's markers of the file. A later manifest keeps the markers of the first one. */
function liveOf(context: RunContext, file: FileRow, page: ManifestPage): LiveFile | null {
  const spec = started(context)?.spec.live;
  if (!spec || !page.live) return null;
  const { markers, waitingLines } = page.live;
  return {
    markers: liveFileOf(file)?.markers ?? markers,
    expected: expectedBatches(page.counts, spec.batchSize),
    waitingLines,
    meanwhile: { batches: 0, lines: 0 },
  };
}

function frozenWith(context: RunContext, file: FileRow, page: ManifestPage): FilePatch {
  const live = liveOf(context, file, page);
  if (live === null || file.counted === 1) return {};
  const isDry = started(context)?.spec.dryRun === true;
  const isRechecked = !isDry && needsRecheck(live, page.counts) ? 1 : 0;
  context.store.totals.add("live_rechecks", isRechecked - file.live_recheck, file.file);
  const isMarked = evidenceOf(live, page.counts) !== null && live.markers.done.length > 0;
  return {
    live_json: JSON.stringify(live),
    live_marked: isMarked ? 1 : 0,
    live_recheck: isRechecked,
    waiting_since: null,
  };
}

/** The suspicion about a file whose markers do not show which records were delivered. No record of such a file was
 * skipped. */
function bordersUnknown(page: ManifestPage): Suspicion | null {
  const borders = page.counts.live?.borders ?? "known";
  if (borders === "known" || !page.live || largestIndex(page.live.markers) === null) return null;
  const detail = `the live worker delivered a part of it, and its batches cannot be told apart (${borders})`;
  return { code: "live_borders_unknown", detail };
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
  const run = started(context);
  const isDry = run?.spec.dryRun === true;
  context.store.batches.insert(file.file, first, entries, { now: context.now, isDry });
  const count = entries.length;
  if (run) settleInherited(context, run, file.key, first, entries);
  return settle(context, file, page, isDry ? "closed" : "open", {
    ...salvaged,
    first_batch: first,
    batch_count: count,
    unsettled: isDry ? 0 : count,
    fresh: isDry ? null : first,
  });
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
  if (file.counted === 1 && !isAskedAnew(file)) {
    return fail(context, file, "changed", "digest_mismatch", "parsed again, the file gave other batches");
  }
  return merge(context, file, page, entries);
}

/** An operator asked to parse the present R2 object. Batches that a sender got, and that this R2 object also
 * contains, stay unchanged. The lines of other sent batches may be sent again inside new batches. This needs
 * `allow_duplicates`, and these lines count as duplicates. */
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
  context.store.batches.insert(file.file, first, entries, { now: context.now, isDry: false });
  keep(context, kept, first, entries);
  const older = [...olderRanges(file), [file.first_batch ?? 0, file.batch_count]];
  const fresh = entries.find((entry) => !kept.has(entry.ordinal));
  // `left` still counts the batches that `supersede` and `keep` have just made `split`: `unsettled` counts the old ones,
  // and `entries.length` the new ones. The store subtracts them at the end of this transaction.
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

/** Reserves consecutive numbers for a file's batches and returns the first. */
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

/** Records the distance of a kept record from its file's time range, and the newest file with records of the window. */
function seeDistance(context: RunContext, file: FileRow, counts: FileCounts): void {
  const row = context.store.run.read();
  if (!row || counts.firstKeptMs === null || counts.lastKeptMs === null) return;
  const distance = Math.max(0, file.range_start - counts.firstKeptMs, counts.lastKeptMs - file.range_end);
  context.store.run.update({
    farthest_ms: Math.max(row.farthest_ms, distance),
    latest_kept_start: Math.max(row.latest_kept_start, file.range_start),
  });
}
