// The send leases that were given since the last eviction. The sender of an older lease may be gone. So the clock
// must not count an older lease as a working sender.

export class LeasesInFlight {
  readonly #leases = new Map<string, { since: number; until: number }>();

  add(key: string, since: number, until: number): void {
    this.#leases.set(key, { since, until });
  }

  ended(key: string): void {
    this.#leases.delete(key);
  }

  /** Ignores a lease from before the eviction. */
  renewed(key: string, until: number): void {
    const lease = this.#leases.get(key);
    if (lease) lease.until = until;
  }

  /** An expired lease does not count, even if its sender has not reported. */
  count(now: number): number {
    for (const [key, { until }] of this.#leases) if (until <= now) this.#leases.delete(key);
    return this.#leases.size;
  }

  /** How many of these leases are older than `ageMs`. */
  countOlder(ageMs: number, now: number): number {
    return [...this.#leases.values()].filter(({ since }) => now - since > ageMs).length;
  }

  setBack(backMs: number): void {
    for (const lease of this.#leases.values()) {
      lease.since -= backMs;
      lease.until -= backMs;
    }
  }
}
