// Decides when the page sends a request again. Does no I/O.

const WORKING_MS = 2_000;
const IDLE_MS = 15_000;
export const HIDDEN_MS = 60_000;
/** The time between two requests while the API does not answer. It is short, because the API may be back at any
 * moment and a failed request costs nothing. */
const LOST_MS = 2_000;
/** If no answer came for this long, a visible page asks whether the API still answers. */
export const HEARTBEAT_MS = 4_000;

export interface Situation {
  /** True: the tab is in the background. */
  hidden: boolean;
  /** True: some of the shown data are changing now. */
  works: boolean;
  /** True: the newest request got no answer. */
  lost: boolean;
}

/** How long to wait between two requests for the same data. `slowest`: for data that change rarely, the time in ms
 * that must pass at least. */
export function delayMs({ hidden, works, lost }: Situation, slowest = 0): number {
  if (hidden) return Math.max(HIDDEN_MS, slowest);
  if (lost) return LOST_MS;
  return Math.max(works ? WORKING_MS : IDLE_MS, slowest);
}

/** `askedAt`: when the last request began. Null: there was no request. */
export function isDue(now: number, askedAt: number | null, delay: number): boolean {
  // After the clock was set back, `now` may be before `askedAt`. Then the request is due, so that the page does not
  // stop.
  return askedAt === null || now - askedAt >= delay || now < askedAt;
}
