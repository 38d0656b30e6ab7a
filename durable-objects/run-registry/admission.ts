// Admission's one synchronous block: read, decide, write the run's row, the slot and the key together or not at all.
// Never an await, never the run's object: the caller arms the alarm and calls start() afterwards.
import type { Refused } from "../../src/contract/states.ts";
import type { RunSpec } from "../../src/contract/run.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import type { Idempotency, Overlap, WantedRun } from "../../src/contract/registry.ts";
import {
  IDEMPOTENCY_TTL_MS,
  START_AGAIN_MS,
  decideAdmission,
  grantedTo,
  overlapsWith,
  type Admission,
} from "./rules.ts";
import type { RunLimits } from "../../src/contract/limits.ts";
import type { RegistryStore } from "./store.ts";

/** Call inside transactionSync. */
export function writeAdmission(
  store: RegistryStore,
  wanted: WantedRun,
  /** Of the run that is to be continued, as it tells them; null: as it was started. */
  limits: RunLimits | null,
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
  const { takeOver: _open, ...given } = wanted;
  const filled = earlier ? { ...given, ...takenOver(earlier.spec, limits, wanted) } : given;
  const smallest = filled.parse.batchLines;
  if (earlier && filled.maxLinesPerSecond < smallest) {
    const detail = `its batches have up to ${smallest} lines; max_lines_per_second must be at least ${smallest}`;
    return { kind: "not_continuable", detail: `run ${continueOf}: ${detail}` };
  }
  const senders = replay ? [] : store.senders(window, chain);
  const decision = decideAdmission(
    request,
    { remembered, slot, isTaken, earlierStage: earlier?.stage, senders },
    now,
  );
  if (decision.kind !== "admit") return decision;

  const { runId, createdAt } = decision;
  const spec: RunSpec = { ...filled, runId, createdAt };
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
  const chain = chainOf(store, runId);
  return overlapsWith(parse, chain, store.senders(parse, chain));
}

/**
 * From the run that is continued. Frozen: what decides which lines there are and in which batches, since digests must be
 * comparable, and which files are looked for. Unless the request says otherwise: how the receiver is spared. A cap of the
 * deployment that is lower by now binds all the same.
 */
function takenOver(earlier: RunSpec, limits: RunLimits | null, wanted: WantedRun): Partial<RunSpec> {
  const { parse, logPrefix, folders, singleStampSpanMs, lateMarginMs, lookbackMs } = earlier;
  const frozen = { parse, logPrefix, folders, singleStampSpanMs, lateMarginMs, lookbackMs };
  const now: RunSpec = { ...earlier, ...limits };
  const open = Object.fromEntries((wanted.takeOver ?? []).map((name) => [name, now[name]]));
  const cap = wanted.takeOver?.includes("maxLinesPerSecond")
    ? { maxLinesPerSecond: Math.min(now.maxLinesPerSecond, wanted.maxLinesPerSecond) }
    : {};
  return { ...frozen, ...open, ...cap };
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
