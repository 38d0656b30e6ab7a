// Windows as intervals of instants: exact unions, differences and cuts. Pure. An inclusive end holds its instant, an
// exclusive end does not. Starts always hold theirs.
import type { Window } from "../../../src/contract/parse-spec.ts";

export function contains(outer: Window, inner: Window): boolean {
  if (inner.startMs < outer.startMs || inner.endMs > outer.endMs) return false;
  return inner.endMs < outer.endMs || !outer.endExclusive || inner.endExclusive;
}

/** Whether they share an instant. */
export function overlap(a: Window, b: Window): boolean {
  const [first, second] = a.startMs <= b.startMs ? [a, b] : [b, a];
  return second.startMs < first.endMs || (second.startMs === first.endMs && !first.endExclusive);
}

/** Whether no more than `gapMs` lies between them. With 0: they overlap or touch. */
export function isNear(a: Window, b: Window, gapMs: number): boolean {
  const [first, second] = a.startMs <= b.startMs ? [a, b] : [b, a];
  return second.startMs - first.endMs <= gapMs;
}

/** The shortest window that holds both. */
export function unionOf(a: Window, b: Window): Window {
  const later = a.endMs > b.endMs || (a.endMs === b.endMs && !a.endExclusive) ? a : b;
  return { startMs: Math.min(a.startMs, b.startMs), endMs: later.endMs, endExclusive: later.endExclusive };
}

/** The parts of `window` that no window of `others` holds, oldest first.
 *
 * Windows cannot start after an instant. After an inclusive end, a part starts at that instant, so both hold it.
 * Dropping the second after it could lose records with fractions of a second. */
export function remainderOf(window: Window, others: readonly Window[]): Window[] {
  const parts: Window[] = [];
  let left: Window | null = window;
  for (const other of others.toSorted((a, b) => a.startMs - b.startMs)) {
    if (left === null) break;
    if (!overlap(left, other)) continue;
    if (other.startMs > left.startMs)
      parts.push({ startMs: left.startMs, endMs: other.startMs, endExclusive: true });
    left = after(left, other);
  }
  return left === null ? parts : [...parts, left];
}

/** What remains of `window` after the end of `other`. Null: nothing. */
function after(window: Window, other: Window): Window | null {
  if (other.endMs < window.endMs) return { ...window, startMs: other.endMs };
  const holdsLast = other.endMs === window.endMs && other.endExclusive && !window.endExclusive;
  return holdsLast ? { ...window, startMs: window.endMs } : null;
}

/** The next window of a series, and what is left of it. */
export function cut({
  startMs,
  endMs,
  chunkMs,
  newestFirst,
}: {
  startMs: number;
  endMs: number;
  chunkMs: number;
  newestFirst: boolean;
}): { window: Window; left: { startMs: number; endMs: number } | null } {
  const at = newestFirst ? Math.max(startMs, endMs - chunkMs) : Math.min(endMs, startMs + chunkMs);
  const window = newestFirst
    ? { startMs: at, endMs, endExclusive: true }
    : { startMs, endMs: at, endExclusive: true };
  const left = newestFirst ? { startMs, endMs: at } : { startMs: at, endMs };
  return { window, left: left.startMs < left.endMs ? left : null };
}
