// Handles the signals that may end this process. The caller decides how to end. Miniflare adds listeners that call
// process.exit at once, before an orderly end. Miniflare adds these listeners with every runtime that starts. This
// file removes each such listener when it is added.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function onlyOnSignal(handler: () => unknown): void {
  const ours = () => void handler();
  process.on("newListener", (event: string | symbol, listener: () => void) => {
    if (listener === ours) return;
    const signal = SIGNALS.find((name) => name === event);
    // Node adds the listener after this call, so a microtask removes it.
    if (signal !== undefined) queueMicrotask(() => process.removeListener(signal, listener));
  });
  for (const signal of SIGNALS) process.on(signal, ours);
}
