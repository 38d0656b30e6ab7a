// Measures for how long the calls of an object block it. All other callers of the object wait meanwhile.

export interface Blocked {
  calls: number;
  totalMs: number;
  longestMs: number;
}

/** By method, since the last reset. */
export let blocked: Record<string, Blocked> = {};

export function resetBlocked(): void {
  blocked = {};
}

/** Wraps every method of the class but `alarm`, which waits for other objects. */
export function measureBlocking(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method: unknown = Reflect.get(prototype, name);
    if (name === "constructor" || name === "alarm" || typeof method !== "function") continue;
    Reflect.set(prototype, name, function measured(this: unknown, ...args: unknown[]): unknown {
      const began = performance.now();
      try {
        // The object is blocked until the method returns its promise, at its first await.
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
