// Admits a run in one synchronous block. The block reads, decides, and writes the run's row, the receiver's slot
// and the Idempotency-Key together or not at all. The block never awaits and never calls the run's Durable Object.
// The caller arms the alarm and calls start() afterwards.
import { shownReceiver } from "../../src/contract/receivers.ts";
import type { Refused } from "../../src/contract/states.ts";
import type { PlannedAnswer, RunSpec } from "../../src/contract/run.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import type { AdmitAnswer, Idempotency, Overlap, WantedRun } from "../../src/contract/registry.ts";
import {
  IDEMPOTENCY_TTL_MS,
  START_AGAIN_MS,
  decideAdmission,
  grantedTo,
  overlapsWith,
  type Admission,
  type PlanRefusal,
} from "./rules.ts";
import type { RunLimits } from "../../src/contract/limits.ts";
import type { NamedRuns } from "./named-runs.ts";
import type { RegistryStore } from "./store.ts";

/** Call inside transactionSync. */
export function writeAdmission(
  store: RegistryStore,
  wanted: WantedRun,
  { limits, plan }: NamedRuns,
  idempotency: Idempotency | null,
  now: number,
): Admission {
  const slot = store.slot();
  const { continueOf, replay } = wanted;
  const earlier = continueOf === null ? undefined : store.earlier(continueOf);
  const planned = wanted.plan && plan?.ok ? store.earlier(wanted.plan.run) : undefined;
  // A continuation takes over the window of the run that it continues. A run made from a plan takes over the window
  // of the dry run.
  const window = (earlier ?? planned)?.spec.parse ?? wanted.parse;
  const except = [...chainOf(store, continueOf), ...(wanted.sharedWith ?? [])];
  const isDry = wanted.dryRun === true;
  const receiver = ((earlier ?? planned)?.spec ?? wanted).receiver;
  const request = {
    window,
    receiver,
    replay,
    isDry,
    continueOf,
    except,
    bodyHash: idempotency?.bodyHash ?? null,
  };
  const remembered = idempotency ? store.remembered(idempotency.key) : undefined;
  const isTaken = (runId: string) => store.hasRun(runId);
  const { takeOver: _open, ...given } = wanted;
  const { receiver: _receiver, http: _http, ...withoutReceiver } = given;
  const filled = {
    // An earlier run without this member sends to the partner, whatever the receiver of new runs is.
    ...((earlier ?? planned) ? withoutReceiver : given),
    ...(earlier && takenOver(earlier.spec, limits, wanted)),
    ...(planned && plan?.ok && { ...frozenOf(planned.spec), ...listingOf(plan) }),
  };
  const { batchLines } = filled.parse;
  if (earlier?.spec.dryRun) {
    return { kind: "not_continuable", detail: `run ${continueOf} is a dry run; it sent nothing` };
  }
  if (earlier && filled.maxLinesPerSecond < batchLines) {
    const detail = `its batches have up to ${batchLines} lines; max_lines_per_second must be at least ${batchLines}`;
    return { kind: "not_continuable", detail: `run ${continueOf}: ${detail}` };
  }
  if (earlier && (filled.dailyLines ?? batchLines) < batchLines) {
    const detail = `its batches have up to ${batchLines} lines; daily_lines must be at least ${batchLines}`;
    return { kind: "not_continuable", detail: `run ${continueOf}: ${detail}` };
  }
  const senders = replay || isDry ? [] : store.senders(window, except);
  const dryRun = isDry ? store.unfinishedDryRun() : null;
  const planRefusal = planRefusalOf(wanted, plan, filled, batchLines);
  const decision = decideAdmission(
    request,
    { remembered, slot, isTaken, earlierStage: earlier?.stage, dryRun, planRefusal, senders },
    now,
  );
  if (decision.kind !== "admit") return decision;

  const { runId, createdAt } = decision;
  const spec: RunSpec = { ...filled, runId, createdAt };
  const granted = isDry ? slot : grantedTo(slot, runId);
  const summary = "admitted; the run has not answered yet";
  const stage = isDry ? "counting" : "scanning_and_queueing";
  if (!isDry) store.saveSlot(granted);
  store.insertRun(spec, granted, { stage, summary, pokeAt: now + START_AGAIN_MS });
  if (idempotency) store.remember(idempotency.key, { bodyHash: idempotency.bodyHash, runId, createdAt: now });
  store.prune(now - IDEMPOTENCY_TTL_MS);
  return decision;
}

/** A run, the run that it continued, and so on. Each run took over what the runs before it had sent. */
export function chainOf(store: RegistryStore, runId: string | null): string[] {
  const chain: string[] = [];
  for (let next = runId; next !== null && !chain.includes(next);) {
    chain.push(next);
    next = store.earlier(next)?.spec.continueOf ?? null;
  }
  return chain;
}

/** Runs that sent lines of this run's window since its admission. If a run did, this run may send only with
 * `replay`. */
export function overlapsOf(store: RegistryStore, runId: string): Overlap[] {
  const run = store.earlier(runId);
  if (!run || run.spec.replay) return [];
  const { parse } = run.spec;
  const except = [...chainOf(store, runId), ...(run.spec.sharedWith ?? [])];
  return overlapsWith(parse, except, store.senders(parse, except));
}

/** Why the request cannot replay the plan that it names. Null: the request can, or it has no `from_plan`. */
function planRefusalOf(
  { plan: named }: WantedRun,
  plan: PlannedAnswer | null,
  { maxLinesPerSecond, dailyLines }: Pick<RunSpec, "maxLinesPerSecond" | "dailyLines">,
  batchLines: number,
): PlanRefusal | null {
  if (!named) return null;
  if (!plan?.ok) {
    const detail = `run ${named.run}: ${plan?.detail ?? "it is unknown"}`;
    return { kind: "plan_not_usable", field: "from_plan", detail };
  }
  if (plan.hash !== named.hash) {
    const detail = `run ${named.run} has the plan ${plan.hash}`;
    return { kind: "plan_outdated", field: "plan_hash", detail };
  }
  const tooSmall = maxLinesPerSecond < batchLines ? "max_lines_per_second" : "daily_lines";
  if (Math.min(maxLinesPerSecond, dailyLines ?? batchLines) < batchLines) {
    const detail = `the planned batches have up to ${batchLines} lines; with a lower cap one could never be sent`;
    return { kind: "plan_not_usable", field: tooSmall, detail };
  }
  return null;
}

/** The margins with which the dry run ended. With the same margins the run finds the same files. */
function listingOf({ lateMarginMs, lookbackMs }: Extract<PlannedAnswer, { ok: true }>): Partial<RunSpec> {
  return { lateMarginMs, lookbackMs };
}

/** The members that decide which lines exist, in which batches, which files are searched, and which receiver gets the
 * lines. */
function frozenOf(earlier: RunSpec): Partial<RunSpec> & Pick<RunSpec, "parse"> {
  const { parse, logPrefix, livePrefix, folders, singleStampSpanMs, lateMarginMs, lookbackMs } = earlier;
  const { live, receiver, http } = earlier;
  const frozen = { parse, logPrefix, folders, singleStampSpanMs, lateMarginMs, lookbackMs };
  const markers = livePrefix === undefined ? {} : { livePrefix };
  return {
    ...frozen,
    ...markers,
    ...(live && { live }),
    ...(receiver && { receiver }),
    ...(http && { http }),
  };
}

/** The members that a continuation takes from the earlier run. It always takes the members that decide which files
 * are searched, which lines exist and in which batches, because digests must be comparable. A continuation also
 * takes each limit that the request does not give. A lower cap of the deployment applies in any case. */
function takenOver(earlier: RunSpec, limits: RunLimits | null, wanted: WantedRun): Partial<RunSpec> {
  const now: RunSpec = { ...earlier, ...limits };
  const open = Object.fromEntries((wanted.takeOver ?? []).map((name) => [name, now[name]]));
  const cap = wanted.takeOver?.includes("maxLinesPerSecond")
    ? { maxLinesPerSecond: Math.min(now.maxLinesPerSecond, wanted.maxLinesPerSecond) }
    : {};
  return { ...frozenOf(earlier), ...open, ...cap };
}

/** Reads a remembered answer, as it was first given. An answer of an earlier version has no `receiver`. */
export function statusOf(answer: string): RunStatus {
  const status = JSON.parse(answer) as RunStatus;
  return { ...status, receiver: shownReceiver((status as Partial<RunStatus>).receiver) };
}

export function no<Code extends string>(code: Code, detail: string): Refused<Code> {
  return { ok: false, code, detail };
}

export function mismatch(): Refused<"idempotency_mismatch"> {
  return no("idempotency_mismatch", "this Idempotency-Key was used with another body");
}

export function taken(holder: string): Refused<"slot_taken"> & { holder: string } {
  return { ...no("slot_taken", `run ${holder} owns the receiver's slot`), holder };
}

export function overlapping(overlaps: Overlap[]): Refused<"overlap"> & { overlaps: Overlap[] } {
  const named = overlaps.map(({ run, start, end }) => `${run} covers ${start} to ${end}`);
  return { ...no("overlap", `lines of this window were sent before: ${named.join("; ")}`), overlaps };
}

/** The refusal while the run that the request continues, or its plan, does not answer. */
export function unanswered({ plan, continueOf }: WantedRun): Extract<AdmitAnswer, { ok: false }> {
  const detail = `run ${plan?.run ?? continueOf} has not answered; repeat the request`;
  return plan ? { ...no("plan_not_usable", detail), field: "from_plan" } : no("not_continuable", detail);
}

/** The refusal of every decision that does not lead to a run. */
export function refusalOf(
  decision: Exclude<Admission, { kind: "admit" | "replay" }>,
): Extract<AdmitAnswer, { ok: false }> {
  switch (decision.kind) {
    case "idempotency_mismatch":
      return mismatch();
    case "slot_taken":
      return taken(decision.holder);
    case "overlap":
      return overlapping(decision.overlaps);
    case "not_continuable":
      return no("not_continuable", decision.detail);
    case "dry_run_under_way": {
      const { holder } = decision;
      return { ...no("dry_run_under_way", `dry run ${holder} has not ended`), holder };
    }
    case "plan_not_usable":
    case "plan_outdated":
      return { ...no(decision.kind, decision.detail), field: decision.field };
  }
}
