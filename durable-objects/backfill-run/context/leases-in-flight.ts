// Send leases that this life of the object gave. A lease from before an eviction may have lost its sender, so the
// clock must not count it as a sender at work.

export class LeasesInFlight {
  readonly #until = new Map<string, number>();

  given(key: string, until: number): void {
    this.#until.set(key, until);
  }

  ended(key: string): void {
    this.#until.delete(key);
  }

  /** Ignores a lease from before the eviction. */
  renewed(key: string, until: number): void {
    if (this.#until.has(key)) this.#until.set(key, until);
  }

  /** A lease whose time is over no longer counts, also without a report. */
  count(now: number): number {
    for (const [key, until] of this.#until) if (until <= now) this.#until.delete(key);
    return this.#until.size;
  }

  setBack(backMs: number): void {
    for (const [key, until] of this.#until) this.#until.set(key, until - backMs);
  }
}
