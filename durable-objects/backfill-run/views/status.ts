// Assembles the answer of GET /runs/:id. Each part comes from the folder of its subject. Reads, never writes.
import { isoOrNull } from "../../../src/contract/instants.ts";
import type { RunStatus } from "../../../src/contract/views.ts";
import { listingView } from "../../../src/listing/listing-view.ts";
import { misspeltWarning } from "../../../src/platform/misspelt-vars.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { limitsOf, limitsView } from "../context/limits.ts";
import { zoneOf } from "../context/rest.ts";
import { seriesOf } from "../context/series-state.ts";
import { ruleFingerprint } from "../context/settings.ts";
import { assumedView, sumsIn } from "../ledger/assumed-rows.ts";
import { bulkView } from "../ledger/bulk-view.ts";
import { verificationView } from "../ledger/recount.ts";
import { sumsView } from "../ledger/sums-view.ts";
import { answersView } from "../receiver/answers-view.ts";
import { figuresView, rateView } from "../receiver/rate-view.ts";
import { namedKinds } from "../stage/named-kinds.ts";
import { restsOf } from "../stage/rests.ts";
import { etaSeconds, expectedLines, isDelivered, progressOf } from "../stage/progress.ts";
import { stageFacts } from "../stage/stage-facts.ts";
import { deriveStage } from "../stage/stages.ts";
import { summaryOf } from "../stage/summary.ts";
import { uncoveredView, uncoveredWords } from "../stage/uncovered.ts";
import { checksView } from "../stage/suspicion.ts";
import { liveView } from "./live-view.ts";
import { olderNames } from "./older-names.ts";
import { planView } from "./plan-view.ts";
import { problemsOf } from "./problems.ts";
import { evidenceView } from "./report-state.ts";
import { workView } from "./work-view.ts";
import { originView, specView, timesView, windowView } from "./spec-view.ts";

/** The most samples in the status. `GET /runs/:id/samples` lists all samples. */
const SAMPLES_SHOWN = 5;

export function statusOf(context: RunContext, run: StartedRun): RunStatus {
  const { row, spec, listing, hot } = run;
  const { memory, now, settings, store } = context;
  const totals = store.totals.read();
  const facts = stageFacts(context, run, totals);
  const stage = deriveStage(facts);
  const limits = limitsOf(row);
  const work = store.meter.now();
  const plan = planView(run, totals, facts);
  const linesPerSecond = memory.throughput.linesPerSecond(now);
  const linesToday = memory.daily.lines(zoneOf(limits), now);
  return {
    id: row.run_id,
    stage_code: stage.stage,
    state_reason: stage.reason,
    summary: summaryOf(stage, totals, listing.completeAsOf, uncoveredWords(run)),
    window: windowView(spec.parse),
    delivery_completed: isDelivered(stage.stage),
    fully_completed: stage.stage === "cleaned",
    ...sumsView(totals, spec),
    ...(spec.http?.dedupesMs !== undefined && { deduped_lines: totals.deduped_lines }),
    leases_out: facts.leasesOut,
    last_post_ended_at: isoOrNull(hot.last_post_ended_at),
    progress: progressOf(totals, stage, facts.listingFinal),
    expected_lines: expectedLines(totals),
    eta_seconds: etaSeconds(totals, stage, linesPerSecond, restsOf(context, run)),
    rate: rateView(limits, memory.limiter, { linesPerSecond, linesToday }, now),
    ...figuresView(memory.figures),
    answers: answersView(run.answers, ruleFingerprint(settings, spec)),
    ...assumedView(sumsIn(hot)),
    cleanup: { state: row.cleanup_state, ends_at: isoOrNull(row.cleanup_ends_at) },
    problems: problemsOf(context, totals),
    checks: checksView(totals, spec.parse.maxSuspectRatio),
    foreign_keys: namedKinds(context, totals),
    malformed_samples: store.samples(0, SAMPLES_SHOWN).map(({ sample: _number, ...shown }) => shown),
    complete_as_of: isoOrNull(listing.completeAsOf),
    listing: listingView(listing, { farthestMs: row.farthest_ms, finalAt: facts.finalListingAt }),
    warnings: settings.misspelt.map(misspeltWarning),
    commands_under_way: facts.bulkUnderWay ? store.bulk.all().map(bulkView) : [],
    verification: verificationView(row),
    spec: specView(spec),
    limits: limitsView(limits),
    report: evidenceView(run),
    ...uncoveredView(run),
    ...liveView(run, totals, () => store.live.leftOut()),
    ...originView(spec),
    plan_hash: plan?.hash ?? null,
    plan,
    ...timesView(spec, row),
    ...workView(row, stage.stage, { work, series: seriesOf(hot), linesSent: totals.lines_done }, now),
    ...olderNames(totals, row, spec.parse, now),
  };
}
