// Decompresses the raw deflate data of one gzip member. Owns the zlib stream and its back-pressure. This file
// never checks a checksum.
//
// This file drives a node:zlib stream by hand, slab by slab. In a `pipeline`, an error discards output that was
// already decompressed, and the end of a member is unknown. This file reads all output of a slab before it passes
// on the next slab. `bytesWritten` shows how much of the slab belonged to the member. Verified in Node 24 and in
// workerd.

import { createInflateRaw, type InflateRaw } from "node:zlib";

/** The size of one output of zlib. A slab of 64 KiB then gives one to three outputs. Each output costs a turn of the
 * event loop and a kilobyte of memory. */
const CHUNK_BYTES = 512 * 1024;

export type SlabResult =
  | { kind: "more" }
  /** The deflate data ended. `used` bytes of the slab belonged to it. */
  | { kind: "ended"; used: number }
  | { kind: "corrupt"; detail: string };

export class MemberInflater {
  readonly #raw: InflateRaw = createInflateRaw({ chunkSize: CHUNK_BYTES });
  #failure: (Error & { code?: string }) | null = null;
  #ended = false;
  #wake: () => void = () => {};

  constructor() {
    this.#raw.on("readable", () => this.#wake());
    this.#raw.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    this.#raw.on("error", (error: Error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Yields the decompressed data of `slab`. The caller may use a chunk until it asks for the next chunk. When the
   * caller asks for the next chunk, the memory of the first chunk may be freed. At most two more chunks are in
   * memory meanwhile. */
  async *slab(slab: Uint8Array): AsyncGenerator<Buffer, SlabResult> {
    const before = this.#raw.bytesWritten;
    let written = false;
    this.#raw.write(slab, () => {
      written = true;
      this.#wake();
    });
    for (;;) {
      // `finished` is read before the stream, so that all output up to this moment is read in this turn or
      // earlier. workerd calls no callback for a slab that has bytes after the deflate data. The event "end" then
      // shows that the slab is finished.
      const finished = written || this.#ended;
      if (this.#failure !== null) return this.#judge(this.#failure);
      const chunk: Buffer | null = this.#raw.read();
      if (chunk !== null) {
        yield chunk;
        release(chunk);
        continue;
      }
      if (finished) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const used = this.#raw.bytesWritten - before;
    return used < slab.length ? { kind: "ended", used } : { kind: "more" };
  }

  close(): void {
    this.#raw.destroy();
  }

  #judge(error: Error & { code?: string }): SlabResult {
    if (error.code === "Z_DATA_ERROR") return { kind: "corrupt", detail: error.message };
    throw error;
  }
}

/** Frees the buffer if this chunk contained its last bytes. zlib fills each buffer of half a megabyte to its end.
 * Buffers left to the garbage collector may stay until a full collection. */
function release({ buffer, byteOffset, length }: Buffer): void {
  if (!(buffer instanceof ArrayBuffer)) return;
  if (buffer.byteLength === CHUNK_BYTES && byteOffset + length === CHUNK_BYTES) buffer.transfer(0);
}
