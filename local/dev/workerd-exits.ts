// Reports unexpected ends of workerd processes. The runtime would silently start another workerd, without the
// queues' messages. So the stack must learn of such an end. This file only observes. It never restarts a process.
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { basename } from "node:path";

export interface WorkerdExit {
  pid: number;
  code: number | null;
  signal: NodeJS.Signals | null;
}

const living = new Set<ChildProcess>();
let listener: ((exit: WorkerdExit) => void) | null = null;

// Node reports a new child before the child's executable file is known. So the file is checked when the child
// ends.
subscribe("child_process", (message) => {
  const { process: child } = message as { process: ChildProcess };
  living.add(child);
  child.once("exit", (code, signal) => {
    living.delete(child);
    // `killed` means that this process ended the child, as in a stop or a reload.
    if (child.killed || !basename(child.spawnfile ?? "").startsWith("workerd")) return;
    listener?.({ pid: child.pid ?? 0, code, signal });
  });
});

/** Sets who is called at an unexpected end. Null: ends are no longer reported. */
export function onWorkerdExit(handler: ((exit: WorkerdExit) => void) | null): void {
  listener = handler;
}

/** Kills all workerd processes at once. For a process without time for an orderly end. */
export function killRuntimes(): void {
  for (const child of living) {
    if (basename(child.spawnfile ?? "").startsWith("workerd")) child.kill("SIGKILL");
  }
}

export function exitText({ pid, code, signal }: WorkerdExit): string {
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  return `the Workers runtime (workerd, process ${pid}) ${how}`;
}
