// Measures how long answers take. Bucket b counts answers that took up to 2^((b + 1) / 2) ms. Does no I/O.

export class AckHistogram {
  readonly buckets: number[];
  /** The sum of all answer times, in whole ms. */
  sumMs: number;

  /** `sumMs` is absent in rows that older code wrote. The sum is then estimated from the buckets of the histogram. */
  constructor(buckets: number[], sumMs?: number) {
    this.buckets = [...buckets];
    this.sumMs = sumMs ?? estimateOf(buckets);
  }

  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(2 * Math.log2(Math.max(1, ms))) - 1);
    while (this.buckets.length <= bucket) this.buckets.push(0);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sumMs += Math.max(0, Math.round(ms));
  }

  get count(): number {
    return this.buckets.reduce((sum, count) => sum + count, 0);
  }

  /** How many answers took at most `ms`. Exact when `ms` is the upper end of a bucket, such as a power of two. */
  countWithin(ms: number): number {
    return this.buckets.slice(0, Math.round(2 * Math.log2(ms))).reduce((sum, count) => sum + count, 0);
  }

  /** The upper end, in ms, of the bucket with the q-quantile. Null without samples. */
  quantile(q: number): number | null {
    const total = this.count;
    if (total === 0) return null;
    let seen = 0;
    for (const [bucket, count] of this.buckets.entries()) {
      seen += count;
      if (seen >= q * total) return Math.round(2 ** ((bucket + 1) / 2));
    }
    return null;
  }
}

/** Counts each answer with the middle of its bucket. */
function estimateOf(buckets: readonly number[]): number {
  return Math.round(buckets.reduce((sum, count, bucket) => sum + count * 2 ** ((bucket + 0.5) / 2), 0));
}

/** The moving 95th percentile of the last samples, or `floor` without samples. */
export class MovingP95 {
  readonly #samples: number[] = [];
  readonly #floor: number;
  readonly #ceiling: number;
  #next = 0;
  #value: number;

  constructor(floor: number, ceiling: number) {
    this.#floor = floor;
    this.#ceiling = ceiling;
    this.#value = floor;
  }

  add(sample: number): void {
    this.#samples[this.#next % 64] = sample;
    this.#next += 1;
    if (this.#next % 8 !== 0) return;
    const sorted = this.#samples.toSorted((a, b) => a - b);
    const p95 = sorted[Math.floor(0.95 * (sorted.length - 1))] ?? this.#floor;
    this.#value = Math.min(this.#ceiling, Math.max(this.#floor, p95));
  }

  get value(): number {
    return this.#value;
  }

  /** Whether there are enough samples for a value. */
  get isKnown(): boolean {
    return this.#next >= 8;
  }
}
