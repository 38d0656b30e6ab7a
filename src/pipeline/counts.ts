// The counts of one file. Owns their zero and the samples of malformed lines; decides nothing.

import { sampleOf } from "./malformed.ts";
import type { FileCounts, MalformedSample } from "./types.ts";

const MAX_SAMPLES = 20;

export function emptyCounts(): FileCounts {
  return {
    bytesRead: 0,
    rawBytes: 0,
    linesRead: 0,
    emptyLines: 0,
    kept: 0,
    malformed: 0,
    dropped: { not_top_level: 0, invalid_timestamp: 0, outside_window: 0, repeated_ray_id: 0 },
    sanitizedFields: 0,
    repeatedRayIds: 0,
    untrackedRayIds: 0,
    firstKeptMs: null,
    lastKeptMs: null,
    readableTimestamps: 0,
    parentRayIdAbsent: 0,
    samples: [],
  };
}

/** Call after the line was counted as read: its number in the file is that of all lines so far, empty ones included. */
export function countMalformed(
  counts: FileCounts,
  reason: MalformedSample["reason"],
  line: Uint8Array,
): void {
  counts.malformed += 1;
  if (counts.samples.length >= MAX_SAMPLES) return;
  counts.samples.push({ line: counts.linesRead + counts.emptyLines, reason, bytes: sampleOf(line) });
}
