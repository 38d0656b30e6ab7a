// Counts the batches of the canary. A run with a canary sends its first batches, then pauses until an operator
// resumes the run. Reads only.
import { acceptedOf } from "./accepted-codes.ts";
import type { Pause } from "./pause.ts";
import type { RunContext, StartedRun } from "./context.ts";
import type { Totals } from "../ledger/totals.ts";

/** How many batches of the canary remain. Null: the run has no canary, or an operator has resumed the run. `left`:
 * how many batches may still be claimed. `untried`: how many of them may be batches that were never claimed before. */
export function canaryOf(
  context: RunContext,
  run: StartedRun,
  t: Totals,
): { left: number; untried: number; pause: Pause | null } | null {
  const { canary } = run.spec;
  if (canary === null || "canary" in acceptedOf(run.row)) return null;
  // A batch may be held before its first attempt, without being sent. So only batches with an attempt count.
  const held = context.store.sendable.tried("held", canary + 1);
  const discarded = context.store.sendable.tried("discarded", canary + 1);
  const ended = t.batches_done + t.batches_refused + held + discarded + t.batches_split;
  const first = canary === 1 ? "the first batch is" : `the first ${canary} batches are`;
  const detail = `${first} sent (${t.batches_done} delivered); resume sends the rest`;
  const isOver = ended >= canary && t.batches_leased === 0;
  const left = canary - ended - t.batches_leased;
  return {
    left,
    // A retried batch is already part of the canary.
    untried: left - context.store.sendable.tried("pending", canary),
    pause: isOver ? { code: "canary", detail, park: false } : null,
  };
}
