// Finds the processes of one instance of the local stack and ends them. Works after a `kill -9` of the whole group or of the top
// process. Before it starts a child, every instance writes a random token into its state directory. Its children
// get the token in their environment. So an orphan is recognised by its token, not by a pid that another process
// may have by now. Never ends a process without the token, and never by name. Only a process
// that holds the lock of the state directory (lock.ts) may use this file. A living instance holds this lock, so no other
// process ends it.
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const TOKEN_VARIABLE = "LOCAL_STACK_INSTANCE";
/** How long a killed process may take to disappear. Normally it takes milliseconds. A process that takes longer
 * hangs in the kernel, and a start would fail. */
const KILLED_END_MS = 10_000;

export interface InstanceRecord {
  token: string;
  pid: number;
  /** Start time of `pid` in clock ticks since boot (field 22 of /proc/<pid>/stat). Distinguishes the process from
   * a later process with the same pid. */
  pidStart: string;
  /** The URL of the instance. Absent until the instance is ready. */
  url?: string;
  /** True: the instance is about to end, so a start that waits for the state need not wait long. */
  isEnding?: boolean;
}

const recordPath = (stateDir: string) => join(stateDir, "instance.json");

/** Records this instance. Call with the lock held, before the first child is started. */
export async function recordInstance(stateDir: string): Promise<void> {
  const token = randomUUID();
  process.env[TOKEN_VARIABLE] = token;
  await write(stateDir, { token, pid: process.pid, pidStart: (await startOf(process.pid)) ?? "" });
}

/** Updates the record. Another start that finds the state locked reads this record. */
export async function amendInstance(
  stateDir: string,
  change: Pick<InstanceRecord, "url" | "isEnding">,
): Promise<void> {
  const record = await readRecord(stateDir);
  if (record?.pid === process.pid) await write(stateDir, { ...record, ...change });
}

async function write(stateDir: string, record: InstanceRecord): Promise<void> {
  const draft = `${recordPath(stateDir)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(record)}\n`);
  await rename(draft, recordPath(stateDir));
}

export async function forgetInstance(stateDir: string): Promise<void> {
  const record = await readRecord(stateDir);
  if (record?.pid === process.pid) await rm(recordPath(stateDir), { force: true });
}

/** Whether the recorded process is alive. False if another process now has its pid. */
export async function isAlive(record: InstanceRecord): Promise<boolean> {
  return record.pidStart !== "" && (await startOf(record.pid)) === record.pidStart;
}

/** Call with the lock held. Ends the children that a killed instance left, and returns their number. */
export async function endLeftovers(stateDir: string): Promise<number> {
  const record = await readRecord(stateDir);
  return record === null ? 0 : endChildren(record.token);
}

/** Starts the guard: a shell in its own session, which a `kill -9` of this process or its group does not reach.
 * The guard waits for the end of its stdin, which the kernel closes when this process ends. Then the guard ends
 * the children. */
export function guardChildren(): ChildProcess {
  const { [TOKEN_VARIABLE]: token = "", ...environment } = process.env;
  const script = 'while read -r line; do [ "$line" = done ] && exit 0; done; exec "$0" "$1" "$2"';
  const sweep = join(import.meta.dirname, "sweep.ts");
  const guard = spawn("/bin/sh", ["-c", script, process.execPath, sweep, token], {
    cwd: "/",
    detached: true,
    env: environment,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // If the guard cannot start, the next start ends the leftovers.
  guard.on("error", () => {});
  guard.stdin?.on("error", () => {});
  guard.unref();
  (guard.stdin as unknown as { unref(): void } | null)?.unref();
  return guard;
}

/** Ends the children of this instance that an orderly stop left over. */
export async function releaseChildren(): Promise<void> {
  const token = process.env[TOKEN_VARIABLE];
  if (token !== undefined) await endChildren(token);
}

export async function endChildren(token: string): Promise<number> {
  let ended = 0;
  // Two rounds are needed, because a child may start another process during the first.
  for (let round = 0; round < 2; round += 1) {
    const children = await processesWith(token);
    for (const { pid } of children) signal(pid, "SIGKILL");
    await Promise.all(children.map(({ pid, start }) => goneWithin(pid, start, KILLED_END_MS)));
    ended += children.length;
  }
  return ended;
}

async function processesWith(token: string): Promise<{ pid: number; start: string }[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return null;
      const start = await startOf(pid);
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      const ours = environment.split("\0").includes(`${TOKEN_VARIABLE}=${token}`);
      return ours && start !== null ? { pid, start } : null;
    }),
  );
  return found.filter((entry) => entry !== null);
}

export async function readRecord(stateDir: string): Promise<InstanceRecord | null> {
  try {
    const record: unknown = JSON.parse(await readFile(recordPath(stateDir), "utf8"));
    return isInstanceRecord(record) ? record : null;
  } catch {
    return null;
  }
}

function isInstanceRecord(value: unknown): value is InstanceRecord {
  if (typeof value !== "object" || value === null) return false;
  const { token, pid, pidStart } = value as Partial<InstanceRecord>;
  return typeof token === "string" && typeof pid === "number" && typeof pidStart === "string";
}

/** The start time of a process. Null: the process does not exist, or it has ended and its exit code was not
 * collected. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => null);
  // The name in parentheses may contain spaces and parentheses, so fields are counted from the last parenthesis.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined) return null;
  const [state, threads, start] = [fields[0], fields[17], fields[19]];
  // The first thread may be a zombie while other threads still hold the process's sockets. The port is free only
  // after the last thread has ended.
  if ((state === "Z" || state === "X") && Number(threads) <= 1) return null;
  return start ?? null;
}

async function goneWithin(pid: number, start: string, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while ((await startOf(pid)) === start) {
    if (Date.now() > deadline) return false;
    await wait(10);
  }
  return true;
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process ended in the meantime.
  }
}
