// Decides when a notice may be handed to the Notifier. Does no I/O.
import { NOTICE_INTERVAL_MS } from "../contract/notices.ts";

/** `wantedAt`: the earliest time for this notice. `lastAt`: when the last notice of the same topic was due. Null:
 * there was none. A `lastAt` in the future was written before the clock was set back, so it counts as now. */
export function noticeDueAt(wantedAt: number, lastAt: number | null, now: number): number {
  return lastAt === null ? wantedAt : Math.max(wantedAt, Math.min(lastAt, now) + NOTICE_INTERVAL_MS);
}
