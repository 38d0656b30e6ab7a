// Run ids, and instants in whole seconds in two text forms: ISO 8601, and the compact form inside run ids. Does no I/O.
// It does not read the clock.
import { isReceiverName } from "./receivers.ts";

/** 2026-04-22T14:00:00Z; milliseconds are cut off. */
export function isoSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** 20260422T140000Z */
export function compactSecond(ms: number): string {
  return isoSecond(ms).replaceAll(/[-:]/g, "");
}

/** The inverse of compactSecond. Null: the text does not have exactly this form, or the instant does not exist. */
function parseCompactSecond(text: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) || compactSecond(ms) !== text ? null : ms;
}

/** <start>_<end>_<created>, and _<receiver> for a receiver of RECEIVERS. So no two runs of two receivers share a Durable
 * Object or a prefix in R2. */
export function runIdOf(startMs: number, endMs: number, createdMs: number, receiver?: string): string {
  const instants = [startMs, endMs, createdMs].map(compactSecond);
  return (receiver === undefined ? instants : [...instants, receiver]).join("_");
}

/** Whether a text has the form of a run id. Check this before a call to the run's Durable Object, because a call
 * creates the Durable Object. */
export function isRunId(text: string): boolean {
  const [start, end, created, receiver, ...more] = text.split("_");
  const areInstants = [start, end, created].every((part) => parseCompactSecond(part ?? "") !== null);
  return areInstants && more.length === 0 && (receiver === undefined || isReceiverName(receiver));
}

/** The name of the receiver in a run id. Null: the first receiver. */
export function receiverOf(runId: string): string | null {
  return runId.split("_")[3] ?? null;
}

/** The window in a run id. Null: the text is no run id. */
export function windowOf(runId: string): { startMs: number; endMs: number } | null {
  if (!isRunId(runId)) return null;
  const [startMs, endMs] = runId.split("_").map(parseCompactSecond);
  return typeof startMs === "number" && typeof endMs === "number" ? { startMs, endMs } : null;
}
