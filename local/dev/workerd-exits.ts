// The end of a workerd process that nobody asked for. The runtime would start another one, without the queues' messages and
// without a word in the right place; whoever runs this stack has to learn of it instead. Watches, never restarts.
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

// Node tells of each child of this process. Its file is not known yet at that moment, hence the look at its end.
subscribe("child_process", (message) => {
  const { process: child } = message as { process: ChildProcess };
  living.add(child);
  child.once("exit", (code, signal) => {
    living.delete(child);
    // `killed`: this process ended it, as it does at a stop and at a reload.
    if (child.killed || !basename(child.spawnfile ?? "").startsWith("workerd")) return;
    listener?.({ pid: child.pid ?? 0, code, signal });
  });
});

/** Null: an end is nobody's business any more. */
export function onWorkerdExit(handler: ((exit: WorkerdExit) => void) | null): void {
  listener = handler;
}

/** At once, for a process that has no time for an orderly end. */
export function killRuntimes(): void {
  for (const child of living) {
    if (basename(child.spawnfile ?? "").startsWith("workerd")) child.kill("SIGKILL");
  }
}

export function exitText({ pid, code, signal }: WorkerdExit): string {
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  return `the Workers runtime (workerd, process ${pid}) ${how}`;
}
