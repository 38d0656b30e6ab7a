// The settings that decide which lines a file yields, and in which batches. They never change after the start of a
// run.
import type { FormatFields, LineFormat } from "./line-formats.ts";
import type { RecordForm } from "./receivers.ts";

export type ParseVersion = 1 | 2;

/** The version that a new run gets. */
export const CURRENT_PARSE_VERSION: ParseVersion = 2;

/** The instants that a run replays. */
export interface Window {
  /** Epoch milliseconds, always whole seconds. `startMs` is inside. `endMs` is inside unless `endExclusive`. */
  startMs: number;
  endMs: number;
  endExclusive: boolean;
}

/** The part of a run's frozen specification that decides which lines a file gives, and in which batches. */
export interface ParseSpec extends Window {
  /** Lines in a batch, 100–5,000. A batch also closes before it would exceed `maxBatchBytes` (uncompressed). */
  batchLines: number;
  maxBatchBytes: number;
  /** zlib level of the batches' gzip members. */
  gzipLevel: number;
  /** The partner's name of the format. It is field 1 of each line, the same in every `format`. */
  formatVersion: "cf_vod_v3.0";
  /** How a record becomes a line. The code keeps every format that an unfinished run may have. Absent in older
   * specifications, where it means "edge-3.0". */
  format?: LineFormat;
  /** The constants of the lines, as the vars FORMAT_FIELD_11 and FORMAT_FIELD_58 were when the run started. Absent
   * when the format has no constants. */
  formatFields?: FormatFields;
  /** The form of the records when the lines are JSON. `format` and `formatFields` then decide nothing. Absent: the
   * lines are lines of `format`. */
  record?: RecordForm;
  /** A record with one of these values of ParentRayID is a top-level request. Null stands for JSON null and for an
   * absent member. Default ["00"]. */
  topLevelParentRayIds: (string | null)[];
  /** "file" drops a record whose RayID an earlier kept record of the same file had. */
  dedupe: "off" | "file";
  /** For a file whose gzip stream ends too early: "fail" uses none of it, "salvage" uses the readable prefix up
   * to its last LF. */
  onCorrupt: "fail" | "salvage";
  /** The longest line in bytes, without its line end. A longer line is malformed. */
  maxLineBytes: number;
  /** The parse version never changes after the start of the run. A continuation has the same version. Absent in
   * older specifications, where it means 1. */
  parseVersion?: ParseVersion;
  /** The share of records, 0 to 1, that may fail a check before the file is suspicious. Absent means 1. */
  maxSuspectRatio?: number;
}

/** How one parser reads one file. `gzipLevel` null: the bodies stay uncompressed, because they are never sent. */
export type ParseOptions = Omit<ParseSpec, "gzipLevel"> & { gzipLevel: number | null };
