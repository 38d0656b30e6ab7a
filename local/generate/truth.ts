// The expected result for generated logs, recorded in the truth file while the logs are written. Tests and the demo
// compare the results of a run with it. The truth file is never computed from the logs afterwards, and never by the
// code under test.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

export interface DroppedTruth {
  not_top_level: number;
  invalid_timestamp: number;
  outside_window: number;
  /** Records that a run with `live: "skip_delivered"` drops. Absent for other runs. */
  delivered_live?: number;
}

/** One line of the truth file. `lines = kept + Σ dropped + malformed`. */
export interface FileTruth {
  key: string;
  lines: number;
  kept: number;
  malformed: number;
  dropped: DroppedTruth;
  /** The RayIDs of the kept records, in file order. RayIDs are unique over all files that are generated
   * together. */
  kept_ray_ids: string[];
}

export function emptyTruth(key: string): FileTruth {
  const dropped = { not_top_level: 0, invalid_timestamp: 0, outside_window: 0 };
  return { key, lines: 0, kept: 0, malformed: 0, dropped, kept_ray_ids: [] };
}

/** Sums over files, without RayIDs. */
export function totalOf(files: Iterable<FileTruth>): Omit<FileTruth, "key" | "kept_ray_ids"> {
  const { key: _, kept_ray_ids: __, ...total } = emptyTruth("");
  for (const file of files) {
    total.lines += file.lines;
    total.kept += file.kept;
    total.malformed += file.malformed;
    total.dropped.not_top_level += file.dropped.not_top_level;
    total.dropped.invalid_timestamp += file.dropped.invalid_timestamp;
    total.dropped.outside_window += file.dropped.outside_window;
  }
  return total;
}

export async function* readTruth(path: string): AsyncGenerator<FileTruth> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const file: FileTruth = JSON.parse(line);
    yield file;
  }
}
