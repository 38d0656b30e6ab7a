// Admission's one synchronous block: read, decide, write the run's row, the slot and the key together or not at all.
// Never an await, never the run's object: the caller arms the alarm and calls start() afterwards.
import type { Refused, RunSpec, RunStatus } from "../backfill-run/api.ts";
import type { Idempotency, Overlap, WantedRun } from "./api.ts";
import {
  decideAdmission,
  grantedTo,
  overlapsWith,
  IDEMPOTENCY_TTL_MS,
  START_AGAIN_MS,
  type Admission,
} from "./rules.ts";
import type { RegistryStore } from "./store.ts";

/** Call inside transactionSync. */
export function writeAdmission(
  store: RegistryStore,
  wanted: WantedRun,
  idempotency: Idempotency | null,
  now: number,
): Admission {
  const slot = store.slot();
  const { continueOf, replay } = wanted;
  const earlier = continueOf === null ? undefined : store.earlier(continueOf);
  // a run that continues another one takes over what that one was asked for
  const window = earlier?.spec.parse ?? wanted.parse;
  const chain = chainOf(store, continueOf);
  const request = { window, replay, continueOf, chain, bodyHash: idempotency?.bodyHash ?? null };
  const remembered = idempotency ? store.remembered(idempotency.key) : undefined;
  const isTaken = (runId: string) => store.hasRun(runId);
  if (earlier && wanted.maxLinesPerSecond < earlier.spec.parse.batchLines) {
    const detail = `its batches have ${earlier.spec.parse.batchLines} lines, more than max_lines_per_second lets leave`;
    return { kind: "not_continuable", detail: `run ${continueOf}: ${detail}` };
  }
  const senders = replay ? [] : store.senders(window.startMs, window.endMs);
  const decision = decideAdmission(
    request,
    { remembered, slot, isTaken, earlierStage: earlier?.stage, senders },
    now,
  );
  if (decision.kind !== "admit") return decision;

  const { runId, createdAt } = decision;
  const spec: RunSpec = { ...wanted, ...(earlier && takenOver(earlier.spec)), runId, createdAt };
  const granted = grantedTo(slot, runId);
  const summary = "admitted; its object has not answered yet";
  store.saveSlot(granted);
  store.insertRun(spec, granted, { stage: "scanning_and_queueing", summary, pokeAt: now + START_AGAIN_MS });
  if (idempotency) store.remember(idempotency.key, { bodyHash: idempotency.bodyHash, runId, createdAt: now });
  store.prune(now - IDEMPOTENCY_TTL_MS);
  return decision;
}

/** A run, the one that it continued, and so on: what each sent is taken over by the next. */
export function chainOf(store: RegistryStore, runId: string | null): string[] {
  const chain: string[] = [];
  for (let next = runId; next !== null && !chain.includes(next);) {
    chain.push(next);
    next = store.earlier(next)?.spec.continueOf ?? null;
  }
  return chain;
}

/** Runs that sent lines of this run's window since it was admitted; it may send only if it was told to replay. */
export function overlapsOf(store: RegistryStore, runId: string): Overlap[] {
  const run = store.earlier(runId);
  if (!run || run.spec.replay) return [];
  const { parse } = run.spec;
  return overlapsWith(parse, chainOf(store, runId), store.senders(parse.startMs, parse.endMs));
}

/** What decides which lines there are, and in which batches: it must be the same for digests to be comparable. */
function takenOver(spec: RunSpec): Pick<RunSpec, "parse" | "logPrefix" | "folders" | "singleStampSpanMs"> {
  const { parse, logPrefix, folders, singleStampSpanMs } = spec;
  return { parse, logPrefix, folders, singleStampSpanMs };
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

export function overlapping(overlaps: Overlap[]): Refused<"overlap"> & { overlaps: Overlap[] } {
  const named = overlaps.map(({ run, start, end }) => `${run} covers ${start} to ${end}`);
  return { ...no("overlap", `lines of this window were sent before: ${named.join("; ")}`), overlaps };
}
