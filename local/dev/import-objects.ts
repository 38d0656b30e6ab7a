// Writes many new objects into the emulated bucket's own files. The emulator takes 3 to 30 ms for each put,
// which is minutes for the markers of a live worker. Depends on the emulator's tables (decision 0030), and
// therefore only used when they are as known here and no runtime has them open. Never replaces an object.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { copyFile, link, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import type { FileBelow } from "../files-below.ts";

const OBJECTS_CLASS = "miniflare-R2BucketObject";
const COLUMNS = [
  "key", "blob_id", "version", "size", "etag", "uploaded", "checksums", "http_metadata", "custom_metadata",
] as const; // prettier-ignore
/** Bytes. A larger file is copied without being read into memory. */
const SMALL_BYTES = 1 << 20;

export interface EmulatedBucket {
  /** SQLite, one row an object. */
  database: string;
  /** One file an object, named by the row's blob_id. */
  blobsDir: string;
}

/** Null: the bucket was never opened, or the emulator stores objects in another way. */
export function emulatedBucket(stateDir: string, bucket: string): EmulatedBucket | null {
  const root = join(stateDir, "v3/r2");
  const database = join(root, OBJECTS_CLASS, `${objectId(OBJECTS_CLASS, bucket)}.sqlite`);
  if (!existsSync(database)) return null;
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const columns = db.prepare("SELECT name FROM pragma_table_info('_mf_objects')").all();
    const isKnown = columns.map(({ name }) => String(name)).join() === COLUMNS.join();
    return isKnown ? { database, blobsDir: join(root, bucket, "blobs") } : null;
  } finally {
    db.close();
  }
}

/** The emulator's ids: an HMAC of the name under the hash of the class, and an HMAC of that. */
function objectId(uniqueKey: string, name: string): string {
  const key = createHash("sha256").update(uniqueKey).digest();
  const half = (data: string | Buffer) => createHmac("sha256", key).update(data).digest().subarray(0, 16);
  return Buffer.concat([half(name), half(half(name))]).toString("hex");
}

/** All objects appear in one transaction, or none. Left-over blobs of a failed import take space only. */
export async function importObjects(
  { database, blobsDir }: EmulatedBucket,
  files: readonly FileBelow[],
): Promise<void> {
  await mkdir(blobsDir, { recursive: true });
  const db = new DatabaseSync(database, { timeout: 10_000 });
  try {
    db.exec("PRAGMA synchronous = OFF; BEGIN IMMEDIATE");
    const insert = db.prepare(
      `INSERT INTO _mf_objects (${COLUMNS.join()}) VALUES (${COLUMNS.map(() => "?").join()})`,
    );
    const blobs = new Map<string, string>();
    for (const file of files) {
      const { blobId, etag } = await writeBlob(file, blobsDir, blobs);
      const version = randomBytes(16).toString("hex");
      insert.run(file.key, blobId, version, file.size, etag, Date.now(), "{}", "{}", "{}");
    }
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}

/** Equal contents share one file under many names, because the emulator only creates and unlinks blobs. */
async function writeBlob({ path, size }: FileBelow, blobsDir: string, blobs: Map<string, string>) {
  const blobId = `${randomBytes(32).toString("hex")}${Date.now().toString(16).padStart(16, "0")}`;
  const target = join(blobsDir, blobId);
  if (size > SMALL_BYTES) {
    await copyFile(path, target);
    return { blobId, etag: await md5Of(target, size) };
  }
  const content = await readFile(path);
  const etag = createHash("md5").update(content).digest("hex");
  const same = blobs.get(etag);
  // A file can have only so many names. The next name gets a file of its own.
  const linked = same !== undefined && (await link(same, target).then(() => true, () => false)); // prettier-ignore
  if (!linked) {
    await writeFile(target, content);
    blobs.set(etag, target);
  }
  return { blobId, etag };
}

export async function md5Of(path: string, size: number): Promise<string> {
  const md5 = createHash("md5");
  if (size <= SMALL_BYTES) return md5.update(await readFile(path)).digest("hex");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), md5);
  return md5.digest("hex");
}
