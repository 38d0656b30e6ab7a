// Writes the derived stage into the run's row, with its event, its log line and what entering it brings along.
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { deriveStage } from "./stages.ts";
import { stageFacts } from "./stage-facts.ts";

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

/** Whatever changed the stage: a verb, the clock, the end of cleanup. */
export function logStage(context: RunContext, run: StartedRun, stage: string, reason: string | null): void {
  context.log("info", "stage", { run: run.row.run_id, from: run.row.stage, stage, reason });
}
