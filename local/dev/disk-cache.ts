// Keeps a value on disk while the files that it was made from do not change. A file counts as unchanged while its size
// and its time of change are the same. Without a folder that can be written, the value is made each time.
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { seen, type Seen } from "../build/build-record.ts";
import { PROJECT_DIR } from "../build/dist-dir.ts";

const KEPT_DIR = join(PROJECT_DIR, "node_modules/.cache/ctyun-logpush-backfill");

export interface Made<T> {
  /** A value that survives JSON. */
  value: T;
  /** The paths of all files that the value depends on. */
  files: readonly string[];
}

interface Kept<T> {
  value: T;
  files: Record<string, Seen>;
}

/** Returns the kept value, or makes it. `name` is the name of the file in which the value is kept. */
export async function keptOnDisk<T>(
  name: string,
  make: () => Promise<Made<T>>,
  dir: string = KEPT_DIR,
): Promise<T> {
  const path = join(dir, `${name}.json`);
  const kept = await read<T>(path);
  if (kept !== null) return kept.value;
  // A file may change while the value is made. So the time before the making counts, and such a value is not used by
  // the next start.
  const startedAt = Date.now();
  const { value, files } = await make();
  const states = await seen(files);
  const isSure = Object.values(states).every(([, changedAt]) => changedAt < startedAt);
  if (isSure) await write(path, { value, files: states }).catch(() => undefined);
  return value;
}

async function read<T>(path: string): Promise<Kept<T> | null> {
  try {
    const kept = JSON.parse(await readFile(path, "utf8")) as Kept<T>;
    const states = await seen(Object.keys(kept.files));
    return JSON.stringify(states) === JSON.stringify(kept.files) ? kept : null;
  } catch {
    // Nothing is kept, it cannot be read, or a file is gone.
    return null;
  }
}

/** Several starts may write at the same time, so the file appears whole. */
async function write(path: string, kept: Kept<unknown>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(kept));
  await rename(draft, path);
}
