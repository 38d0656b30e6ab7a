// Writes many new R2 objects into the emulated bucket's own files. The emulator takes 3 to 30 ms for each put, so
// the markers of a live worker would take minutes. This file depends on the emulator's tables (decision 0030). So
// it is used only when the tables have the known form and no runtime has them open. Never replaces an R2 object.
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
/** The largest file that is read into memory, in bytes. A larger file is copied. */
const SMALL_BYTES = 1 << 20;

export interface EmulatedBucket {
  /** The SQLite file with one row for each R2 object. */
  database: string;
  /** The directory of the contents. The row's blob_id is the name of the file. */
  blobsDir: string;
}

export interface StoredObject {
  key: string;
  size: number;
  /** The etag of the R2 object: the MD5 of its content, because every R2 object is put in one piece. */
  etag: string;
}

/** Finds the files in which the emulator stores a bucket. Null: the bucket was never opened, or the emulator stores
 * R2 objects in another way. */
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

/** The R2 objects of a bucket that no runtime has open. */
export function listedObjects({ database }: EmulatedBucket): StoredObject[] {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const rows = db.prepare("SELECT key, size, etag FROM _mf_objects").all();
    return rows.map(({ key, size, etag }) => ({ key: String(key), size: Number(size), etag: String(etag) }));
  } finally {
    db.close();
  }
}

/** The emulator's id of a Durable Object: an HMAC of the name under the hash of the class, followed by an HMAC of
 * this HMAC. */
function objectId(uniqueKey: string, name: string): string {
  const key = createHash("sha256").update(uniqueKey).digest();
  const half = (data: string | Buffer) => createHmac("sha256", key).update(data).digest().subarray(0, 16);
  return Buffer.concat([half(name), half(half(name))]).toString("hex");
}

/** Imports R2 objects. All of them appear in one transaction, or none. The blobs of a failed import stay on disk and
 * do no harm. */
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
  // The file system limits how many names a file may have. Beyond this limit, the next name gets a new file.
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
