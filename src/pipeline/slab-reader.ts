// Reads slabs of an R2 object and can put bytes back. Owns the count of bytes taken. This file never interprets the
// bytes.

import { Buffer } from "node:buffer";

export class SlabReader {
  bytesRead = 0;
  readonly #slabs: AsyncIterator<Uint8Array>;
  #putBack: Uint8Array | null = null;

  constructor(slabs: AsyncIterable<Uint8Array>) {
    this.#slabs = slabs[Symbol.asyncIterator]();
  }

  /** The next bytes, never an empty array. Null at the end of the R2 object. */
  async next(): Promise<Uint8Array | null> {
    if (this.#putBack !== null) {
      const bytes = this.#putBack;
      this.#putBack = null;
      return bytes;
    }
    for (;;) {
      const { done, value } = await this.#slabs.next();
      if (done) return null;
      this.bytesRead += value.length;
      if (value.length > 0) return value;
    }
  }

  /** Puts back bytes that the caller took but did not use. They come first next time. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#putBack = this.#putBack === null ? bytes : Buffer.concat([bytes, this.#putBack]);
  }

  /** Returns at least `count` bytes, or fewer at the end of the R2 object. These bytes count as taken. */
  async atLeast(count: number): Promise<Uint8Array> {
    let bytes: Uint8Array = new Uint8Array(0);
    while (bytes.length < count) {
      const more = await this.next();
      if (more === null) break;
      bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
    }
    return bytes;
  }

  /** Ends reading, so that the caller's stream can release the R2 object's body. */
  async close(): Promise<void> {
    await this.#slabs.return?.();
  }
}
