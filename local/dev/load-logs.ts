// Puts the files below a directory into the local R2 bucket under their relative paths. Skips unchanged files, so
// that a restart is quick and upload times keep their meaning. Never deletes an R2 object, because the bucket also
// contains the Worker's output. A small Worker on the same bucket takes the files as HTTP bodies and streams them.
// The small Worker needs 0.3 s for 22 MB. getPlatformProxy would buffer each file and need 1 s. The small Worker is
// not started if the bucket was opened before and no file changed. Then new files are imported without the emulator.
import { createReadStream } from "node:fs";
import { Agent, request } from "node:http";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { filesBelow, type FileBelow } from "../files-below.ts";
import {
  emulatedBucket, importObjects, listedObjects, md5Of, type EmulatedBucket, type StoredObject,
} from "./import-objects.ts"; // prettier-ignore
import { startRuntime } from "./runtime.ts";
import { workerCode } from "./worker-parts.ts";

/** How many files are uploaded at once. More are not faster, because the bucket writes one file after the
 * other. */
const LANES = 4;
const LOADER = resolve(import.meta.dirname, "load-logs-worker.ts");
/** With this many new files or more, the files are written without the emulator. */
const MANY_FILES = 500;

export interface LoadedLogs {
  bucket: string;
  /** The keys of all files below the directory. */
  keys: string[];
  put: number;
  unchanged: number;
}

export async function loadLogs(logsDir: string, stateDir: string, bucket: string): Promise<LoadedLogs> {
  // The state directory is excluded, because it may lie below the logs.
  const files = await filesBelow(logsDir, {
    except: stateDir,
    onUnreadable: (path, error) => console.error(`warning: ${path} is left out: ${String(error)}`),
  });
  const result = { bucket, keys: files.map(({ key }) => key), put: 0, unchanged: 0 };
  const opened = emulatedBucket(stateDir, bucket);
  const known = opened === null ? null : await compared(files, listedObjects(opened));
  if (opened !== null && known?.changed.length === 0) {
    if (known.added.length > 0) await importObjects(opened, known.added);
    return { ...result, put: known.added.length, unchanged: known.unchanged };
  }
  const { added, changed, unchanged } = await putByWorker(files, stateDir, bucket);
  return { ...result, put: added.length + changed.length, unchanged };
}

interface Comparison {
  added: FileBelow[];
  changed: FileBelow[];
  unchanged: number;
}

/** Compares the files with the R2 objects of the same keys. */
async function compared(files: FileBelow[], objects: readonly StoredObject[]): Promise<Comparison> {
  const stored = new Map(objects.map((object) => [object.key, object]));
  const comparison: Comparison = { added: [], changed: [], unchanged: 0 };
  await inLanes(files, async (file) => {
    const found = stored.get(file.key);
    if (found === undefined) comparison.added.push(file);
    else if (await isUnchanged(file, found)) comparison.unchanged += 1;
    else comparison.changed.push(file);
  });
  return comparison;
}

/** Puts the new and changed files through the emulator. Imports the new files instead if they are many. */
async function putByWorker(files: FileBelow[], stateDir: string, bucket: string): Promise<Comparison> {
  const options = {
    name: "load-logs",
    compatibilityDate: "2026-10-01",
    r2Buckets: { LOGS: { id: bucket } },
  };
  const parts = { options, code: await workerCode(LOADER), vars: {} };
  const loader = await startRuntime({ parts, port: 0, stateDir, vars: {} });
  const agent = new Agent({ keepAlive: true });
  let emulated: EmulatedBucket | null = null;
  let comparison: Comparison;
  try {
    comparison = await compared(files, await storedObjects(loader.url));
    const { added, changed } = comparison;
    // The bucket's tables exist now, because the listing created them.
    if (added.length >= MANY_FILES) emulated = emulatedBucket(stateDir, bucket);
    await inLanes([...changed, ...(emulated === null ? added : [])], (file) => put(loader.url, agent, file));
  } finally {
    agent.destroy();
    await loader.stop();
  }
  // No runtime has the bucket open now.
  if (emulated !== null) await importObjects(emulated, comparison.added);
  return comparison;
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const remaining = items.values();
  const lane = async () => {
    for (const item of remaining) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function storedObjects(loaderUrl: string): Promise<StoredObject[]> {
  const response = await fetch(`${loaderUrl}/`);
  if (!response.ok)
    throw new Error(`listing the local bucket failed: ${response.status} ${await response.text()}`);
  return response.json<StoredObject[]>();
}

async function isUnchanged({ path, size }: FileBelow, stored: StoredObject): Promise<boolean> {
  return stored.size === size && (await md5Of(path, size)) === stored.etag;
}

async function put(loaderUrl: string, agent: Agent, { key, path, size }: FileBelow): Promise<void> {
  const target = `${loaderUrl}/${encodeURIComponent(key)}`;
  await new Promise<void>((done, failed) => {
    const sending = request(
      target,
      { agent, method: "PUT", headers: { "content-length": size } },
      (response) => {
        response.resume();
        response.once("end", () =>
          response.statusCode === 200
            ? done()
            : failed(new Error(`putting ${key} failed: ${response.statusCode}`)),
        );
      },
    );
    sending.once("error", failed);
    pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), sending).catch(failed);
  });
}
