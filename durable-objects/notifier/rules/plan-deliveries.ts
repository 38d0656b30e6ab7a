// Decides which deliveries begin now, and when the Notifier looks again. Pure. A channel gets one message at a time, so a channel
// that hangs delays only itself.
import { LONGEST_WAIT_MS, MAX_ATTEMPTS } from "./retries.ts";

/** How long an attempt may take before it counts as lost. Longer than its POST. */
export const ATTEMPT_LEASE_MS = 30_000;
/** The longest time for which a channel is closed. Retry-After is at most an hour. */
const LONGEST_CLOSED_MS = 3_600_000;

export interface Waiting {
  delivery: number;
  channel: string;
  attempts: number;
  dueAt: number;
}

export interface DeliveryPlan<Row> {
  start: Row[];
  /** Their last attempt was lost. */
  giveUp: Row[];
  /** Null: nothing waits. */
  wakeAt: number | null;
}

/** `rows`: earliest first. `opensAt`: before when the channel gets no message. `busy`: channels with an open POST. A time farther
 * ahead than its longest wait was written before the clock was set back, so it counts as reached. */
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
