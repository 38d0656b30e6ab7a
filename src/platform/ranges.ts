// Ranges of numbers that a var, a secret and a request have in common. Plain data.

/** The range of the var BATCH_SIZE and of a run's own `batch_size`. */
export const BATCH_SIZE_RANGE = { min: 100, max: 5_000 } as const;

/** The limits of `rate`, the files that a run enqueues per minute. */
export const RATE_RANGE = { min: 1, max: 100 } as const;

/** The cap on lines per second. With a cap below the smallest batch, no batch could be sent. Ten million is far above any
 * receiver. */
export const CAP_RANGE = { min: BATCH_SIZE_RANGE.min, max: 10_000_000 } as const;
