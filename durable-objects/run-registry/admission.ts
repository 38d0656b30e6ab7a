// Admission's one synchronous block: read, decide, write the run's row, the slot and the key together or not at all.
// Never an await, never the run's object: the caller arms the alarm and calls start() afterwards.
import type { Refused, RunSpec, RunStatus } from "../backfill-run/api.ts";
import type { Idempotency, WantedRun } from "./api.ts";
import { decideAdmission, grantedTo, IDEMPOTENCY_TTL_MS, START_AGAIN_MS, type Admission } from "./rules.ts";
import type { RegistryStore } from "./store.ts";

/** Call inside transactionSync. */
export function writeAdmission(
  store: RegistryStore,
  wanted: WantedRun,
  idempotency: Idempotency | null,
  now: number,
): Admission {
  const slot = store.slot();
  const { startMs, endMs } = wanted.parse;
  const request = { startMs, endMs, bodyHash: idempotency?.bodyHash ?? null };
  const remembered = idempotency ? store.remembered(idempotency.key) : undefined;
  const isTaken = (runId: string) => store.hasRun(runId);
  const decision = decideAdmission(request, { remembered, slot, isTaken }, now);
  if (decision.kind !== "admit") return decision;

  const { runId, createdAt } = decision;
  const spec: RunSpec = { ...wanted, runId, createdAt };
  const granted = grantedTo(slot, runId);
  const summary = "admitted; its object has not answered yet";
  store.saveSlot(granted);
  store.insertRun(spec, granted, { stage: "scanning_and_queueing", summary, pokeAt: now + START_AGAIN_MS });
  if (idempotency) store.remember(idempotency.key, { bodyHash: idempotency.bodyHash, runId, createdAt: now });
  store.prune(now - IDEMPOTENCY_TTL_MS);
  return decision;
}

/** A remembered answer, as it was first given. */
export function statusOf(answer: string): RunStatus {
  return JSON.parse(answer);
}

export function no<Code extends string>(code: Code, detail: string): Refused<Code> {
  return { ok: false, code, detail };
}

export function mismatch(): Refused<"idempotency_mismatch"> {
  return no("idempotency_mismatch", "this Idempotency-Key was used with another body");
}

export function taken(holder: string): Refused<"slot_taken"> & { holder: string } {
  return { ...no("slot_taken", `run ${holder} holds the receiver's slot`), holder };
}
