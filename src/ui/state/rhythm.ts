// When the page asks the API again. Pure.

export const WORKING_MS = 2_000;
export const IDLE_MS = 15_000;
export const HIDDEN_MS = 60_000;
/** While the API is not reached. It may be back at any moment, and a failed request costs nothing. */
export const LOST_MS = 2_000;
/** Without any answer for so long, a visible page asks whether the API is still there. */
export const HEARTBEAT_MS = 4_000;

export interface Situation {
  /** The tab is in the background. */
  hidden: boolean;
  /** Something that the page shows changes by itself. */
  works: boolean;
  /** The API was not reached by the last request. */
  lost: boolean;
}

/** How long to wait between two requests for the same data. `slowest` is for data that changes rarely. */
export function delayMs({ hidden, works, lost }: Situation, slowest = 0): number {
  if (hidden) return Math.max(HIDDEN_MS, slowest);
  if (lost) return LOST_MS;
  return Math.max(works ? WORKING_MS : IDLE_MS, slowest);
}

/** `askedAt` is when the last request began. Null: there was none. */
export function isDue(now: number, askedAt: number | null, delay: number): boolean {
  // A clock that was set back must not stop the page.
  return askedAt === null || now - askedAt >= delay || now < askedAt;
}
