// Ack latencies in fixed buckets: bucket b counts answers that took up to 2^((b + 1) / 2) ms. Pure, a few dozen numbers.

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

  /** Upper end, in ms, of the bucket that holds the q-quantile; null while there is none. */
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
