// Writes one pack: the batches' gzip members one after the other, in one R2 object. Small packs are put at once; larger
// ones become a multipart upload whose id the run knows before the first part, so that cleanup can abort it.
// Owns one part's worth of memory and never more.

/**
 * A file of 100,000 lines gives 6 to 7 MB, so that its pack is one put instead of the four operations of an upload in
 * two parts. R2 wants at least 5 MiB, and all parts but the last equal.
 */
const PART_BYTES = 8 * 1024 * 1024;
/** Doubled until it holds a part: few packs of a quiet hour ever need a whole one. */
const FIRST_ROOM_BYTES = 512 * 1024;

export class PackWriter {
  readonly #bucket: R2Bucket;
  readonly #key: string;
  readonly #uploadStarted: (uploadId: string) => Promise<void>;
  #part = new Uint8Array(FIRST_ROOM_BYTES);
  readonly #parts: R2UploadedPart[] = [];
  #filled = 0;
  #upload: R2MultipartUpload | null = null;
  /** Bytes taken so far: the next batch's offset. */
  bytes = 0;

  constructor(bucket: R2Bucket, key: string, uploadStarted: (uploadId: string) => Promise<void>) {
    this.#bucket = bucket;
    this.#key = key;
    this.#uploadStarted = uploadStarted;
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
      // Moves the bytes and frees the smaller room at once; for the collector it would be one more megabyte to find.
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

  /** Completes the object. A pack without a batch is no object at all. */
  async close(): Promise<void> {
    if (this.bytes === 0) return;
    if (this.#upload === null) {
      await this.#bucket.put(this.#key, this.#part.subarray(0, this.#filled));
      return;
    }
    if (this.#filled > 0) await this.#flush();
    await this.#upload.complete(this.#parts);
  }

  /** Nobody will ever read it. Failing is no harm: the run's cleanup finds what stays. */
  async abandon(): Promise<void> {
    await this.#upload?.abort().catch(() => undefined);
    await this.#bucket.delete(this.#key).catch(() => undefined);
  }
}
