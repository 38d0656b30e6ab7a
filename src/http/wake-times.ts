// Remembers when this isolate last woke a Durable Object whose clock may have stopped. A call to wake a Durable
// Object costs as much as an answer, so many requests at once share one call. Does no I/O.

/** A stopped clock starts again at most this much later than it would with a call for each request. */
export const WAKE_EVERY_MS = 1_000;

export class WakeTimes {
  readonly #at = new Map<string, number>();

  /** True at most once per `WAKE_EVERY_MS` for each name, also when the clock was set back. */
  isDue(name: string, now: number): boolean {
    const at = this.#at.get(name);
    if (at !== undefined && Math.abs(now - at) < WAKE_EVERY_MS) return false;
    this.#at.set(name, now);
    return true;
  }

  /** Call when a wake-up call failed. The next request then tries again. */
  failed(name: string): void {
    this.#at.delete(name);
  }
}
