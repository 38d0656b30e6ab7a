// When a notice may leave its outbox. Pure.
import { NOTICE_INTERVAL_MS } from "../contract/notices.ts";

/** `wantedAt`: when the notice is wanted. `lastAt`: when the last notice of the same topic was due. Null: there was none. A last
 * time in the future means that the clock was set back. */
export function noticeDueAt(wantedAt: number, lastAt: number | null, now: number): number {
  return lastAt === null ? wantedAt : Math.max(wantedAt, Math.min(lastAt, now) + NOTICE_INTERVAL_MS);
}
