// The signals that may end this process. Never decides what an end consists of.
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
