// The interface of the parse step: bytes of one raw log object in, batches and counts out. Plain data only: no
// env and no R2. The caller passes in the clock. A faster implementation can replace the present one.
import type { ParseOptions } from "../contract/parse-spec.ts";
import type { IndexRanges } from "../contract/live.ts";
import type { CorruptReason, DropReason, FileCounts, MalformedSample } from "../contract/file-counts.ts";
import type { LogRecord } from "./transform/log-record.ts";

/** One batch: a complete gzip member of `lines` partner lines, each ending in LF. Without a gzip level the body is the
 * lines themselves. */
export interface Batch {
  /** 0-based position in the file. */
  ordinal: number;
  lines: number;
  /** SHA-256 (lower-case hex) of the uncompressed bytes. It is the batch's digest everywhere. */
  digest: string;
  rawBytes: number;
  firstRayId: string;
  lastRayId: string;
  body: Uint8Array;
}

/** Lets other work run while a file is parsed. */
export interface WorkClock {
  /** Milliseconds. */
  now: () => number;
  /** Lets other work run. Rejects when the file no longer belongs to this parser. */
  rest: () => Promise<void>;
}

/** Batches of the live worker that are not skipped, by index, with their kept lines. */
export type LiveKept = [batch: number, lines: number][];

/** What the markers of the live worker say about a file. The records of the live worker's batches whose indexes are
 * in `skip` are not sent. `hasMarkers`: the index of a record matters, so lines that are rejected early are proven
 * to be records. */
export interface LiveParse {
  batchSize: number;
  skip: IndexRanges;
  hasMarkers: boolean;
}

/** One record, and what the parse decided about it. */
export interface SeenRecord {
  record: LogRecord;
  /** 1-based number of the raw line, empty lines included. A record over several lines has the number of its first. */
  line: number;
  /** The record's number as the live worker counts. Below 0: it has none. */
  liveIndex: number;
  /** Null: the record is kept. */
  reason: DropReason | null;
  /** The partner line with its LF. Null: the record is dropped. */
  text: string | null;
  /** How many records of the file were kept so far, this record included. */
  kept: number;
}

/** Follows a parse and decides nothing. Only searches use it, because it costs time for each record. */
export interface ParseWatch {
  /** Sees a block before its lines. `map`: the block as Latin-1. `line`: the number of its first line. True: each
   * line of the block is parsed, so that no record is rejected unseen. */
  wants(map: string, line: number): boolean;
  record(seen: SeenRecord): void;
  malformed(line: number, reason: MalformedSample["reason"]): void;
}

/** `rejectEarly: false` parses every line. The tests compare this with the early rejection. With `live`, the early
 * rejection drops only lines that are proven to be JSON. */
export interface ParseMode {
  rejectEarly: boolean;
  live: LiveParse | null;
  watch?: ParseWatch | null;
}

/** `salvaged` is set only when `onCorrupt` is "salvage" and the R2 object was truncated. This member counts the
 * lines and bytes that were read. */
export type ParseOutcome =
  | {
      kind: "ok";
      counts: FileCounts;
      salvaged: { lines: number; bytes: number } | null;
      /** For each batch of the live worker that has kept lines: its index, and how many kept lines it has.
       * Ascending. Set only with `live`. */
      liveKept?: LiveKept;
    }
  | { kind: "corrupt"; reason: CorruptReason; detail: string; counts: FileCounts };

/**
 * Reads slabs of the R2 object (64 KiB is best). Gives each batch to `onBatch` and waits for it before reading on.
 * With a clock it pauses after each 10 ms of work, and fails after ten minutes. With `live` the parse counts
 * records as the live worker does, and drops the records of skipped batches of the live worker.
 */
export type ParseFile = (
  slabs: AsyncIterable<Uint8Array>,
  source: { key: string },
  spec: ParseOptions,
  onBatch: (batch: Batch) => Promise<void>,
  clock?: WorkClock,
  live?: LiveParse,
) => Promise<ParseOutcome>;
