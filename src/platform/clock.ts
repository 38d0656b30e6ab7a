// The one alarm of a Durable Object. Owns the time for which the alarm is set, and makes sure that an alarm exists.
// alarm() catches every error and sets the next alarm. The constructor replaces a missing or overdue alarm, because
// the platform drops an alarm after six failures in a row. Any method of the Durable Object may ask for an earlier
// alarm. Other files decide what the alarm does.

export interface ClockDeps {
  storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;
  now(): number;
  /** Works for a limited time. Returns the time of the next alarm. Null: there is no next alarm. */
  turn(): Promise<number | null>;
  failed(error: unknown): void;
}

const AFTER_FAILURE_MS = 1_000;
/** The longest sleep of a Durable Object. An alarm that is farther ahead was set before the clock was set back. */
const LONGEST_SLEEP_MS = 300_000;

export class Clock {
  readonly #deps: ClockDeps;
  /** The alarm's time, as far as this instance of the Durable Object knows. */
  #wakeAt: number | null = null;

  constructor(deps: ClockDeps) {
    this.#deps = deps;
  }

  async rearm(): Promise<void> {
    const at = await this.#deps.storage.getAlarm();
    const now = this.#deps.now();
    this.#wakeAt = at !== null && at > now && at <= now + LONGEST_SLEEP_MS ? at : null;
    if (this.#wakeAt === null) this.soon();
  }

  /** Makes sure that the next alarm comes no later than `at`. */
  wakeBy(at: number): void {
    if (this.#wakeAt !== null && this.#wakeAt <= at) return;
    this.#wakeAt = at;
    // The write is not awaited. The output gate of the Durable Object holds back every answer until the alarm is
    // written.
    void this.#deps.storage.setAlarm(at);
  }

  soon(): void {
    this.wakeBy(this.#deps.now() + 1);
  }

  async tick(): Promise<void> {
    this.#wakeAt = null;
    let next: number | null = this.#deps.now() + AFTER_FAILURE_MS;
    try {
      next = await this.#deps.turn();
    } catch (error) {
      this.#deps.failed(error);
    } finally {
      if (next !== null) this.wakeBy(Math.max(next, this.#deps.now() + 1));
    }
  }
}
