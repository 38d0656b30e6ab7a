// R2 that fails parsers: which file tries it next, and what is remembered of the outage.
import type { RunContext } from "../context/context.ts";

/** Which file tries R2 now. */
export function trialOf(file: number): string {
  return `f${file}`;
}

export function keepMemory(context: RunContext): void {
  context.store.totals.set({ pace_json: JSON.stringify(context.memory.keep()) });
}
