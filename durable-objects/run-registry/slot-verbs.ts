// The methods of the receiver's slot, which allows one run at a time to send. Each method is one synchronous
// transaction. A run may be refused the slot while a run of the window queue sends. The slot is then reserved for
// the refused run.
import type { SlotAnswer } from "../../src/contract/registry.ts";
import { overlapping, overlapsOf, taken } from "./admission.ts";
import type { WindowQueue } from "./queue/window-queue.ts";
import { decideAcquire, decideRelease } from "./rules.ts";
import type { RegistryStore } from "./store.ts";

export function acquireSlot(
  store: RegistryStore,
  queue: WindowQueue,
  runId: string,
  replay: boolean,
): SlotAnswer {
  return store.transaction((): SlotAnswer => {
    const run = store.earlier(runId);
    if (!run) throw new Error(`run ${runId} was never admitted`);
    if (run.spec.dryRun) throw new Error(`run ${runId} is a dry run: it takes no slot`);
    const decided = decideAcquire(store.slot(), runId);
    if (decided.kind === "slot_taken") {
      const refused = taken(decided.holder);
      if (!queue.refused(runId, decided.holder)) return refused;
      const detail = `${refused.detail}; this run gets the slot before the next window: repeat the request then`;
      return { ...refused, detail };
    }
    const overlaps = decided.kind === "grant" && !replay ? overlapsOf(store, runId) : [];
    if (overlaps.length > 0) {
      queue.turnEnded(runId);
      return overlapping(overlaps);
    }
    store.saveSlot(decided.slot);
    store.markUnfinished(runId);
    queue.turnEnded(runId);
    return { ok: true, fence: decided.slot.fence, notBefore: decided.slot.notBefore };
  });
}

export function releaseSlot(
  store: RegistryStore,
  queue: WindowQueue,
  {
    runId,
    fence,
    lastPermitEnd,
    sentSomething,
  }: {
    runId: string;
    fence: number;
    lastPermitEnd: number;
    sentSomething: boolean;
  },
): void {
  store.transaction(() => {
    if (sentSomething) store.markSent(runId);
    const freed = decideRelease(store.slot(), runId, fence, lastPermitEnd);
    if (!freed) return;
    store.saveSlot(freed);
    queue.freed();
  });
}
