// What is counted while a file is parsed. Plain data; it crosses RPC.

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
