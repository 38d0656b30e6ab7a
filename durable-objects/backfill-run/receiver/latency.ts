// Latencies of answers. Bucket b counts answers that took up to 2^((b + 1) / 2) ms. Pure.

export class AckHistogram {
  readonly buckets: number[];

  constructor(buckets: number[]) {
    this.buckets = [...buckets];
  }

  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(2 * Math.log2(Math.max(1, ms))) - 1);
    while (this.buckets.length <= bucket) this.buckets.push(0);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  /** The upper end, in ms, of the bucket with the q-quantile. Null without samples. */
  quantile(q: number): number | null {
    const total = this.buckets.reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    let seen = 0;
    for (const [bucket, count] of this.buckets.entries()) {
      seen += count;
      if (seen >= q * total) return Math.round(2 ** ((bucket + 1) / 2));
    }
    return null;
  }
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
