// The parse step's interface: bytes of one raw log object in, batches and counts out.
// Plain data only: no env, no clock, no R2. Whoever implements it may be exchanged for a faster one.
import type { ParseSpec } from "../contract/parse-spec.ts";
import type { CorruptReason, FileCounts } from "../contract/file-counts.ts";

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
