// Windows as intervals of instants: exact unions, differences and cuts. Does no I/O. A window includes its start. It
// includes its end unless the end is exclusive.
import type { Window } from "../../../src/contract/parse-spec.ts";

export function contains(outer: Window, inner: Window): boolean {
  if (inner.startMs < outer.startMs || inner.endMs > outer.endMs) return false;
  return inner.endMs < outer.endMs || !outer.endExclusive || inner.endExclusive;
}

/** Whether the two windows share an instant. */
export function overlap(a: Window, b: Window): boolean {
  const [first, second] = a.startMs <= b.startMs ? [a, b] : [b, a];
  return second.startMs < first.endMs || (second.startMs === first.endMs && !first.endExclusive);
}

/** Whether at most `gapMs` lies between the two windows. With 0, they must overlap or touch. */
export function isNear(a: Window, b: Window, gapMs: number): boolean {
  const [first, second] = a.startMs <= b.startMs ? [a, b] : [b, a];
  return second.startMs - first.endMs <= gapMs;
}

/** The shortest window that contains both windows. */
export function unionOf(a: Window, b: Window): Window {
  const later = a.endMs > b.endMs || (a.endMs === b.endMs && !a.endExclusive) ? a : b;
  return { startMs: Math.min(a.startMs, b.startMs), endMs: later.endMs, endExclusive: later.endExclusive };
}

/** The parts of `window` that no window of `others` contains, oldest first.
 *
 * A window always includes its start. So after an inclusive end, the next part starts at the same instant, and both
 * include this instant. If the next part started one second later, records with fractions of this second would be
 * lost. */
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

/** The part of `window` after the end of `other`. Null: `window` ends with `other` or before. */
function after(window: Window, other: Window): Window | null {
  if (other.endMs < window.endMs) return { ...window, startMs: other.endMs };
  const holdsLast = other.endMs === window.endMs && other.endExclusive && !window.endExclusive;
  return holdsLast ? { ...window, startMs: window.endMs } : null;
}

/** The next window of a series, and the remaining part of the series. */
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

/** The start of a series without its windows that end before `oldestEnd`. The end of the series is not before it. */
export function startWithoutOld(
  {
    startMs,
    endMs,
    chunkMs,
    newestFirst,
  }: { startMs: number; endMs: number; chunkMs: number; newestFirst: boolean },
  oldestEnd: number | null,
): number {
  if (oldestEnd === null) return startMs;
  // The windows are cut from the end, or from the start.
  const kept = newestFirst
    ? endMs - (Math.floor((endMs - oldestEnd) / chunkMs) + 1) * chunkMs
    : startMs + Math.max(0, Math.ceil((oldestEnd - startMs) / chunkMs) - 1) * chunkMs;
  return Math.max(startMs, kept);
}
