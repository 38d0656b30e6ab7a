// The send leases that were given since the last eviction. The sender of an older lease may be gone. So the clock
// must not count an older lease as a working sender.

export class LeasesInFlight {
  readonly #until = new Map<string, number>();

  add(key: string, until: number): void {
    this.#until.set(key, until);
  }

  ended(key: string): void {
    this.#until.delete(key);
  }

  /** Ignores a lease from before the eviction. */
  renewed(key: string, until: number): void {
    if (this.#until.has(key)) this.#until.set(key, until);
  }

  /** An expired lease does not count, even if its sender has not reported. */
  count(now: number): number {
    for (const [key, until] of this.#until) if (until <= now) this.#until.delete(key);
    return this.#until.size;
  }

  setBack(backMs: number): void {
    for (const [key, until] of this.#until) this.#until.set(key, until - backMs);
  }
}
