// Cuts a stream of chunks into blocks of whole lines. Owns the carried tail and its bound; never decodes a byte.

import { Buffer } from "node:buffer";

/** What a sample shows of a line. */
const HEAD_BYTES = 200;
/** Blocks are read as strings; above 128 KiB the engine allocates each apart, at seven times the cost of filling it. */
const BLOCK_BYTES = 96 * 1024;
/** A byte order mark and a CR do not count towards the length of a line. */
const SLACK_BYTES = 4;

/**
 * Whole lines, each with its LF (the file's last may lack it); or, when `overlong`, the head of one line too long; or,
 * with `part`, some bytes of such a line, in order, the last with its LF.
 */
export interface Piece {
  bytes: Buffer;
  overlong: boolean;
  part?: "more" | "last";
}

/**
 * Holds at most one unfinished line of `maxLineBytes`. A longer one is forgotten but for its head and reported once,
 * when its LF comes; so a partial line at the end of a cut-off file is never reported.
 * A line that lies within one chunk is passed on whatever its length: the reader of the block measures it.
 * With `inParts` a line too long is passed on in parts instead: it may be a list of records.
 */
export class LineCutter {
  readonly #limit: number;
  #tail = Buffer.alloc(0);
  #tailBytes = 0;
  #overlong = false;
  /** Bytes since the last LF, kept or not. */
  unfinishedBytes = 0;

  readonly #inParts: boolean;
  /** Parts of the line that is too long were passed on, its end was not. */
  #partsOut = false;

  constructor(maxLineBytes: number, inParts: boolean) {
    this.#limit = maxLineBytes + SLACK_BYTES;
    this.#inParts = inParts;
  }

  /** The finished lines of `chunk`: those of the carried line first, the rest as a view of `chunk`. */
  cut(chunk: Uint8Array): Piece[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const lastLf = bytes.lastIndexOf(10);
    if (lastLf < 0) {
      this.unfinishedBytes += bytes.length;
      if (this.#partsOut) return [part(bytes, "more")];
      this.#carry(bytes);
      return this.#inParts && this.#overflows ? this.#tailInParts("more") : [];
    }
    const pieces: Piece[] = [];
    let start = 0;
    if (this.#partsOut) {
      start = bytes.indexOf(10) + 1;
      pieces.push(part(bytes.subarray(0, start), "last"));
      this.#partsOut = false;
    } else if (this.#tailBytes > 0) {
      start = bytes.indexOf(10) + 1;
      // Joining one line instead of the whole chunk saves a copy of everything.
      this.#carry(bytes.subarray(0, start));
      if (this.#inParts && this.#overflows) pieces.push(...this.#tailInParts("last"));
      else pieces.push(this.#takeTail());
    }
    while (start <= lastLf) {
      const end = endOfBlock(bytes, start, lastLf);
      pieces.push({ bytes: bytes.subarray(start, end), overlong: false });
      start = end;
    }
    this.unfinishedBytes = bytes.length - lastLf - 1;
    this.#carry(bytes.subarray(lastLf + 1));
    return pieces;
  }

  /** The last line, when the file does not end in LF. */
  finish(): Piece | null {
    if (this.#partsOut) return part(Buffer.alloc(0), "last");
    return this.#tailBytes > 0 ? this.#takeTail() : null;
  }

  get #overflows(): boolean {
    const endsLine = this.#tail[this.#tailBytes - 1] === 10;
    return this.#tailBytes - (endsLine ? 1 : 0) > this.#limit;
  }

  #tailInParts(which: "more" | "last"): Piece[] {
    const { bytes } = this.#takeTail();
    this.#partsOut = which === "more";
    return [part(bytes, which)];
  }

  #carry(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#overlong) return;
    if (this.#inParts) return this.#append(bytes);
    const total = this.#tailBytes + bytes.length;
    const endsLine = bytes[bytes.length - 1] === 10;
    if (total - (endsLine ? 1 : 0) > this.#limit) {
      this.#append(bytes.subarray(0, Math.max(0, HEAD_BYTES - this.#tailBytes)));
      this.#tail = Buffer.from(this.#tail.subarray(0, HEAD_BYTES));
      this.#tailBytes = this.#tail.length;
      this.#overlong = true;
      return;
    }
    this.#append(bytes);
  }

  /** Doubles its room, so that a long line that comes in small chunks is not copied again for each. */
  #append(bytes: Buffer): void {
    const total = this.#tailBytes + bytes.length;
    if (total > this.#tail.length) {
      const larger = Buffer.allocUnsafeSlow(
        Math.max(total, Math.min(2 * this.#tail.length, this.#limit + 1), 4096),
      );
      this.#tail.copy(larger, 0, 0, this.#tailBytes);
      this.#tail = larger;
    }
    bytes.copy(this.#tail, this.#tailBytes);
    this.#tailBytes = total;
  }

  #takeTail(): Piece {
    const piece = { bytes: this.#tail.subarray(0, this.#tailBytes), overlong: this.#overlong };
    // The piece keeps this room; the next tail gets its own.
    this.#tail = Buffer.alloc(0);
    this.#tailBytes = 0;
    this.#overlong = false;
    return piece;
  }
}

function part(bytes: Buffer, which: "more" | "last"): Piece {
  return { bytes, overlong: false, part: which };
}

/** Behind the last LF that a block from `start` has room for; a line longer than a block is one of its own. */
function endOfBlock(bytes: Buffer, start: number, lastLf: number): number {
  if (lastLf - start < BLOCK_BYTES) return lastLf + 1;
  const lf = bytes.lastIndexOf(10, start + BLOCK_BYTES - 1);
  return (lf >= start ? lf : bytes.indexOf(10, start + BLOCK_BYTES)) + 1;
}
