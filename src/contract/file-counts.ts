// The counters of the parse of one file. Plain data that crosses RPC.

export const DROP_REASONS = [
  "not_top_level",
  "invalid_timestamp",
  "outside_window",
  "delivered_live",
  "repeated_ray_id",
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** Why the borders of the live worker's batches are not known for a file. */
const LIVE_BORDER_LOSSES = [
  "too_long",
  "invalid_utf8",
  "trailing_comma",
  "array",
  "not_one_record_a_line",
  "salvaged",
] as const;
export type LiveBorderLoss = (typeof LIVE_BORDER_LOSSES)[number];
export type LiveBorders = "known" | LiveBorderLoss;

/** A malformed raw line. `line` is its 1-based number. `bytes` is its first 200 bytes as text, with control characters
 * escaped. */
export interface MalformedSample {
  line: number;
  reason: "not_json" | "not_an_object" | "too_long" | "invalid_utf8";
  bytes: string;
}

/** `linesRead = kept + Σ dropped + malformed`. An empty line (no bytes, or only CR) counts in `emptyLines`
 * alone. */
export interface FileCounts {
  /** Bytes read from the R2 object, then bytes after decompression. */
  bytesRead: number;
  rawBytes: number;
  linesRead: number;
  emptyLines: number;
  kept: number;
  malformed: number;
  /** `delivered_live` is absent when the parse ignores the live worker. */
  dropped: Record<Exclude<DropReason, "delivered_live">, number> & { delivered_live?: number };
  /** Field values in which a control character became a space. */
  sanitizedFields: number;
  /** Kept records whose RayID an earlier record of this file had. The earlier record was kept, or the live worker
   * delivered it. Exact while `untrackedRayIds` is 0. */
  repeatedRayIds: number;
  /** Kept records whose RayID was not remembered, because the file has more than a million distinct ids. A
   * later repeat of such an id is neither counted nor dropped. */
  untrackedRayIds: number;
  /** Earliest and latest EdgeStartTimestamp of the kept records, in epoch ms rounded down. Null when none was
   * kept. */
  firstKeptMs: number | null;
  lastKeptMs: number | null;
  /** Records that passed the top-level check and have a readable timestamp, kept or not. The parser drops most
   * other records before it parses their JSON, so their timestamps are unknown. */
  readableTimestamps: number;
  /** Records dropped because ParentRayID is absent, null or "". */
  parentRayIdAbsent: number;
  /** The first 20 malformed lines of this file. */
  samples: MalformedSample[];
  // Counts of parse version 1 do not have the following members.
  /** How many commas between records belong to no JSON array. */
  repaired?: number;
  /** Records with `WorkerSubrequest: true`, dropped early or not. */
  workerSubrequests?: number;
  /** Records other than `workerSubrequests` whose ParentRayID is absent, null or "" (`absent`), or consists of
   * zeros (`zeros`). */
  unsetParents?: { absent: number; zeros: number };
  /** For each check, the first record that failed it. */
  suspects?: SuspectSample[];
  /** Set only by a parse of a run with `live: "skip_delivered"`. `records` counts the records as the live
   * worker does. `borders` shows whether the index of each record is certain. */
  live?: LiveCounts;
}

export interface LiveCounts {
  records: number;
  borders: LiveBorders;
  /** Absent: there is no such record, or the borders are not known. */
  leftOut?: LeftOut;
}

/** Records that the live worker did not deliver, and that the run does not send, because their time lies up to a day
 * outside the window. Only records that passed the top-level check and have a readable timestamp count. */
export interface LeftOut {
  /** How many lie before the window, and how many after it. */
  before: number;
  after: number;
  /** The earliest and the latest of their times, in epoch ms rounded down. */
  firstMs: number;
  lastMs: number;
}

/** A record that failed a check, in the form shown to operators. */
export interface SuspectSample {
  check: "time" | "parent";
  line: number;
  /** The value as JSON, cut to length. Null when the member is absent. */
  value: string | null;
  /** The record's first members, cut to length. */
  members: string[];
  /** A present member whose name is close to the missing name. */
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
  /** These reasons limit the work that one file may cause. */
  | "too_many_members"
  | "too_slow";
