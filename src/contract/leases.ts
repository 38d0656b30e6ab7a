// How long a lease lasts, and how often its holder renews it. The same for a parser's file and a sender's batch.

/** Longer: a vanished holder's work waits longer. Shorter: fewer than two renewals may fail in a row. */
export const LEASE_MS = 30_000;
export const RENEW_EVERY_MS = 10_000;
