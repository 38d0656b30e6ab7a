// The figures of one run for GET /metrics. Reads a few rows, whatever the size of the run, because a scrape must not
// delay the senders. Never writes.
import { ANSWER_BOUNDS_MS, type RunMetrics } from "../../../src/contract/run-metrics.ts";
import type { MetricsAnswer } from "../../../src/contract/run.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { limitsOf } from "../context/limits.ts";
import { zoneOf } from "../context/rest.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import { sumsView } from "../ledger/sums-view.ts";
import type { PostFigures } from "../receiver/post-figures.ts";
import { rateView } from "../receiver/rate-view.ts";
import { etaSeconds, progressOf } from "../stage/progress.ts";
import { restsOf } from "../stage/rests.ts";
import { stageFacts } from "../stage/stage-facts.ts";
import { deriveStage } from "../stage/stages.ts";

export function metrics(context: RunContext): MetricsAnswer {
  const run = started(context);
  return run ? { ok: true, metrics: metricsOf(context, run) } : UNKNOWN_RUN;
}

function metricsOf(context: RunContext, run: StartedRun): RunMetrics {
  const { row, hot } = run;
  const { memory, now, store } = context;
  const totals = store.totals.read();
  const facts = stageFacts(context, run, totals);
  const stage = deriveStage(facts);
  const { lines, files, batches, exceptions, ...sums } = sumsView(totals, run.spec);
  const { failed: _retired, ...batchesByState } = batches;
  const linesPerSecond = memory.throughput.linesPerSecond(now);
  const limits = limitsOf(row);
  const linesToday = memory.daily.lines(zoneOf(limits), now);
  const rate = rateView(limits, memory.limiter, { linesPerSecond, linesToday }, now);
  const { sent, pending, refused, held, discarded } = lines;
  return {
    run: row.run_id,
    stage: stage.stage,
    reason: stage.reason?.code ?? null,
    // The clock enters a new stage a moment after its facts.
    stageSince: row.stage === stage.stage ? row.stage_since : now,
    kept: lines.kept,
    lines: { sent, pending, refused, held, discarded },
    duplicateLines: { certain: sums.duplicate_lines, possible: sums.possible_duplicate_lines },
    files,
    batches: batchesByState,
    linesPerSecond: {
      delivered: rate.lines_per_second,
      target: rate.target_lines_per_second,
      cap: rate.max_lines_per_second,
    },
    progress: progressOf(totals, stage, facts.listingFinal),
    etaSeconds: etaSeconds(totals, stage, linesPerSecond, restsOf(context, run)),
    exceptions,
    lastPostEndedAt: hot.last_post_ended_at,
    ...postMetrics(memory.figures),
  };
}

/** Failures of R2 are counted with the failures of POSTs, but no POST failed. */
export function postMetrics({
  ack,
  failures,
}: Pick<PostFigures, "ack" | "failures">): Pick<RunMetrics, "answers" | "postFailures"> {
  const { storage: _ofR2, ...postFailures } = failures;
  const withinBounds = ANSWER_BOUNDS_MS.map((ms) => ack.countWithin(ms));
  return { answers: { withinBounds, count: ack.count, sumMs: ack.sumMs }, postFailures };
}
