// Makes a temporary directory in memory for one run of the tests. A Durable Object commits, and so calls fsync, at
// each change. On a disk the tests spend most of their time in these calls. The tests need no disk for this: a
// killed process leaves the same files in memory and on a disk.
import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const PREFIX = "backfill-tests-";
/** How much free memory is needed. The suite writes less than a quarter of this. */
const NEEDED_BYTES = 3 * 1024 ** 3;
/** The age after which a directory is removed. A test run that was killed leaves its directory, and a later test
 * run removes it. */
const ABANDONED_MS = 3_600_000;

/** Makes the directory, and removes it when this process exits. Null: the memory has too little room. */
export function memoryDir(): string | null {
  if (!hasRoom()) return null;
  removeAbandoned();
  const dir = join(MEMORY, `${PREFIX}${process.pid}`);
  mkdirSync(dir, { recursive: true });
  process.on("exit", () => remove(dir));
  return dir;
}

function hasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > NEEDED_BYTES && freemem() > NEEDED_BYTES;
  } catch {
    return false;
  }
}

function removeAbandoned(): void {
  for (const name of readdirSync(MEMORY).filter((entry) => entry.startsWith(PREFIX))) {
    const dir = join(MEMORY, name);
    const changedAt = statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
    if (Date.now() - changedAt > ABANDONED_MS && !isAlive(Number(name.slice(PREFIX.length)))) remove(dir);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Removes the directory. A process that is ending may still write. A later test run removes what stays. */
function remove(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch {}
}
