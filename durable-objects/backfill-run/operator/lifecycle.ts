// Starts and aborts a run. Each function is synchronous.
import type { AbortAnswer, AbortRequest, RunSpec, StartAnswer } from "../../../src/contract/run.ts";
import { noAnswers } from "../receiver/answers.ts";
import { dropBulk } from "./bulk-commands.ts";
import { closedBreaker } from "../receiver/breaker.ts";
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext } from "../context/context.ts";
import { firstLimits } from "../context/limits.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import type { PlanState } from "../context/plan-state.ts";
import { firstLink } from "../files/plan-chain.ts";
import { startRate } from "../receiver/rate.ts";
import { beginPass } from "../../../src/listing/pass.ts";
import { frameOf, listingSpec } from "../../../src/listing/list-tasks.ts";
import { statusOf } from "../views/status.ts";
import { enterStage } from "../stage/enter-stage.ts";

/** Writes the run once. A repeated call with the same specification changes nothing. Another specification is refused. */
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
  const { dryRun, plan } = spec;
  const frame = frameOf(listingSpec(spec), spec.lateMarginMs, spec.lookbackMs);
  store.meter.begin(now);
  store.transaction(() => {
    store.run.insert({
      run_id: spec.runId,
      spec_json,
      started_at: now,
      stage: dryRun ? "counting" : "scanning_and_queueing",
      stage_since: now,
      reason_code: null,
      reason_detail: null,
      abort_asked_at: null,
      abort_force: 0,
      limits_json: JSON.stringify(firstLimits(spec)),
      pause_json: null,
      accepted_json: "{}",
      // A dry run needs no slot, so its clock does not ask for one.
      slot: dryRun ? "none" : "owned",
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
      // A dry run writes nothing to R2, so it has nothing to clean up.
      cleanup_state: dryRun ? "done" : "pending",
      cleanup_ends_at: null,
      verify_asked_by: null,
      verified_json: null,
      inherit_json: spec.continueOf === null ? null : "{}",
      archive_json: null,
      covered_minutes: "",
      plan_json: plan
        ? JSON.stringify({ kind: "copying", after: "", link: firstLink(spec) } satisfies PlanState)
        : null,
      live_json: null,
      reported_at: 0,
      reported_json: "",
    });
    addEvent(context, spec.actor, "started", { note: spec.note });
    context.memory.limiter.slotTaken(slot.notBefore, context.now);
    context.memory.limiter.rate = startRate({ cap: spec.maxLinesPerSecond, isPolite: spec.polite });
    store.totals.set({
      pace_json: JSON.stringify(context.memory.keep()),
      breaker_json: JSON.stringify(closedBreaker),
      answers_json: JSON.stringify(noAnswers),
    });
  });
  return { ok: true, already: false };
}

/** Aborts the run: no new lease is given from now on. The call may be repeated. A delivered run cannot be aborted,
 * because no work is left. */
export function abort(context: RunContext, request: AbortRequest): AbortAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const { row } = run;
  if (row.stage === "sent_waiting_cleanup" || row.stage === "cleaned") {
    return {
      ok: false,
      code: "delivered",
      detail: `run ${row.run_id} is delivered; there is nothing left to abort`,
    };
  }
  if (row.stage === "counted") {
    return { ok: false, code: "counted", detail: `dry run ${row.run_id} has ended; it sent nothing` };
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
