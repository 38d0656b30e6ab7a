// Remembers the number of each sender's newest call, so that a call that arrives late gives no leases. Its sender does
// not wait for the answer any more. The numbers are only in memory, so an eviction loses them. Then
// repeated-call.ts gives no new lease to the first call that arrives from a sender, unless the sender is new.

/** Of how many senders the newest call is remembered. Earlier senders are forgotten: they have ended long before
 * this many new senders have called. */
const MOST_SENDERS = 1_000;

export class NewestCalls {
  readonly #newest = new Map<string, number>();

  /** 0: no call of this sender is known. */
  of(sender: string): number {
    return this.#newest.get(sender) ?? 0;
  }

  /** Call this after the commit. */
  answered(sender: string, call: number): void {
    const newest = Math.max(call, this.of(sender));
    this.#newest.delete(sender);
    this.#newest.set(sender, newest);
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= MOST_SENDERS) break;
      this.#newest.delete(oldest);
    }
  }
}
