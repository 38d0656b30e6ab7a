// How long a sender may wait before its next call, so that more of its loops join the call. Does no I/O.
import type { PaceState } from "./pace.ts";

/** The longest wait of a sender for more of its loops, in ms. A sender that ends during the wait leaves the
 * attempts of its unreported answers uncertain. */
const LONGEST_MS = 100;
/** The share of the free time for which a sender waits. While permits begin later than a sender could begin its
 * POST, a loop that waits still gets the same permit. Other senders use these permits too. */
const SHARE = 1 / 2;

/** How long a sender may wait before its next call, in ms. During this wait no POST could begin, so the wait delays
 * none. `pending`: the batches that a sender may still claim. `readyMs`: the time from a claim until the sender has
 * the body. */
export function groupWaitMs(
  pace: Pick<PaceState, "newestAt">,
  { now, readyMs, pending }: { now: number; readyMs: number; pending: number },
): number {
  if (pending === 0) return LONGEST_MS;
  const aheadMs = pace.newestAt - (now + readyMs);
  return Math.min(LONGEST_MS, Math.max(0, Math.floor(aheadMs * SHARE)));
}
