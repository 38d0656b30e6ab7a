// Writes one pack: the batches' gzip members one after the other, in one R2 object. A small pack is one put. A larger
// pack is a multipart upload, and the run learns the upload's id before the first part so that cleanup can abort it.
// Keeps one part in memory, never more.
import type { ManifestEntry } from "../contract/parsing.ts";
import { memberDigest } from "../pipeline/send/member-digest.ts";

/** A file of 100,000 lines makes a pack of 6 to 7 MB. With this part size the pack is one put. An upload in two
 * parts would cost four operations. R2 requires parts of at least 5 MiB, all equal except the last. */
const PART_BYTES = 8 * 1024 * 1024;
/** The first size of the buffer. The buffer doubles until it contains a part. Few packs of a quiet hour need a whole
 * part. */
const FIRST_ROOM_BYTES = 512 * 1024;

export type Place = Pick<ManifestEntry, "offset" | "length" | "memberDigest">;

/** Stands in for a pack in a dry run, which compresses and writes nothing. */
export class NoPack {
  readonly bytes = 0;

  place(): Place {
    return { offset: 0, length: 0 };
  }

  async add(): Promise<void> {}
  async close(): Promise<void> {}
  async abandon(): Promise<void> {}
}

export class PackWriter {
  readonly #bucket: R2Bucket;
  readonly #key: string;
  readonly #uploadStarted: (uploadId: string) => Promise<void>;
  #part = new Uint8Array(FIRST_ROOM_BYTES);
  readonly #parts: R2UploadedPart[] = [];
  #filled = 0;
  #upload: R2MultipartUpload | null = null;
  /** Bytes taken so far, which is the next batch's offset. */
  bytes = 0;

  constructor(bucket: R2Bucket, key: string, uploadStarted: (uploadId: string) => Promise<void>) {
    this.#bucket = bucket;
    this.#key = key;
    this.#uploadStarted = uploadStarted;
  }

  /** The place of the next member in the pack, and its digest. */
  place(member: Uint8Array): Place {
    return { offset: this.bytes, length: member.length, memberDigest: memberDigest(member) };
  }

  async add(member: Uint8Array): Promise<void> {
    this.bytes += member.length;
    let rest = member;
    while (this.#filled + rest.length >= PART_BYTES) {
      const fits = PART_BYTES - this.#filled;
      this.#append(rest.subarray(0, fits));
      rest = rest.subarray(fits);
      await this.#flush();
    }
    this.#append(rest);
  }

  #append(bytes: Uint8Array): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#part.length) {
      const room = Math.min(PART_BYTES, Math.max(filled, 2 * this.#part.length));
      // `transfer` frees the smaller buffer at once. Otherwise it would wait for the garbage collector.
      this.#part = new Uint8Array(this.#part.buffer.transfer(room));
    }
    this.#part.set(bytes, this.#filled);
    this.#filled = filled;
  }

  async #flush(): Promise<void> {
    if (this.#upload === null) {
      this.#upload = await this.#bucket.createMultipartUpload(this.#key);
      await this.#uploadStarted(this.#upload.uploadId);
    }
    const body = this.#part.subarray(0, this.#filled);
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, body));
    this.#filled = 0;
  }

  /** Completes the pack. A pack without batches creates no R2 object. */
  async close(): Promise<void> {
    if (this.bytes === 0) return;
    if (this.#upload === null) {
      await this.#bucket.put(this.#key, this.#part.subarray(0, this.#filled));
      return;
    }
    if (this.#filled > 0) await this.#flush();
    await this.#upload.complete(this.#parts);
  }

  /** Deletes a pack that no reader needs. A failure does no harm: the run's cleanup finds the leftovers. */
  async abandon(): Promise<void> {
    await this.#upload?.abort().catch(() => undefined);
    await this.#bucket.delete(this.#key).catch(() => undefined);
  }
}
