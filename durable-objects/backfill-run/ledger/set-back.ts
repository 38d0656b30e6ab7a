// Corrects one stored time after the clock was set back. Does no I/O.

/** Moves `at` back with the clock. If the result is still farther ahead than the longest wait, the clock had an
 * unknown error, and `otherwise` is returned. */
export function setBack(at: number, { now, backMs, longestMs, otherwise }: SetBack): number {
  const moved = at > now ? Math.max(now, at - backMs) : at;
  return moved > now + longestMs ? otherwise : moved;
}
export interface SetBack {
  now: number;
  backMs: number;
  longestMs: number;
  otherwise: number;
}
