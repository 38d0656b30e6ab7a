// Asks the registry for the receiver's slot, which allows one run at a time to send. A command and the clock may
// ask at the same time. Answers may come late or in another order. A granted slot always counts. A refusal counts
// only when no other request was unanswered at the same time. Otherwise another request may have got the slot, so
// the run stays `asking`. While the run is `asking`, the clock asks again. So the run learns of every slot that it
// owns.
import type { SlotAnswer } from "../../../src/contract/registry.ts";
import { started, type RunContext } from "../context/context.ts";
import { saveSending } from "./send-verbs.ts";

/** `isNew`: this answer brought the slot. False: the run owns it already, by another request, or was refused. */
export async function askForSlot(
  context: () => RunContext,
  acquire: () => Promise<SlotAnswer>,
): Promise<SlotAnswer & { isNew: boolean }> {
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
  const side = started(after)?.row.slot;
  if (slot.ok) takeSlot(after, slot);
  else if (wasAlone && side === "asking") after.store.run.update({ slot: "none" });
  return { ...slot, isNew: slot.ok && side !== "owned" };
}

/** Records that the registry refused the slot to the clock of a working run. */
export function slotRefused(context: RunContext, answer: Extract<SlotAnswer, { ok: false }>): void {
  const run = started(context);
  if (!run) return;
  context.memory.slotRefusal.refused(answer, context.now);
  context.store.transaction(() => saveSending(context, run));
}

/** Records that this run owns the slot from now on. */
function takeSlot(context: RunContext, slot: { fence: number; notBefore: number }): void {
  const run = started(context);
  if (!run) return;
  context.memory.slotRefusal.granted();
  context.memory.limiter.slotTaken(slot.notBefore, context.now);
  context.store.transaction(() => {
    context.store.run.update({ slot: "owned", slot_fence: slot.fence });
    saveSending(context, run);
  });
}
