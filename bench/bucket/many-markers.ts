// Makes a bucket of many days. The bucket has raw files at equal distances, and all markers of each file. An R2
// object is created only when it is read.
import { safeKeyOf } from "../../src/contract/live.ts";
import { compactSecond } from "../../src/contract/run-id.ts";
import type { FakeObject, Sorted } from "./fake-bucket.ts";

export interface Many {
  startMs: number;
  everyMs: number;
  files: number;
  /** How many batches of the live worker each file has. */
  batches: number;
  /** The range of files that have no marker: the first one, and the one after the last. */
  hole?: [from: number, to: number];
}

/** Returns the raw files, then the markers. This is the order of R2: "logs/" comes before "processed/". */
export function manyMarkers({ startMs, everyMs, files, batches, hole = [0, 0] }: Many): [Sorted, Sorted] {
  const keys = Array.from({ length: files }, (_, n) => {
    const at = startMs + n * everyMs;
    const stamps = `${compactSecond(at)}_${compactSecond(at + everyMs)}`;
    return `logs/${compactSecond(at).slice(0, 8)}/${stamps}_${n.toString(16).padStart(8, "0")}.log.gz`;
  });
  const uploaded = (n: number): number => startMs + (n + 1) * everyMs;
  const marked = [...keys.keys()].filter((n) => n < hole[0] || n >= hole[1]);
  // R2 sorts by text: "10.txt.done" comes before "2.txt.done".
  const names = Array.from({ length: batches }, (_, n) => `${n}.txt.done`).toSorted();
  const raw = {
    length: files,
    at: (n: number): FakeObject => ({ key: keys[n] ?? "", size: 1e6, uploadedAt: uploaded(n) }),
  };
  const safe = keys.map(safeKeyOf);
  const at = (n: number): FakeObject => {
    const file = marked[Math.floor(n / batches)] ?? 0;
    return {
      key: `processed/${safe[file]}-${names[n % batches]}`,
      size: 1,
      uploadedAt: uploaded(file) + 60_000,
    };
  };
  return [raw, { length: marked.length * batches, at }];
}
