// Splits counted operations into those that grow with the batches and those of the run as a whole. counters.ts
// does the counting.
import { CLASS_A, type Counts } from "./worker/counters.ts";

export function sum(record: Record<string, number>, names: readonly string[]): number {
  return names.reduce((total, name) => total + (record[name] ?? 0), 0);
}

export function classA(counts: Counts): number {
  return sum(counts.r2, CLASS_A);
}

/** Lists of the window and writes of the clock. They do not grow with the batches of a file. */
export function fixedOperations(counts: Counts): number {
  return (counts.r2["list"] ?? 0) + (counts.r2["putReport"] ?? 0);
}

export function rowsOf(counts: Counts, callers: readonly string[]): { written: number; read: number } {
  const own = callers.map((caller) => counts.rows[caller]).filter((one) => one !== undefined);
  return {
    written: own.reduce((total, one) => total + one.rowsWritten, 0),
    read: own.reduce((total, one) => total + one.rowsRead, 0),
  };
}

export function callsOf(counts: Counts): number {
  return Object.values(counts.calls).reduce((total, n) => total + n, 0);
}

/** Calls of parsers and senders. They grow with files and batches. */
export const WORK = ["claimFile", "renewFile", "uploadStarted", "queued", "fileFailed", "next", "done", "renew", "regrant"].map((name) => `run.${name}`); // prettier-ignore

export function workCalls(counts: Counts): number {
  return sum(counts.calls, WORK);
}
