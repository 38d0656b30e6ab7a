// What an operator or the registry asks of the run as a whole: start, abort, entering a stage. Synchronous turns.
import type { AbortAnswer, AbortRequest, Json, RunSpec, StartAnswer } from "./api.ts";
import { noAnswers } from "./answers.ts";
import { dropBulk } from "./bulk-commands.ts";
import { closedBreaker } from "./breaker.ts";
import { started, type RunContext, type StartedRun } from "./context.ts";
import { stageFacts } from "./facts.ts";
import { firstLimits } from "./limits.ts";
import { startRate } from "./rate.ts";
import { beginPass } from "./listing-pass.ts";
import { frameOf, type ListingSpec } from "./list-tasks.ts";
import { deriveStage } from "./stages.ts";
import { statusOf } from "./status.ts";

/** Writes the run once. The same specification again is the same start; another one is refused. */
export function start(
  context: RunContext,
  spec: RunSpec,
  slot: { fence: number; notBefore: number },
  receiverKey: string,
): StartAnswer {
  const { store, now } = context;
  const spec_json = JSON.stringify(spec);
  const existing = store.run.read();
  if (existing) {
    if (existing.spec_json === spec_json) return { ok: true, already: true };
    return {
      ok: false,
      code: "other_specification",
      detail: `run ${spec.runId} was started with other options`,
    };
  }
  const frame = frameOf(listingSpec(spec), spec.lateMarginMs, spec.lookbackMs);
  store.transaction(() => {
    store.run.insert({
      run_id: spec.runId,
      spec_json,
      started_at: now,
      stage: "scanning_and_queueing",
      stage_since: now,
      reason_code: null,
      reason_detail: null,
      abort_asked_at: null,
      abort_force: 0,
      limits_json: JSON.stringify(firstLimits(spec)),
      pause_json: null,
      accepted_json: "{}",
      slot: "held",
      slot_fence: slot.fence,
      listing_json: JSON.stringify(beginPass(store.listing, null, frame, "take", now)),
      next_file: 1,
      next_batch: 1,
      batch_lines_min: null,
      batch_lines_max: null,
      farthest_ms: 0,
      latest_kept_start: 0,
      next_enqueue_at: 0,
      receiver_key: receiverKey,
      receiver_print: null,
      delivered_at: null,
      ended_at: null,
      cleanup_state: "pending",
      cleanup_ends_at: null,
      verify_asked_by: null,
      verified_json: null,
      inherit_json: spec.continueOf === null ? null : "{}",
      archive_json: null,
      reported_at: 0,
      reported_json: "",
    });
    addEvent(context, spec.actor, "started", { note: spec.note });
    context.memory.slotTaken(slot.notBefore, context.now);
    context.memory.rate = startRate({ cap: spec.maxLinesPerSecond, isPolite: spec.polite });
    store.totals.set({
      pace_json: JSON.stringify(context.memory.keep()),
      breaker_json: JSON.stringify(closedBreaker),
      answers_json: JSON.stringify(noAnswers),
    });
  });
  return { ok: true, already: false };
}

export function listingSpec(spec: RunSpec): ListingSpec {
  const { startMs, endMs } = spec.parse;
  const { logPrefix, folders, singleStampSpanMs } = spec;
  return { startMs, endMs, logPrefix, folders, singleStampSpanMs };
}

/** No new lease from here on; repeatable. A delivered run cannot be aborted: there is nothing left to stop. */
export function abort(context: RunContext, request: AbortRequest): AbortAnswer {
  const run = started(context);
  if (!run) return { ok: false, code: "unknown_run", detail: "this run was never started" };
  const { row } = run;
  if (row.stage === "sent_waiting_cleanup" || row.stage === "cleaned") {
    return {
      ok: false,
      code: "delivered",
      detail: `run ${row.run_id} is delivered; there is nothing left to abort`,
    };
  }
  const isNew = row.abort_asked_at === null;
  const isHarder = request.force && row.abort_force === 0 && row.stage !== "aborted";
  if (isNew || isHarder) {
    context.store.transaction(() => {
      context.store.run.update({
        abort_asked_at: row.abort_asked_at ?? context.now,
        abort_force: request.force ? 1 : row.abort_force,
      });
      addEvent(context, request.actor, "abort", { force: request.force, note: request.note ?? null });
      dropBulk(context);
    });
  }
  enterStage(context);
  const after = started(context);
  if (!after) throw new Error("run row vanished within a turn");
  return { ok: true, status: statusOf(context, after) };
}

/** Writes the stage that follows from the rows, if it is another one, with what entering it means. */
export function enterStage(context: RunContext): void {
  const run = started(context);
  if (!run) return;
  const { row } = run;
  const derived = deriveStage(stageFacts(context, run, context.store.totals.read()));
  const code = derived.reason?.code ?? null;
  if (derived.stage === row.stage && code === row.reason_code) return;
  context.store.transaction(() => {
    context.store.run.update({
      stage: derived.stage,
      reason_code: code,
      reason_detail: derived.reason?.detail ?? null,
      ...(derived.stage === row.stage
        ? {}
        : { stage_since: context.now, ...entering(context, run, derived.stage) }),
    });
    addEvent(context, "system", "stage", { from: row.stage, to: derived.stage, reason: code });
  });
  logStage(context, run, derived.stage, code);
}

/** Whatever changed the stage: a verb, the clock, the end of cleanup. */
export function logStage(context: RunContext, run: StartedRun, stage: string, reason: string | null): void {
  context.log("info", "stage", { run: run.row.run_id, from: run.row.stage, stage, reason });
}

function entering(context: RunContext, run: StartedRun, stage: string) {
  // a report tells of the stage in which it was written: that of a delivered run proves nothing of one that waits for an
  // operator, or is aborted
  const outdated = { archive_json: null };
  if (stage === "aborted") return { ...outdated, ended_at: context.now };
  if (stage !== "sent_waiting_cleanup") return outdated;
  // the grace begins anew whenever the run becomes delivered
  return {
    ...outdated,
    delivered_at: context.now,
    cleanup_state: "pending" as const,
    cleanup_ends_at: context.now + run.spec.cleanupGraceMs,
  };
}

export function addEvent(
  context: RunContext,
  actor: string,
  kind: string,
  detail: { [key: string]: Json },
): void {
  context.store.addEvent({ at: context.now, actor, kind, detail });
}
