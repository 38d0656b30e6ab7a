// What may end this process from outside: signals, and the loss of its parent. Never decides what an end consists of.
// Miniflare's own listeners call process.exit at once, before anything orderly can happen, and come back with every
// runtime that starts; they are removed as they arrive.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function onlyOnSignal(handler: () => unknown): void {
  const ours = () => void handler();
  process.on("newListener", (event: string | symbol, listener: () => void) => {
    if (listener === ours) return;
    const signal = SIGNALS.find((name) => name === event);
    // The listener is added after this call.
    if (signal !== undefined) queueMicrotask(() => process.removeListener(signal, listener));
  });
  for (const signal of SIGNALS) process.on(signal, ours);
}

const PARENT_LOOK_MS = 250;

/**
 * npm passes a signal to the shell between it and this process, and that shell dies without passing it on: the loss of
 * the parent is all this process gets to see of it. Not for a process started by hand, which may outlive its shell.
 */
export function onOrphaned(handler: () => unknown): void {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    void handler();
  }, PARENT_LOOK_MS);
  look.unref();
}
