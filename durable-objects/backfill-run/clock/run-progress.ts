// Makes the log lines about a run's progress, and about what a run waits for. These log lines contain no text of a
// record or of an answer.
import { iso } from "../../../src/contract/instants.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import type { LogTopic } from "../context/progress-log.ts";
import { restOf } from "../context/rest.ts";
import { keepMemory } from "../files/storage-trial.ts";
import { sumsView } from "../ledger/sums-view.ts";
import type { Totals } from "../ledger/totals.ts";
import { etaSeconds } from "../stage/progress.ts";
import { restsOf } from "../stage/rests.ts";
import { matchedFiles } from "../stage/stage-facts.ts";
import type { StageNow } from "../stage/stages.ts";

/** The state reasons that mean "the run only waits", although its stage is a working stage. */
const WAITS: ReadonlySet<string> = new Set([
  "waiting_for_late_files",
  "waiting_for_live",
  "waiting_for_sending_run",
]);

/** What the next log line is about. Does no I/O. */
export function topicOf({ stage, reason }: StageNow): LogTopic {
  const code = reason?.code ?? "";
  switch (stage) {
    case "scanning_and_queueing":
    case "sending":
    case "counting":
      return WAITS.has(code) ? { kind: "waiting", reason: code } : { kind: "progress" };
    case "suspended":
    case "paused":
    case "needs_attention":
      return { kind: "waiting", reason: `${stage} ${code}` };
    case "aborting":
    case "aborted":
    case "sent_waiting_cleanup":
    case "cleaned":
    case "counted":
      return null;
  }
}

export function logProgress(context: RunContext, run: StartedRun, now: StageNow): void {
  const topic = topicOf(now);
  if (topic === null) return;
  const totals = context.store.totals.read();
  if (topic.kind === "progress")
    context.log("info", "run_progress", progressFields(context, run, totals, now));
  else context.log("info", "run_waiting", waitingFields(context, run, totals, now));
  context.memory.progressLog.wrote(topic, context.now);
  context.store.transaction(() => keepMemory(context));
}

function progressFields(context: RunContext, run: StartedRun, totals: Totals, stage: StageNow) {
  const { memory, now } = context;
  const { lines, in_flight } = sumsView(totals, run.spec);
  const linesPerSecond = memory.throughput.linesPerSecond(now);
  const seconds = Math.max(1, (now - run.row.started_at) / 1_000);
  return {
    ...named(run, stage),
    files_read: matchedFiles(totals) - filesLeft(totals),
    files_left: filesLeft(totals),
    lines_read: lines.read,
    lines_kept: lines.kept,
    lines_sent: lines.sent,
    lines_skipped: { ...lines.dropped, malformed: lines.malformed },
    lines_per_second: Math.round(linesPerSecond),
    lines_per_second_avg: Math.round(lines.sent / seconds),
    in_flight,
    backlog_bytes: totals.backlog_bytes,
    eta_seconds: etaSeconds(totals, stage, linesPerSecond, restsOf(context, run)),
  };
}

function waitingFields(context: RunContext, run: StartedRun, totals: Totals, stage: StageNow) {
  const rest = stage.stage === "suspended" ? restOf(context, run) : null;
  return {
    ...named(run, stage),
    since: iso(run.row.stage_since),
    goes_on_at: rest && iso(rest.until),
    files_left: filesLeft(totals),
    lines_left: totals.lines_pending + totals.lines_leased,
  };
}

/** Files that are not parsed yet. */
function filesLeft(t: Totals): number {
  return t.files_listed + t.files_parsing + t.files_waiting;
}

function named(run: StartedRun, { stage, reason }: StageNow) {
  return { run: run.row.run_id, stage, reason: reason?.code ?? null };
}
