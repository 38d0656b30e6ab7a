// One stored time after the clock was set back. Pure.

/** Moves `at` back with the clock. A result farther ahead than its longest wait comes from an unknown clock. */
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
