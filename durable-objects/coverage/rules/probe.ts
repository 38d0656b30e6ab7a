// Finds the oldest markers of the bucket. Names of later logs sort after names of earlier logs, so the first markers
// below a prefix are the oldest. Does no I/O.
import { readAnyMarker, safeKeyOf } from "../../../src/contract/live.ts";
import { parseLogKey } from "../../../src/pipeline/log-keys.ts";

/** The prefixes of the probe. Each costs one list. A year begins with "2". */
export function probePrefixes(livePrefix: string, logPrefix: string): string[] {
  const logs = livePrefix + safeKeyOf(logPrefix);
  return [`${logs}2`, `${logs}date_2`, livePrefix];
}

export interface Probed {
  seen: boolean;
  oldestMs: number | null;
  /** The number of keys that are not markers. */
  foreign: number;
}

/** Reads the result. `keys` are the keys of the first page of each prefix. */
export function readProbe(keys: readonly string[], livePrefix: string, logPrefix: string): Probed {
  const probed: Probed = { seen: false, oldestMs: null, foreign: 0 };
  for (const key of new Set(keys)) {
    const marker = readAnyMarker(livePrefix, key);
    if (marker === null) {
      probed.foreign += 1;
      continue;
    }
    probed.seen = true;
    // Only markers of logs count. Markers of other data sets and of copies may be kept longer.
    const isLog = marker.safeKey.startsWith(safeKeyOf(logPrefix));
    const startMs = isLog ? startOfSafe(marker.safeKey, logPrefix) : null;
    if (startMs !== null) probed.oldestMs = Math.min(probed.oldestMs ?? Infinity, startMs);
  }
  return probed;
}

/** When the raw file of a marker starts. Null: its name contains no time. */
export function startOfSafe(safeKey: string, logPrefix: string): number | null {
  const logs = safeKeyOf(logPrefix);
  const range = parseLogKey(safeKey.startsWith(logs) ? safeKey.slice(logs.length) : safeKey);
  if (range === null) return null;
  return range.single ? range.startMs : Math.min(range.startMs, range.endMs);
}
