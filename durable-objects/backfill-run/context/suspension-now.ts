// Finds the condition that suspends the run now: a setting, the receiver's Retry-After, R2, or a failure. Reads,
// never writes.
import type { BreakerState } from "../receiver/breaker.ts";
import { suspension } from "./suspension.ts";
import type { RunContext, StartedRun } from "./context.ts";
import { restOf } from "./rest.ts";
import { storageReason } from "./storage-outage.ts";
import type { Totals } from "../ledger/totals.ts";

interface Reason {
  code: string;
  detail: string;
}

/** The condition that suspends the run now. Each condition except an overlap ends by itself. Settings come first,
 * then an overlap, then hours and days, then the slot, then pauses, then failures. */
export function suspensionNow(context: RunContext, run: StartedRun, totals: Totals): Reason | null {
  const found = suspension(run, context.settings);
  if (found && found.code !== run.breaker.open?.code) return found;
  const refused = run.row.slot === "owned" ? null : context.memory.slotRefusal.reason;
  if (refused?.code === "overlap") return refused;
  const rest = restOf(context, run);
  if (rest) return { code: rest.code, detail: rest.detail };
  if (refused) return refused;
  const storage =
    totals.batches_pending > 0 ? storageReason([context.memory.storage.send], context.now) : null;
  return askedToWait(run.breaker, totals, context.now) ?? storage ?? found;
}

/** The suspension while a Retry-After stops all POSTs, probes included, and batches wait. */
function askedToWait(breaker: BreakerState, totals: Totals, now: number): Reason | null {
  const waiting = totals.batches_pending + totals.files_listed + totals.files_parsing;
  if (now >= breaker.holdUntil || waiting === 0) return null;
  const why = breaker.open ? ` (${breaker.open.code})` : "";
  const goesOnAt = new Date(breaker.holdUntil).toISOString();
  return {
    code: "receiver_asked_to_wait",
    detail: `the receiver sent Retry-After${why}; sending goes on at ${goesOnAt}`,
  };
}
