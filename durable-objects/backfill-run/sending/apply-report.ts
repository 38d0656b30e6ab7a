// Applies one send report within the caller's transaction: judge, read, decide, write. decide-report.ts explains
// these four steps.
import type { SendReport } from "../../../src/contract/sending.ts";
import { limitsOf } from "../context/limits.ts";
import { ruleFingerprint } from "../context/settings.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { applyEffects } from "./apply-effects.ts";
import { decideReport } from "./decide-report.ts";
import { judgeReport } from "./judge-report.ts";
import { factsFor } from "./report-facts.ts";
import type { SendPolicy } from "./reported.ts";

/** Returns the run as it is after the report. `random` in [0, 1) jitters the retry. */
export function applyReport(
  context: RunContext,
  run: StartedRun,
  report: SendReport,
  random: number,
): StartedRun {
  const { now, settings, store } = context;
  const batch = store.batches.get(report.batch);
  if (!batch || report.attempt > batch.attempt) {
    logUnknownAttempt(context, run, report, batch ? "attempt_never_claimed" : "no_such_batch");
    return run;
  }
  const prior = store.attempts.get(report.batch, report.attempt) ?? null;
  const before = { breaker: run.breaker, answers: run.answers, print: run.row.receiver_print };
  const pattern = ruleFingerprint(settings, run.spec);
  const { verdict, answers } = judgeReport({ report, batch, prior, receiver: before, pattern });
  const found = factsFor(context, { run, batch, report }, verdict);
  const { effects, receiver } = decideReport(
    { report, batch, prior, receiver: { ...before, answers }, policy: policyOf(run), now, random },
    found,
  );
  applyEffects(context, effects);
  const { breaker, print } = receiver;
  return { ...run, breaker, answers: receiver.answers, row: { ...run.row, receiver_print: print } };
}

type UnknownBecause = "no_such_batch" | "attempt_never_claimed";

/** Logs a report about an attempt that this run never leased. Such a report changes nothing. */
function logUnknownAttempt(
  { log }: RunContext,
  { row }: StartedRun,
  report: SendReport,
  cause: UnknownBecause,
): void {
  const { batch, attempt, outcome } = report;
  const status = outcome.kind === "answer" ? outcome.status : null;
  log("error", "report_of_unknown_attempt", {
    run: row.run_id,
    batch,
    attempt,
    cause,
    outcome: outcome.kind,
    status,
  });
}

function policyOf({ row, spec }: StartedRun): SendPolicy {
  const { onRefused, refusalIsAtomic } = spec;
  return { onUncertain: limitsOf(row).onUncertain, onRefused, refusalIsAtomic };
}
