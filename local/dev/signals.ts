// Handles the signals that may end this process. The caller decides how to end. Miniflare's own listeners call
// process.exit at once, before an orderly end, and return with every runtime that starts. This file removes
// them as they arrive.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function onlyOnSignal(handler: () => unknown): void {
  const ours = () => void handler();
  process.on("newListener", (event: string | symbol, listener: () => void) => {
    if (listener === ours) return;
    const signal = SIGNALS.find((name) => name === event);
    // The listener is added after this call, so it is removed in a microtask.
    if (signal !== undefined) queueMicrotask(() => process.removeListener(signal, listener));
  });
  for (const signal of SIGNALS) process.on(signal, ours);
}
