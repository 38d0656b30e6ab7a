// How long a lease lasts, and how often its holder renews it. A parser's file and a sender's batch have the same
// times.

/** A longer lease delays the work of a vanished holder. A shorter lease would end when two renewals in a row
 * fail. */
export const LEASE_MS = 30_000;
export const RENEW_EVERY_MS = 10_000;
