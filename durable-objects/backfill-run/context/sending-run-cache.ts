// Remembers the registry's last answer to a dry run: the run that may be parsing files in order to send them. An
// eviction loses this answer. The clock then asks the registry again before it enqueues a file.

/** How often a dry run asks the registry whether a run sends. When a run starts to send, the dry run stops parsing
 * within this time. */
export const LOOK_EVERY_MS = 5_000;

export class SendingRunCache {
  #at: number | null = null;
  #sendingRun: string | null = null;

  store(sendingRun: string | null, now: number): void {
    this.#at = now;
    this.#sendingRun = sendingRun;
  }

  /** The last answer of the registry. Null: ask again. A time in the future means that the clock was set back. */
  fresh(now: number): { sendingRun: string | null; until: number } | null {
    const at = this.#at;
    if (at === null || now < at || now >= at + LOOK_EVERY_MS) return null;
    return { sendingRun: this.#sendingRun, until: at + LOOK_EVERY_MS };
  }

  /** The last answer, even if the answer is old. Undefined: the registry was not asked since the Durable Object was
   * loaded. */
  get last(): string | null | undefined {
    return this.#at === null ? undefined : this.#sendingRun;
  }
}
