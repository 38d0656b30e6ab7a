// Inflates the raw deflate data of one gzip member. Owns the zlib stream and its back-pressure; never judges a checksum.
//
// A stream from node:zlib is driven by hand, slab by slab, instead of through `pipeline`: an error in a pipeline throws
// away output that was already inflated, how much depends on the slabs' borders, and it does not say where a member
// ended. Here all output of a slab is read before the next slab is given, and `bytesWritten` says how much of the slab
// belonged to the member. Verified alike in Node 24 and workerd.

import { createInflateRaw, type InflateRaw } from "node:zlib";

/** One to three outputs for a slab of 64 KiB: each costs a turn of the event loop, and a kilobyte of old generation. */
const CHUNK_BYTES = 512 * 1024;

export type SlabResult =
  | { kind: "more" }
  /** The deflate data ended; `used` bytes of the slab belonged to it. */
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

  /**
   * Yields everything that `slab` inflates to. A chunk is the caller's until the next is asked for; then its memory may
   * be gone. While the caller holds one, at most two more are in memory.
   */
  async *slab(slab: Uint8Array): AsyncGenerator<Buffer, SlabResult> {
    const before = this.#raw.bytesWritten;
    let written = false;
    this.#raw.write(slab, () => {
      written = true;
      this.#wake();
    });
    for (;;) {
      // Looked at before reading: whatever was inflated until then is read in this turn or was read before.
      // workerd does not call back for a slab with bytes behind the deflate data: there "end" says the same.
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

/**
 * Frees the buffer whose last bytes this chunk was: zlib fills each to its end and then takes another. Left to the
 * collector, those that outlive the young generation, each half a megabyte, would stay until a full collection.
 */
function release({ buffer, byteOffset, length }: Buffer): void {
  if (!(buffer instanceof ArrayBuffer)) return;
  if (buffer.byteLength === CHUNK_BYTES && byteOffset + length === CHUNK_BYTES) buffer.transfer(0);
}
