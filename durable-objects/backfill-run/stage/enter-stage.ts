// Writes the derived stage into the run's row, with an event, a log line, and the other columns that depend on the stage.
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { deriveStage } from "./stages.ts";
import { stageFacts } from "./stage-facts.ts";
import { writeNotice } from "./stage-notice.ts";

/** The reasons whose detail changes seldom. For these, a changed detail is written too. The detail of other reasons
 * contains counts that change often. */
const HAS_STEADY_DETAIL: ReadonlySet<string> = new Set(["quiet_hours", "slot_taken", "overlap"]);

/** Writes the stage. Changes nothing when stage and reason are unchanged. */
export function enterStage(context: RunContext): void {
  const run = started(context);
  if (!run) return;
  const { row } = run;
  const derived = deriveStage(stageFacts(context, run, context.store.totals.read()));
  const code = derived.reason?.code ?? null;
  if (derived.stage === row.stage && code === row.reason_code) {
    // After a PATCH, or when another run gets the slot, only the detail of the reason may change. Such a change
    // writes no event.
    const detail = derived.reason?.detail ?? null;
    if (HAS_STEADY_DETAIL.has(code ?? "") && detail !== row.reason_detail)
      context.store.run.update({ reason_detail: detail });
    return;
  }
  context.store.transaction(() => {
    context.store.run.update({
      stage: derived.stage,
      reason_code: code,
      reason_detail: derived.reason?.detail ?? null,
      ...(derived.stage === row.stage
        ? {}
        : { stage_since: context.now, ...entering(context, run, derived.stage) }),
    });
    const fields = { from: row.stage, to: derived.stage, reason: code };
    writeNotice(context, run, derived, addEvent(context, "system", "stage", fields));
  });
  logStage(context, run, derived.stage, code);
}

function entering(context: RunContext, run: StartedRun, stage: string) {
  // Evidence describes the stage in which it was written. When the stage changes, the run writes new evidence.
  const outdated = { archive_json: null };
  if (stage === "aborted" || stage === "counted") return { ...outdated, ended_at: context.now };
  if (stage !== "sent_waiting_cleanup") return outdated;
  // The grace begins again whenever the run becomes delivered.
  return {
    ...outdated,
    delivered_at: context.now,
    cleanup_state: "pending" as const,
    cleanup_ends_at: context.now + run.spec.cleanupGraceMs,
  };
}

/** Logs a change of the stage. Verbs, the clock and the end of cleanup call this. */
export function logStage(context: RunContext, run: StartedRun, stage: string, reason: string | null): void {
  context.log("info", "stage", { run: run.row.run_id, from: run.row.stage, stage, reason });
}
