// Corrects one stored time after the clock was set back. Does no I/O.

/** Moves `at` back with the clock. The result may still be farther ahead than the longest wait, because the clock was
 * set back by more than `backMs`. In this case the function returns `otherwise`. */
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
