// Asking the registry for the receiver's slot. A verb and the clock may ask at the same time, and answers may come late
// or in another order. A "yes" always counts. A "no" counts only when its request was the only one from its beginning to
// its end: otherwise another request may have been granted meanwhile, and the run stays `asking`. The clock asks again
// while the run is `asking`, so that a granted slot is never forgotten.
import type { SlotAnswer } from "../../../src/contract/registry.ts";
import { started, type RunContext } from "../context/context.ts";
import { saveSending } from "./send-verbs.ts";

export async function askForSlot(
  context: () => RunContext,
  acquire: () => Promise<SlotAnswer>,
): Promise<SlotAnswer> {
  const before = context();
  const request = before.memory.slotRequests.begin();
  let wasAlone = false;
  let slot: SlotAnswer;
  try {
    before.store.run.update({ slot: "asking" });
    slot = await acquire();
  } finally {
    ({ wasAlone } = request.end());
  }
  const after = context();
  if (slot.ok) takeSlot(after, slot);
  else if (wasAlone && started(after)?.row.slot === "asking") after.store.run.update({ slot: "none" });
  return slot;
}

/** The slot is this run's from now on. */
function takeSlot(context: RunContext, slot: { fence: number; notBefore: number }): void {
  const run = started(context);
  if (!run) return;
  context.memory.limiter.slotTaken(slot.notBefore, context.now);
  context.store.transaction(() => {
    context.store.run.update({ slot: "held", slot_fence: slot.fence });
    saveSending(context, run);
  });
}
