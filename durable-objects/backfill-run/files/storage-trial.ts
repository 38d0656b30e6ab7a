// While R2 fails parsers: which file tries R2 next.
import type { RunContext } from "../context/context.ts";

/** The key under which this file tries R2. */
export function trialOf(file: number): string {
  return `f${file}`;
}

export function keepMemory(context: RunContext): void {
  context.store.totals.set({ pace_json: JSON.stringify(context.memory.keep()) });
}
