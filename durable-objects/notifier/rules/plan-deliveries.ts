// Decides which deliveries begin now, and when the Notifier must check its deliveries again. Does no I/O. A channel
// gets one message at a time. So a channel that answers slowly delays only its own messages.
import { LONGEST_WAIT_MS, MAX_ATTEMPTS } from "./retries.ts";

/** An attempt counts as lost after this time. It is longer than the time limit of a POST. */
export const ATTEMPT_LEASE_MS = 30_000;
/** The longest time for which a channel may get no message. A longer Retry-After is cut to an hour. */
const LONGEST_CLOSED_MS = 3_600_000;

export interface Waiting {
  delivery: number;
  channel: string;
  attempts: number;
  dueAt: number;
}

export interface DeliveryPlan<Row> {
  start: Row[];
  /** Rows whose last allowed attempt was lost. */
  giveUp: Row[];
  /** When the Notifier must check its deliveries again. Null: no row waits. */
  wakeAt: number | null;
}

/** `rows` are sorted by `dueAt`. `opensAt`: before this time the channel gets no message. `busy`: channels whose POST
 * has not ended. A stored time may be farther in the future than the longest wait. In this case the clock was set
 * back after the time was written, and the time counts as reached. */
export function planDeliveries<Row extends Waiting>(
  rows: readonly Row[],
  opensAt: (channel: string) => number,
  busy: ReadonlySet<string>,
  now: number,
): DeliveryPlan<Row> {
  const plan: DeliveryPlan<Row> = { start: [], giveUp: [], wakeAt: null };
  const taken = new Set(busy);
  const wakes: number[] = [];
  for (const row of rows) {
    const at = Math.max(
      reached(row.dueAt, now, LONGEST_WAIT_MS),
      reached(opensAt(row.channel), now, LONGEST_CLOSED_MS),
    );
    if (at > now) wakes.push(at);
    else if (taken.has(row.channel)) wakes.push(now + ATTEMPT_LEASE_MS);
    else if (row.attempts >= MAX_ATTEMPTS) plan.giveUp.push(row);
    else {
      taken.add(row.channel);
      plan.start.push(row);
    }
  }
  return { ...plan, wakeAt: wakes.length > 0 ? Math.min(...wakes) : null };
}

function reached(at: number, now: number, longestMs: number): number {
  return at > now + longestMs ? now : at;
}
