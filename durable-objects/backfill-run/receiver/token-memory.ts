// Some receivers remember the token of a batch for some time. Decides which attempts such a receiver still
// remembers when the batch is sent again. Does no I/O. In doubt, the receiver does not remember the attempt, so its
// lines count as possible duplicates.

/** The longest time from the claim of an attempt to the end of its POST. An invocation of a sender lasts at most 15
 * minutes. The time is one minute longer, because the clocks of the run, of senders and of the receiver differ. */
const ATTEMPT_AT_MOST_MS = 16 * 60_000;

/** A batch that is claimed at `now` arrives while the receiver remembers every attempt that arrived at or after the
 * result (epoch milliseconds). Null: the receiver remembers none. */
export function rememberedSince(memoryMs: number | undefined, now: number): number | null {
  return memoryMs === undefined ? null : now + ATTEMPT_AT_MOST_MS - memoryMs;
}

/** The earliest time at which lines of an attempt may have arrived, when its lease ended at `leaseEnd` without a
 * report. */
export function arrivedAfterLease(leaseEnd: number): number {
  return leaseEnd - ATTEMPT_AT_MOST_MS;
}
