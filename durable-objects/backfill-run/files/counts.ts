// Adds a file's counts to the run's sums, removes them, and checks their balance.
import { started, type RunContext } from "../context/context.ts";
import type { FilePatch, FileRow } from "../ledger/file-rows.ts";
import { liveFileOf, type LiveFile } from "../ledger/live-file.ts";
import { countLive } from "./live-evidence.ts";
import { DROP_REASONS, type DropReason, type FileCounts } from "../../../src/contract/file-counts.ts";
import { CHECKS, checksForRun } from "../stage/suspicion.ts";

/** Removes a file's counts from the sums. Call it in the transaction that forgets or replaces the file's batches, so
 * that the lines of all batches always add up to the kept lines. Returns the row as it is then. */
export function forgetCounts(context: RunContext, file: FileRow): FileRow {
  if (file.counted === 0 || file.counts_json === null) return file;
  countFile(context, file.file, JSON.parse(file.counts_json) as FileCounts, -1);
  if (file.salvaged_json !== null) context.store.totals.add("exceptions", -1);
  const patch = { counted: 0, ...forgetLive(context, file) };
  context.store.files.update(file.file, patch);
  return { ...file, ...patch };
}

/** The markers that were stored with the first manifest stay. The run lists the file's markers again to find newer
 * ones. */
function forgetLive(context: RunContext, file: FileRow): FilePatch {
  const live = liveFileOf(file);
  if (live === null || file.counts_json === null) return {};
  countLive(context, file.file, live, JSON.parse(file.counts_json) as FileCounts, -1);
  context.store.totals.add("live_rechecks", -file.live_recheck, file.file);
  const cleared: LiveFile = { ...live, meanwhile: { batches: 0, lines: 0 } };
  return { live_json: JSON.stringify(cleared), live_recheck: 0 };
}

/** Adds the file's counts to the sums (sign 1) or removes them (sign -1). */
export function countFile(context: RunContext, file: number, counts: FileCounts, sign: 1 | -1): void {
  const { totals } = context.store;
  totals.add("read", sign * counts.linesRead, file);
  totals.add("kept", sign * counts.kept, file);
  totals.add("malformed", sign * counts.malformed, file);
  totals.add("empty_lines", sign * counts.emptyLines, file);
  totals.add("sanitized_fields", sign * counts.sanitizedFields, file);
  totals.add("repeated_ray_ids", sign * counts.repeatedRayIds, file);
  totals.add("untracked_ray_ids", sign * counts.untrackedRayIds, file);
  totals.add("repaired", sign * (counts.repaired ?? 0), file);
  for (const reason of DROP_REASONS) totals.add(`dropped_${reason}`, sign * dropped(counts, reason), file);
  const checks = checksForRun(counts, started(context)?.spec.parse ?? {});
  for (const name of CHECKS) {
    totals.add(`${name}_checked`, sign * checks[name].checked, file);
    totals.add(`${name}_failing`, sign * checks[name].failing, file);
  }
}

export function dropped(counts: FileCounts, reason: DropReason): number {
  return counts.dropped[reason] ?? 0;
}

/** Whether the counts of one file balance: each line that was read is kept, dropped or malformed. */
export function countsBalance(counts: FileCounts): boolean {
  return counts.linesRead === linesCounted(counts);
}

/** The sum of kept, dropped and malformed lines. */
export function linesCounted(counts: FileCounts): number {
  const sum = DROP_REASONS.reduce((all: number, reason: DropReason) => all + dropped(counts, reason), 0);
  return counts.kept + sum + counts.malformed;
}
