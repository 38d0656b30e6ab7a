// Builds the run's progress report for the registry: stage, summary and counts. Does no I/O.
import type { StartedRun } from "../context/context.ts";
import type { RunRow } from "../ledger/run-row.ts";
import type { StageNow } from "../stage/stages.ts";
import type { Totals } from "../ledger/totals.ts";
import { costOf, type Work } from "../../../src/contract/work.ts";
import { sumsView } from "../ledger/sums-view.ts";
import type { RunReport } from "../../../src/contract/registry.ts";
import { endOfWork } from "../stage/end-of-work.ts";
import { uncoveredWords } from "../stage/uncovered.ts";
import { summaryOf } from "../stage/summary.ts";

/** The progress report that the registry got last; null before the first. */
export function lastReported(row: RunRow): RunReport | null {
  return row.reported_json === "" ? null : (JSON.parse(row.reported_json) as RunReport);
}

/** The work of a run until now, for its report. The work changes with every call, so a change of the work alone
 * causes no further report. */
export function workOf(
  run: StartedRun,
  stage: StageNow,
  work: Work | null,
  now: number,
): NonNullable<RunReport["work"]> | null {
  if (work === null) return null;
  const { bytesRead, bytesSent, sendingMs } = work;
  const seconds = ((endOfWork(run.row, stage.stage) ?? now) - run.row.started_at) / 1_000;
  return { bytesRead, bytesSent, sendingMs, costUsd: costOf(work, Math.max(0, seconds)).counted };
}

export function reportOf(run: StartedRun, stage: StageNow, totals: Totals, finished: boolean): RunReport {
  // A run that was delivered may need attention again, because of late files.
  const isDelivered = stage.stage === "sent_waiting_cleanup" || stage.stage === "cleaned";
  return {
    runId: run.row.run_id,
    stage: stage.stage,
    summary: summaryOf(stage, totals, run.listing.completeAsOf, uncoveredWords(run)),
    finished,
    sentSomething: sentSomething(totals),
    logLinesSent: totals.lines_done,
    exceptions: totals.exceptions,
    duplicateLines: totals.duplicate_lines,
    possibleDuplicateLines: sumsView(totals, run.spec).possible_duplicate_lines,
    startedAt: run.row.started_at,
    deliveredAt: isDelivered ? run.row.delivered_at : null,
    endedAt: endOfWork(run.row, stage.stage),
  };
}

/** Whether the receiver may have got lines of the window from POSTs of this run. Inherited lines do not count,
 * because another run sent them. */
export function sentSomething(totals: Totals): boolean {
  return totals.lines_done > 0 || totals.uncertain_attempts > totals.inherited_attempts;
}
