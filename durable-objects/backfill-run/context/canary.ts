// The canary: only the first batches go out, until an operator has looked at what came of them. Reads only.
import { acceptedOf } from "./accepted-codes.ts";
import type { Pause } from "./pause.ts";
import type { RunContext, StartedRun } from "./context.ts";
import type { Totals } from "../ledger/totals.ts";

/** While the first batches are out as a canary, and until an operator has looked at what came of them. */
export function canaryOf(
  context: RunContext,
  run: StartedRun,
  t: Totals,
): { left: number; untried: number; pause: Pause | null } | null {
  const { canary } = run.spec;
  if (canary === null || "canary" in acceptedOf(run.row)) return null;
  // a batch may be held before its first attempt: that one went nowhere
  const held = context.store.batches.tried("held", canary + 1);
  const ended = t.batches_done + t.batches_refused + held + t.batches_split;
  const detail = `the first ${canary} batches went out (${t.batches_done} done); resume sends the rest`;
  const isOver = ended >= canary && t.batches_leased === 0;
  const left = canary - ended - t.batches_leased;
  return {
    left,
    // a canary that is tried again is still the same one
    untried: left - context.store.batches.tried("pending", canary),
    pause: isOver ? { code: "canary", detail, park: false } : null,
  };
}
