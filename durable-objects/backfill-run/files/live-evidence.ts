// Adds a file to the run's evidence about the size of the live worker's batches. Holds the batches of open files
// when the evidence contradicts the size.
import { started, type RunContext } from "../context/context.ts";
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import { beliefOf, isBelieved } from "../context/live-size-proof.ts";
import { judgeSize, withFile } from "../context/live-size.ts";
import { strand } from "../batches/stranding.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { evidenceOf, liveFileOf, type LiveFile } from "../ledger/live-file.ts";
import { SIZE_UNPROVEN, fileBecause } from "../ledger/reasons.ts";

/** Adds what the file contributes to the sums (sign 1), or subtracts it (sign -1). */
export function countLive(
  context: RunContext,
  file: number,
  live: LiveFile | null,
  counts: FileCounts,
  sign: 1 | -1,
): void {
  const run = started(context);
  const spec = run?.spec.live;
  if (!run || !spec || live === null) return;
  const { totals } = context.store;
  totals.add("live_waiting_lines", sign * live.waitingLines, file);
  totals.add("live_meanwhile_batches", sign * live.meanwhile.batches, file);
  totals.add("live_meanwhile_lines", sign * live.meanwhile.lines, file);
  const shown = evidenceOf(live, counts);
  if (shown === null) return;
  const evidence = withFile(beliefOf(run.row, spec).evidence, spec.batchSize, shown, sign);
  const before = isBelieved(run.row, spec);
  context.store.run.update({
    live_json: JSON.stringify({ evidence, ...judgeSize(evidence, spec.batchSize) }),
  });
  const after = started(context);
  if (before && after && !isBelieved(after.row, spec)) holdOpenFiles(context);
}

/** Holds all open files when a file contradicts a size that the run trusted. The unsent batches of these files wait
 * again. */
function holdOpenFiles(context: RunContext): void {
  context.store.settleFiles();
  for (const file of context.store.live.openAndMarked()) holdForSize(context, file);
}

/** Holds the batches of a file until the run trusts the size. */
export function holdForSize(context: RunContext, file: FileRow): void {
  strand(context, file, SIZE_UNPROVEN);
  context.store.files.move(file, "waiting", { fresh: null, ...fileBecause(SIZE_UNPROVEN) });
}

/** The markers that were stored with the file's first manifest, in this run, in its dry run, or in a run that it
 * continues. Markers of a continued run count only when lines of the file were sent. Otherwise the parser lists the
 * markers anew, so that the run leaves out what the live worker delivered since. */
export function frozenOf(context: RunContext, file: Pick<FileRow, "key" | "live_json">): LiveFile | null {
  if (file.live_json !== null) return liveFileOf(file);
  const { live, inherited } = context.store;
  const isFrozen = started(context)?.spec.plan !== undefined || inherited.has(file.key);
  return isFrozen ? liveFileOf({ live_json: live.inheritedOf(file.key) }) : null;
}
