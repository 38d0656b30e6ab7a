// Applies an operator's decision about one batch, when the run itself cannot decide. The operator sends the batch
// again, or settles it by hand.
import type { RunContext } from "../context/context.ts";
import { no, type Done } from "./outcome.ts";
import { isSetAside } from "../ledger/states.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { NO_REASON, RESOLVED_DELIVERED, RESOLVED_DISCARDED, because } from "../ledger/reasons.ts";

export function retryBatch(context: RunContext, number: number): Done {
  const batch = context.store.batches.get(number);
  if (!batch) return no("unknown_batch", `no batch ${number}`);
  if (!isSetAside(batch.state)) return no("wrong_state", `batch ${number} is ${batch.state}`);
  if (!fileGoesOn(context, batch)) return no("wrong_state", `settle file ${batch.file} first`);
  sendAgain(context, batch);
  return { ok: true, changed: 1 };
}

function fileGoesOn(context: RunContext, batch: BatchRow): boolean {
  const state = context.store.files.get(batch.file)?.state;
  return state === "open" || state === "listed" || state === "parsing";
}

export function sendAgain(context: RunContext, batch: BatchRow): void {
  context.store.moveBatch(batch, "pending", { retry_at: context.now, counted: 0, ...NO_REASON });
}

export function resolveBatch(
  context: RunContext,
  number: number,
  outcome: "delivered" | "resend" | "discard",
  note: string | null,
): Done {
  const batch = context.store.batches.get(number);
  if (!batch) return no("unknown_batch", `no batch ${number}`);
  const waits = batch.state === "pending" && batch.attempt > 0;
  if (!waits && !isSetAside(batch.state)) {
    return no(
      "wrong_state",
      `batch ${number} is ${batch.state}: only what was tried and is not settled can be resolved`,
    );
  }
  if (outcome === "resend") {
    if (!fileGoesOn(context, batch)) return no("wrong_state", `settle file ${batch.file} first`);
    sendAgain(context, batch);
    return { ok: true, changed: 1 };
  }
  if (!note) return no("note_needed", "settling a batch by hand needs a note that says how it is known");
  if (outcome === "delivered") {
    // The decision settles one attempt: the lines arrived by it. Earlier attempts may have delivered them too, so their
    // lines stay possible duplicates.
    const newest = context.store.attempts.of(number).findLast(({ state }) => state === "uncertain");
    if (newest) context.store.attempts.move(newest, "resolved", newest.cause);
  }
  if (outcome === "delivered")
    context.store.moveBatch(batch, "done", { ...because(RESOLVED_DELIVERED, note), done_at: context.now });
  else context.store.moveBatch(batch, "discarded", because(RESOLVED_DISCARDED, note));
  context.store.totals.add("exceptions", 1);
  return { ok: true, changed: 1 };
}
