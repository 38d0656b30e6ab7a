// Allows one instance per state directory. The operating system holds the lock, on a file in the directory. The
// kernel releases the lock when the process dies, however it dies. So a lock is never stale, and no pid must be
// trusted. SQLite takes the lock, because Node has no function for this. Never ends another process.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { isAlive, readRecord, type InstanceRecord } from "./instance.ts";

/** How long a start waits for a sign that the other instance is ending. An instance whose parent was killed
 * notices this within 250 ms, and then records that it is ending. */
const NOTICE_MS = 1_500;
/** How long a start waits for an instance that is ending. An orderly end takes at most 5 s for the runtime and 10
 * s for its children. */
const ENDING_MS = 16_000;
const CHECK_EVERY_MS = 50;

/** The handle is kept for the life of the process, because the lock ends when the handle closes. */
let held: DatabaseSync | null = null;

/** Locks the state directory, which must exist. Waits for an instance that is about to end.
 * @throws Error whose message identifies the other instance. */
export async function lockState(stateDir: string): Promise<void> {
  const startedAt = Date.now();
  for (;;) {
    if (tryLock(join(stateDir, "instance.lock"))) return refuseUnlocked(stateDir);
    const holder = await readRecord(stateDir);
    if (Date.now() - startedAt > (holder?.isEnding ? ENDING_MS : NOTICE_MS)) throw taken(stateDir, holder);
    await wait(CHECK_EVERY_MS);
  }
}

/** Refuses a start on a file system without locks, when the record is of a living instance. */
async function refuseUnlocked(stateDir: string): Promise<void> {
  const record = await readRecord(stateDir);
  if (record && record.pid !== process.pid && (await isAlive(record))) throw taken(stateDir, record);
}

function tryLock(path: string): boolean {
  const handle = new DatabaseSync(path, { timeout: 0 });
  try {
    handle.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
    held = handle;
    return true;
  } catch (error) {
    handle.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === SQLITE_BUSY) return false;
    throw new Error(`${path} cannot be locked: ${(error as Error).message}`, { cause: error });
  }
}
const SQLITE_BUSY = 5;

/** Releases the lock. This is the last action of an orderly end. */
export function unlockState(): void {
  held?.close();
  held = null;
}

function taken(stateDir: string, holder: InstanceRecord | null): Error {
  const where = holder?.url === undefined ? "" : `, ${holder.url}`;
  const who = holder === null ? "" : ` (process ${holder.pid}${where})`;
  return new Error(
    `another instance runs on --state ${stateDir}${who}; end it, or give this one a --state of its own`,
  );
}
