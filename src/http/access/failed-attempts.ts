// Counts failed authentications by address over the last minute. The memory is bounded. Each isolate has its own
// count, so the limit only slows an attacker down. Strong tokens are the real protection.

export const FAILURES = { max: 10, withinMs: 60_000 } as const;
/** The most addresses whose wrong credentials are counted. Each address takes about 200 bytes. */
const MAX_ADDRESSES = 1_000;
/** The longest IPv6 address as text. The header is free text where Cloudflare does not set it. */
const MAX_ADDRESS = 45;

export class FailedAttempts {
  /** The times of the last failures, oldest first. The address that failed last is at the end of the map. */
  readonly #byAddress = new Map<string, number[]>();

  /** Counts one failure. Returns how long the address must wait, or null while it is below the limit. A refused
   * attempt does not prolong the wait. */
  add(address: string, now: number): number | null {
    const key = address.slice(0, MAX_ADDRESS);
    // A time after `now` means that the clock was set back.
    const recent = (this.#byAddress.get(key) ?? []).filter((at) => at <= now && now - at < FAILURES.withinMs);
    const [oldest = now] = recent;
    const isLimited = recent.length >= FAILURES.max;
    this.#byAddress.delete(key);
    this.#byAddress.set(key, isLimited ? recent : [...recent, now]);
    this.#forget();
    return isLimited ? oldest + FAILURES.withinMs - now : null;
  }

  get addresses(): number {
    return this.#byAddress.size;
  }

  /** Drops the address whose last failure is the oldest. */
  #forget(): void {
    for (const key of this.#byAddress.keys()) {
      if (this.#byAddress.size <= MAX_ADDRESSES) return;
      this.#byAddress.delete(key);
    }
  }
}
