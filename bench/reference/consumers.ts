// Runs the consumers of one simulated queue as the platform does: a number of invocations at once, each with the
// messages that arrive within a time. Unlike the platform, it starts every allowed invocation at once.

export interface ConsumerSettings {
  /** max_batch_size, max_batch_timeout (in ms) and max_concurrency of wrangler.toml. */
  batch: number;
  timeoutMs: number;
  concurrency: number;
}

export class Consumers<Body> {
  readonly #settings: ConsumerSettings;
  readonly #invoke: (bodies: Body[]) => Promise<unknown>;
  #waiting: { body: Body; at: number }[] = [];
  readonly #open = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #error: unknown = null;
  invocations = 0;

  constructor(settings: ConsumerSettings, invoke: (bodies: Body[]) => Promise<unknown>) {
    this.#settings = settings;
    this.#invoke = invoke;
  }

  /** @throws the error of an invocation that failed. */
  add(bodies: readonly Body[]): void {
    if (this.#error !== null) throw this.#error;
    const at = performance.now();
    this.#waiting.push(...bodies.map((body) => ({ body, at })));
    this.#start();
  }

  /** Resolves when all invocations have ended. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#waiting = [];
    await Promise.all(this.#open);
  }

  #start(): void {
    const { batch, timeoutMs, concurrency } = this.#settings;
    clearTimeout(this.#timer);
    while (this.#open.size < concurrency) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const restMs = first.at + timeoutMs - performance.now();
      if (this.#waiting.length < batch && restMs > 0) {
        this.#timer = setTimeout(() => this.#start(), restMs);
        return;
      }
      this.invocations += 1;
      const bodies = this.#waiting.splice(0, batch).map(({ body }) => body);
      const invocation: Promise<unknown> = this.#invoke(bodies)
        .catch((error: unknown) => (this.#error = error))
        .finally(() => {
          this.#open.delete(invocation);
          this.#start();
        });
      this.#open.add(invocation);
    }
  }
}
