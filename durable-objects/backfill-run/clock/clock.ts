// A run's clock: the one alarm of its object. Owns when it is set for, and that it never stops: alarm() catches
// everything and re-arms, the constructor sets a missing or overdue alarm again (after six failures in a row the
// platform gives up on an alarm for ever), and every verb may ask for an earlier tick. What a tick does is not its own.

export interface ClockDeps {
  storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;
  now(): number;
  /** Works for a bounded time; gives the time of the next tick, null when there will never be one. */
  turn(): Promise<number | null>;
  failed(error: unknown): void;
}

const AFTER_FAILURE_MS = 1_000;
/** No run sleeps longer (plan.ts): an alarm farther ahead was set by a clock that was set back since. */
const LONGEST_SLEEP_MS = 300_000;

export class Clock {
  readonly #deps: ClockDeps;
  /** What the alarm is set for, as far as this life of the object knows. */
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

  /** Ticks no later than `at`. */
  wakeBy(at: number): void {
    if (this.#wakeAt !== null && this.#wakeAt <= at) return;
    this.#wakeAt = at;
    // not awaited: the object's output gate holds every answer back until this is written
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
