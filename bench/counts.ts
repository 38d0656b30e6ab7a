// Divides the counted operations into two groups: those that grow with the number of batches, and those that each run
// makes once. counters.ts counts the operations.
import { CLASS_A, type Counts } from "./worker/counters.ts";

export function sum(record: Record<string, number>, names: readonly string[]): number {
  return names.reduce((total, name) => total + (record[name] ?? 0), 0);
}

export function classA(counts: Counts): number {
  return sum(counts.r2, CLASS_A);
}

/** R2 lists of the listing, and R2 writes of the run's clock (the evidence). Their number does not depend on how
 * many batches a file has. */
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

/** Methods that parsers and senders call. The number of calls grows with the files and batches. */
export const WORK = ["claimFile", "renewFile", "uploadStarted", "queued", "fileFailed", "next", "done", "renew", "regrant"].map((name) => `run.${name}`); // prettier-ignore

export function workCalls(counts: Counts): number {
  return sum(counts.calls, WORK);
}
