// Plays the parsers in feature-walk.ts, which drives a run with random steps. These parsers report counts
// without reading R2. A file always gives the same batches.
import type { RunSpec } from "../../src/contract/run.ts";
import { NO_MARKERS, type LiveMarkers, type LiveSpec } from "../../src/contract/live.ts";
import type { Pick } from "./walk.ts";
import type { RunUnderTest } from "./run-under-test.ts";
import { countsOf, entriesOf, manifestOf } from "./run-work.ts";

export interface Setting {
  files: readonly (readonly number[])[];
  /** The number of the file that fails too many checks. 0: no file does. */
  suspiciousFile: number;
  unusualIsTaken: boolean;
  /** The run skips what a live worker delivered. Its batches have 100 records. */
  live: boolean;
  over: Partial<RunSpec>;
}

/** "waiting": a batch of the live worker has no answer. */
export type ParserEnd = "good" | "failed" | "missing" | "changed" | "waiting" | "gave_up" | "crash";

/** For each file: its number of records, and the index of its last batch that the live worker delivered. The first
 * three prove a size of 100 records. */
const MARKERS = [[250, 2], [350, 3], [450, 4], [420, 1]] as const; // prettier-ignore
const PROVING_FILES = 3;

export function liveOption({ live }: Setting): { live?: LiveSpec } {
  if (!live) return {};
  return { live: { batchSize: 100, prefix: "processed-none/", settleMs: 0, waiting: "hold" } };
}

/** Draws how a parse ends. `good` is three of the eight or nine equally likely ends. */
export function endOf(pick: Pick, { live }: Setting): ParserEnd {
  const bad: ParserEnd[] = ["failed", "missing", "changed", "gave_up", "crash"];
  const ends: ParserEnd[] = ["good", "good", "good", ...bad, ...(live ? (["waiting"] as const) : [])];
  return ends[pick(ends.length)] ?? "good";
}

export async function isSizeProven(run: RunUnderTest): Promise<boolean> {
  const { n } = await run.row<{ n: number }>(
    `SELECT count(*) AS n FROM files WHERE file <= ${PROVING_FILES} AND counted = 1`,
  );
  return n === PROVING_FILES;
}

export async function parseFile(
  run: RunUnderTest,
  setting: Setting,
  file: number,
  end: ParserEnd,
): Promise<void> {
  const claim = await run.api.claimFile(file);
  if (!claim.ok || end === "crash") return;
  const { attempt } = claim;
  // Only a claim with `live` may make a file wait. A claim with `live_waiting: "send"` never does.
  if (end === "waiting" && (!claim.live || claim.live.frozen || claim.live.waiting === "send")) return;
  if (end !== "good") {
    const seen = end === "changed" ? { etag: "another", size: 1 } : null;
    const failure = {
      file,
      attempt,
      state: end,
      reason: "storage",
      detail: "by the walk",
      counts: null,
      seen,
    };
    await run.api.fileFailed(failure);
    return;
  }
  const entries = entriesOf(setting.files[file - 1] ?? [], `f${file}-`);
  const kept = entries.reduce((sum, { lines }) => sum + lines, 0);
  const isBad = file === setting.suspiciousFile;
  const counts = countsOf(kept, isBad ? { malformed: 90, linesRead: kept + 92 } : {});
  if (!claim.live) {
    await run.api.queued(manifestOf(file, attempt, entries, { counts }));
    return;
  }
  const [records, last] = MARKERS[file - 1] ?? [150, 0];
  const markers: LiveMarkers = { ...NO_MARKERS, done: [[0, last]] };
  const live = { markers: claim.live.frozen ?? markers, waitingLines: 0 };
  const counted = { ...counts, live: { records, borders: "known" as const } };
  await run.api.queued(manifestOf(file, attempt, entries, { counts: counted, live }));
}
