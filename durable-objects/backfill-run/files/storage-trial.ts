// Makes the key of the one file that tries R2 next, while R2 fails for parsers.
import type { RunContext } from "../context/context.ts";

/** The key under which this file tries R2. */
export function trialOf(file: number): string {
  return `f${file}`;
}

export function keepMemory(context: RunContext): void {
  context.store.totals.set({ pace_json: JSON.stringify(context.memory.keep()) });
}
