// Defines how long a lease lasts, and how often its parser or sender renews it. A parser's file and a sender's
// batch have the same times.

/** How long a lease lasts. If a parser or sender stops, its work waits until the lease ends, so a longer lease
 * costs time. A shorter lease would end after only two failed renewals. */
export const LEASE_MS = 30_000;
/** How often a parser or sender renews its leases. */
export const RENEW_EVERY_MS = 10_000;
