// Measures for how long calls block a Durable Object. All other callers of the Durable Object wait meanwhile.

export interface Blocked {
  calls: number;
  totalMs: number;
  longestMs: number;
}

/** For how long each method blocked the Durable Object since the last reset. */
export let blocked: Record<string, Blocked> = {};

export function resetBlocked(): void {
  blocked = {};
}

/** Wraps every method of the class but `alarm`, which waits for other Durable Objects. */
export function measureBlocking(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method: unknown = Reflect.get(prototype, name);
    if (name === "constructor" || name === "alarm" || typeof method !== "function") continue;
    Reflect.set(prototype, name, function measured(this: unknown, ...args: unknown[]): unknown {
      const began = performance.now();
      try {
        // The Durable Object is blocked until the method returns its promise, at its first await.
        return method.apply(this, args);
      } finally {
        const ms = performance.now() - began;
        const of = (blocked[name] ??= { calls: 0, totalMs: 0, longestMs: 0 });
        of.calls += 1;
        of.totalMs += ms;
        of.longestMs = Math.max(of.longestMs, ms);
      }
    });
  }
}
