// Collects partner lines and closes them into batches. Owns the bytes of the open batch. This file never decides
// what a line is.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Batch } from "./types.ts";
import type { ParseOptions } from "../contract/parse-spec.ts";

const FIRST_ROOM_BYTES = 256 * 1024;
/** The size of zlib's chunks. With the larger default chunks, each member of about 130 KB would keep a whole chunk
 * in memory. */
const GZIP_CHUNK_BYTES = 64 * 1024;
/** The longest RayID that the ledger stores of a batch. The stored RayID is only used to find the batch again, so a
 * longer RayID is cut. The line itself is not changed. */
const MAX_RAY_ID_CHARS = 64;

type Limits = Pick<ParseOptions, "batchLines" | "maxBatchBytes" | "gzipLevel">;

/** Encodes each line at once: keeping a thousand strings for a later join costs 60 to 80 MB. */
export class BatchBuilder {
  readonly #limits: Limits;
  #ordinal = 0;
  #room = Buffer.allocUnsafeSlow(FIRST_ROOM_BYTES);
  #bytes = 0;
  #lines = 0;
  #firstRayId = "";
  #lastRayId = "";

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  get isFull(): boolean {
    return this.#lines >= this.#limits.batchLines;
  }

  /** Whether the line fits into the open batch. An empty batch takes a line of any size. `isBinary`: the line is a
   * binary string. */
  hasRoomFor(line: string, isBinary: boolean): boolean {
    if (this.#lines === 0) return true;
    const free = this.#limits.maxBatchBytes - this.#bytes;
    if (isBinary) return line.length <= free;
    // A UTF-16 unit takes at most three bytes, so bytes are counted only near the limit.
    return line.length * 3 <= free || Buffer.byteLength(line) <= free;
  }

  add(line: string, rayId: string, isBinary: boolean): void {
    const atMost = isBinary ? line.length : line.length * 3;
    if (this.#bytes + atMost > this.#room.length) this.#growFor(atMost);
    // A lone surrogate is written as U+FFFD.
    this.#bytes += this.#room.write(line, this.#bytes, isBinary ? "latin1" : "utf8");
    if (this.#lines === 0) this.#firstRayId = rayId;
    this.#lastRayId = rayId;
    this.#lines += 1;
  }

  /** Finishes the open batch and begins a new one. */
  close(): Batch {
    const content = this.#room.subarray(0, this.#bytes);
    const batch: Batch = {
      ordinal: this.#ordinal,
      lines: this.#lines,
      digest: createHash("sha256").update(content).digest("hex"),
      rawBytes: this.#bytes,
      firstRayId: this.#firstRayId.slice(0, MAX_RAY_ID_CHARS),
      lastRayId: this.#lastRayId.slice(0, MAX_RAY_ID_CHARS),
      body: bodyOf(content, this.#limits.gzipLevel),
    };
    this.#ordinal += 1;
    this.#bytes = 0;
    this.#lines = 0;
    return batch;
  }

  #growFor(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#room.length, this.#bytes + bytes));
    this.#room.copy(larger, 0, 0, this.#bytes);
    this.#room = larger;
  }
}

/** The body of a batch. It is always a copy, because the next batch overwrites the content. */
function bodyOf(content: Buffer, level: number | null): Uint8Array {
  return level === null ? new Uint8Array(content) : gzipSync(content, { level, chunkSize: GZIP_CHUNK_BYTES });
}
