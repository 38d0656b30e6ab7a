// Instants in whole seconds, in two text forms: ISO 8601, and the compact form inside run ids. Does no I/O. It does not
// read the clock.

/** 2026-04-22T14:00:00Z; milliseconds are cut off. */
export function isoSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** 20260422T140000Z */
export function compactSecond(ms: number): string {
  return isoSecond(ms).replaceAll(/[-:]/g, "");
}

/** The inverse of compactSecond. Null: the text does not have exactly this form, or the instant does not exist. */
export function parseCompactSecond(text: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) || compactSecond(ms) !== text ? null : ms;
}

export function runIdOf(startMs: number, endMs: number, createdMs: number): string {
  return [startMs, endMs, createdMs].map(compactSecond).join("_");
}

/** Whether a text has the form of a run id. Check this before a call to the run's Durable Object, because a call
 * creates the Durable Object. */
export function isRunId(text: string): boolean {
  const parts = text.split("_");
  return parts.length === 3 && parts.every((part) => parseCompactSecond(part) !== null);
}
