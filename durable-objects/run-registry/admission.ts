// Admission's one synchronous block: reads, decides, and writes the run's row, the slot and the key together
// or not at all. It never awaits and never calls the run's object. The caller arms the alarm and calls start()
// afterwards.
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
  /** The present limits of the continued run. Null: use the limits it was started with. */
  limits: RunLimits | null,
  idempotency: Idempotency | null,
  now: number,
): Admission {
  const slot = store.slot();
  const { continueOf, replay } = wanted;
  const earlier = continueOf === null ? undefined : store.earlier(continueOf);
  // A continuation takes over the window of the run that it continues.
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
  const summary = "admitted; the run has not answered yet";
  store.saveSlot(granted);
  store.insertRun(spec, granted, { stage: "scanning_and_queueing", summary, pokeAt: now + START_AGAIN_MS });
  if (idempotency) store.remember(idempotency.key, { bodyHash: idempotency.bodyHash, runId, createdAt: now });
  store.prune(now - IDEMPOTENCY_TTL_MS);
  return decision;
}

/** A run, the run that it continued, and so on. Each took over what the earlier ones sent. */
export function chainOf(store: RegistryStore, runId: string | null): string[] {
  const chain: string[] = [];
  for (let next = runId; next !== null && !chain.includes(next);) {
    chain.push(next);
    next = store.earlier(next)?.spec.continueOf ?? null;
  }
  return chain;
}

/** Runs that sent lines of this run's window since its admission. With any, the run may send only with
 * `replay`. */
export function overlapsOf(store: RegistryStore, runId: string): Overlap[] {
  const run = store.earlier(runId);
  if (!run || run.spec.replay) return [];
  const { parse } = run.spec;
  const chain = chainOf(store, runId);
  return overlapsWith(parse, chain, store.senders(parse, chain));
}

/** The members that a continuation takes from the earlier run. Always: what decides which lines exist and in
 * which batches, because digests must be comparable, and which files are searched. Unless the request gives
 * them: the limits. A lower cap of the deployment applies in any case. */
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

/** A remembered answer, as first given. */
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
