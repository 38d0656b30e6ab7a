// What decides which lines a file gives, and in which batches. Frozen when a run starts.

export type ParseVersion = 1 | 2;

/** What a new run gets. */
export const CURRENT_PARSE_VERSION: ParseVersion = 2;

/** The part of a run's frozen specification that decides which lines a file gives, and in which batches. */
export interface ParseSpec {
  /** Window, epoch milliseconds, whole seconds. `startMs` is inside; `endMs` is inside unless `endExclusive`. */
  startMs: number;
  endMs: number;
  endExclusive: boolean;
  /** Lines in a batch, 100–5,000. A batch also closes before it would exceed `maxBatchBytes` (uncompressed). */
  batchLines: number;
  maxBatchBytes: number;
  /** zlib level of the batches' gzip members. */
  gzipLevel: number;
  /** Partner format version; code keeps every version that a live run may hold. */
  formatVersion: "cf_vod_v3.0";
  /** Values of ParentRayID that mean "top level"; null stands for JSON null and for an absent field. Default ["00"]. */
  topLevelParentRayIds: (string | null)[];
  /** "file" drops a record whose RayID already occurred among the kept records of this file. */
  dedupe: "off" | "file";
  /** What to do with a file whose gzip ends too early: nothing of it, or the readable prefix up to its last LF. */
  onCorrupt: "fail" | "salvage";
  /** Longer lines are malformed. Bytes, without the line end. */
  maxLineBytes: number;
  /** Frozen when the run starts; a continuation takes it over. Absent in specifications that are older: 1. */
  parseVersion?: ParseVersion;
  /** The share of records that may fail a check before a file is suspicious, 0 to 1. Absent: only all of them are. */
  maxSuspectRatio?: number;
}
