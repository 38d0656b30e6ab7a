// Cuts a stream of chunks into blocks of whole raw lines. Owns the unfinished last line and its bound. This file never
// decodes a byte.

import { Buffer } from "node:buffer";

/** How many bytes of a line a sample shows. */
const HEAD_BYTES = 200;
/** The size of a block of lines. Blocks become strings. Above 128 KiB the engine allocates each string separately,
 * at seven times the cost of filling it. */
const BLOCK_BYTES = 96 * 1024;
/** A byte order mark and a CR do not count towards a line's length. */
const SLACK_BYTES = 4;

/** Whole lines, each with its LF. The file's last line may lack the LF. With `overlong`: the head of a line
 * that is too long. With `part`: some bytes of a line that is too long. Parts come in order, and the last part
 * has the LF. */
export interface Piece {
  bytes: Buffer;
  overlong: boolean;
  part?: "more" | "last";
}

/** Keeps at most one unfinished line of `maxLineBytes` in memory. Of a longer line it keeps only the head, and
 * reports the line once, when the LF arrives. So an unfinished line at the end of a truncated file is never reported.
 * A line inside one chunk is passed on at any length, because the block's reader measures it. With `inParts` a line
 * that is too long is passed on in parts, because it may be a list of records. */
export class LineCutter {
  readonly #limit: number;
  #tail = Buffer.alloc(0);
  #tailBytes = 0;
  #overlong = false;
  /** Bytes since the last LF, kept or not. */
  unfinishedBytes = 0;

  readonly #inParts: boolean;
  /** True: parts of an overlong line were passed on, but not its end. */
  #partsOut = false;

  constructor(maxLineBytes: number, inParts: boolean) {
    this.#limit = maxLineBytes + SLACK_BYTES;
    this.#inParts = inParts;
  }

  /** The finished lines of `chunk`: first the carried line, then a view of `chunk`. */
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
      // Copies one line instead of the whole chunk.
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

  /** Appends to the unfinished line. A full buffer doubles its size, so a long line in small chunks is not copied
   * again for each chunk. */
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
    // The piece keeps this buffer. The next unfinished line gets a buffer of its own.
    this.#tail = Buffer.alloc(0);
    this.#tailBytes = 0;
    this.#overlong = false;
    return piece;
  }
}

function part(bytes: Buffer, which: "more" | "last"): Piece {
  return { bytes, overlong: false, part: which };
}

/** The position after the last LF within one block from `start`. A line longer than a block makes a block of
 * its own. */
function endOfBlock(bytes: Buffer, start: number, lastLf: number): number {
  if (lastLf - start < BLOCK_BYTES) return lastLf + 1;
  const lf = bytes.lastIndexOf(10, start + BLOCK_BYTES - 1);
  return (lf >= start ? lf : bytes.indexOf(10, start + BLOCK_BYTES)) + 1;
}
