// The parse step's interface: bytes of one raw log object in, batches and counts out.
// Plain data only: no env, no clock, no R2. Whoever implements it may be exchanged for a faster one.

/**
 * How records are found in a file, and how two of the line's fields are printed (docs/format.md).
 * 1: one record a line. 2: lists and commas between records too, the data centres of May 2026, no negative zero.
 */
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

/** One batch: complete gzip member of `lines` partner lines, each ending in LF. */
export interface Batch {
  /** 0-based position in the file. */
  ordinal: number;
  lines: number;
  /** SHA-256 (lower-case hex) of the uncompressed bytes: the batch's digest everywhere. */
  digest: string;
  rawBytes: number;
  firstRayId: string;
  lastRayId: string;
  body: Uint8Array;
}

export const DROP_REASONS = [
  "not_top_level",
  "invalid_timestamp",
  "outside_window",
  "repeated_ray_id",
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** A malformed line: `line` is 1-based, `bytes` its first 200 bytes as text with control characters escaped. */
export interface MalformedSample {
  line: number;
  reason: "not_json" | "not_an_object" | "too_long" | "invalid_utf8";
  bytes: string;
}

/** `linesRead = kept + Σ dropped + malformed`. Empty lines (nothing, or only CR) are no lines; they are counted apart. */
export interface FileCounts {
  /** Bytes taken from the object, and bytes after inflating. */
  bytesRead: number;
  rawBytes: number;
  linesRead: number;
  emptyLines: number;
  kept: number;
  malformed: number;
  dropped: Record<DropReason, number>;
  /** Field values in which a control character became a space. */
  sanitizedFields: number;
  /** Kept records whose RayID occurred before among the kept records of this file. Exact, see `untrackedRayIds`. */
  repeatedRayIds: number;
  /** Kept records with a RayID that could not be remembered (more than a million distinct ids in one file). A later
   * repeat of such an id is neither counted nor dropped; 0 means that `repeatedRayIds` and the dropping are exact. */
  untrackedRayIds: number;
  /** Earliest and latest EdgeStartTimestamp of a kept record, epoch ms rounded down; null when none was kept. */
  firstKeptMs: number | null;
  lastKeptMs: number | null;
  /** Records that passed the top-level check and have a readable timestamp, kept or not. (Most other records are
   * dropped before their JSON is parsed, so nothing is known of their timestamps.) */
  readableTimestamps: number;
  /** Records dropped because ParentRayID is absent, null or "". */
  parentRayIdAbsent: number;
  /** The first 20 malformed lines of this file. */
  samples: MalformedSample[];
  // What follows is absent in counts that are older than parse version 2.
  /** Commas between records that belong to no JSON array. */
  repaired?: number;
  /** Records with `WorkerSubrequest: true`, dropped early or not. */
  workerSubrequests?: number;
  /** Other records dropped because ParentRayID is absent, null or "" (`absent`), or only zeros (`zeros`). */
  unsetParents?: { absent: number; zeros: number };
  /** The first record of each check that failed it. */
  suspects?: SuspectSample[];
}

/** A record that failed a check, as an operator is told of it. */
export interface SuspectSample {
  check: "time" | "parent";
  line: number;
  /** The value as JSON, cut; null when the member is absent. */
  value: string | null;
  /** The record's first members, cut. */
  members: string[];
  /** The member that is spelled nearly like the one that is missing. */
  similar: string | null;
}

export type CorruptReason =
  | "empty_object"
  | "not_gzip"
  | "truncated"
  | "crc_mismatch"
  | "length_mismatch"
  | "trailing_junk"
  | "corrupt_data"
  /** Bounds of the work that one file may cost. */
  | "too_many_members"
  | "too_slow";

/** Who lets others have their turn while a file is parsed. */
export interface WorkClock {
  /** Milliseconds. */
  now: () => number;
  /** Lets others run. Rejects when the file is no longer this parser's. */
  rest: () => Promise<void>;
}

/** `salvaged` is set only when `onCorrupt` is "salvage" and the reason was "truncated": exactly what was kept of it. */
export type ParseOutcome =
  | { kind: "ok"; counts: FileCounts; salvaged: { lines: number; bytes: number } | null }
  | { kind: "corrupt"; reason: CorruptReason; detail: string; counts: FileCounts };

/**
 * Reads slabs of the object (64 KiB is best), gives each batch to `onBatch` and waits for it before it reads on.
 * With a clock it rests after each 10 ms of work, and gives up after ten minutes.
 */
export type ParseFile = (
  slabs: AsyncIterable<Uint8Array>,
  source: { key: string },
  spec: ParseSpec,
  onBatch: (batch: Batch) => Promise<void>,
  clock?: WorkClock,
) => Promise<ParseOutcome>;
