// Writes one line of the run's audit trail, with the time of this turn. Returns the number of the line.
import type { Json } from "../../../src/contract/states.ts";
import type { RunContext } from "./context.ts";

export function addEvent(
  context: RunContext,
  actor: string,
  kind: string,
  detail: { [key: string]: Json },
): number {
  return context.store.addEvent({ at: context.now, actor, kind, detail });
}
