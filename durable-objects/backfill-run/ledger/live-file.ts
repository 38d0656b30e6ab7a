// Defines what a file row records about delivery by the live worker, and what this shows about the size of the live
// worker's batches. Does no I/O.
import { countOf, largestIndex, type LiveMarkers } from "../../../src/contract/live.ts";
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import type { FileRow } from "./file-rows.ts";

/** All members except `meanwhile` are stored with the first manifest and never change. */
export interface LiveFile {
  markers: LiveMarkers;
  /** How many batches of the live worker the size gives. Null: the file is not parsed, or the borders are not
   * known. */
  expected: number | null;
  /** How many kept lines belong to batches of the live worker that have no answer. These lines may be delivered
   * twice. */
  waitingLines: number;
  /** How many batches of the live worker were marked done after the markers were frozen, and how many kept lines
   * they have. */
  meanwhile: { batches: number; lines: number };
}

export function liveFileOf(row: Pick<FileRow, "live_json">): LiveFile | null {
  return row.live_json === null ? null : (JSON.parse(row.live_json) as LiveFile);
}

/** What the file shows about the size of the live worker's batches. Null: the file has no marker, or its borders
 * are not known. */
export function evidenceOf(
  live: LiveFile | null,
  counts: FileCounts,
): { records: number; maxIndex: number; done: LiveMarkers["done"] } | null {
  const maxIndex = live && largestIndex(live.markers);
  if (live === null || maxIndex === null || counts.live?.borders !== "known") return null;
  return { records: counts.live.records, maxIndex, done: live.markers.done };
}

/** Whether the live worker may still mark batches as done. False when the run skips every batch of the file. */
export function needsRecheck({ markers, expected }: LiveFile, counts: FileCounts): boolean {
  return counts.kept > 0 && (expected === null || countOf(markers.done) < expected);
}

export function expectedBatches(counts: FileCounts, batchSize: number): number | null {
  return counts.live?.borders === "known" ? Math.ceil(counts.live.records / batchSize) : null;
}
