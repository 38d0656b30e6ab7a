// The calls of senders: the next batch, and the end of a loop. Also takes back the work of leases that have ended.
// Each call synchronously reads, applies the reports, decides and writes. No log line passes through this file.
import {
  LANES,
  type BatchRef,
  type NextAnswer,
  type NoPermit,
  type PostOutcome,
  type SendPermit,
  type SendReport,
} from "../../../src/contract/sending.ts";
import { applyReport } from "./apply-report.ts";
import { keyOf } from "../batches/attempt-records.ts";
import { claimOne, jitterOf } from "./claim.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { failureCause } from "../receiver/verdict.ts";
import type { Hot, Totals } from "../ledger/totals.ts";
import type { AnswerState } from "../receiver/answers.ts";
import { limitsOf } from "../context/limits.ts";
import { countReturned } from "./daily-count.ts";
import { addToSeries } from "./report-series.ts";
import { groupWaitMs } from "../receiver/group-wait.ts";
import { postBegan, reclaimPermit } from "../receiver/pace.ts";
import { ageOfCall, noNewPermit, permitsAgain } from "./repeated-call.ts";
import { parserCrashed } from "../files/parse-again.ts";
import { arrivedAfterLease } from "../receiver/token-memory.ts";
import { rateFailed, rateReopened, rateSucceeded } from "../receiver/rate.ts";

export function next(
  context: RunContext,
  lane: string,
  reports: SendReport[],
  want: number,
  { random, call }: { random: () => number; call?: number | undefined },
): NextAnswer {
  const run = started(context);
  if (!run) return { kind: "nothing", reason: "unknown_run" };
  context.store.senderCalled(context.now);
  context.memory.wakeUps.claimed(lane, context.now);
  const { store, memory } = context;
  const age = ageOfCall(call, memory.newestCalls.of(lane), store.calls.of(lane)?.call ?? 0);
  const before = store.totals.read();
  const answered = store.transaction((): NextAnswer => {
    let after = applyReports(context, run, reports, { before, random });
    const grants: SendPermit[] = age === "repeated" ? permitsAgain(context, after, lane, call) : [];
    let rest = noNewPermit(run.row.run_id, call, age);
    while (grants.length < Math.min(want, LANES) && rest === undefined) {
      const claim = memory.wakeUps.givesWay(lane, context.now) ? GIVES_WAY : claimOne(context, after);
      if (claim.kind === "claimed") {
        after = claim.run;
        grants.push(claim.permit);
      } else rest = refusalFor(context, lane, claim);
    }
    // A call that changes nothing writes no row.
    if (grants.length + reports.length > 0) saveSending(context, after);
    if (grants.length > 0 && call !== undefined) store.calls.set(lane, { call, permits: grants.map(refOf) });
    if (grants.length > 0)
      return { kind: "grants", grants, ...(rest && { rest }), groupWaitMs: groupWaitOf(context) };
    return rest ?? { kind: "nothing", reason: "nothing_wanted" };
  });
  if (answered.kind === "nothing" && age !== "outdated")
    senderStops(context, lane, { ...answered, before, reports: reports.length });
  memory.reports.add(reports.map(contentOf));
  if (call !== undefined) memory.newestCalls.answered(lane, call);
  return answered;
}

/** The answer to a sender that soon ends, while its successor waits for a place in flight. Its loops end. */
const GIVES_WAY: NoPermit = { kind: "nothing", reason: "max_in_flight" };

function refusalFor({ memory, now }: RunContext, lane: string, refusal: NoPermit): NoPermit {
  if (refusal.reason !== "max_in_flight") return refusal;
  if (memory.wakeUps.isEnding(lane, now)) return GIVES_WAY;
  memory.wakeUps.refused(now);
  return refusal;
}

function refOf({ batch, attempt }: SendPermit): BatchRef {
  return { batch, attempt };
}

function groupWaitOf({ memory, store, now }: RunContext): number {
  const { pace: permits, ready } = memory.limiter;
  const { batches_pending: pending } = store.totals.read();
  return groupWaitMs(permits, { now, readyMs: ready.value, pending });
}

/** Called when the sender got no batch. Lets the clock check the run, except when the call cannot have changed what
 * the clock decides: each report has delivered its batch, other batches are in flight, and no file was closed. */
function senderStops(
  { memory, store }: RunContext,
  lane: string,
  { reason, before, reports }: { reason: string; before: Totals; reports: number },
): void {
  memory.wakeUps.ended(lane);
  const after = store.totals.read();
  const isQuiet =
    (reason === "nothing_waits" || reason === "max_in_flight") &&
    after.batches_done - before.batches_done === reports &&
    after.files_closed === before.files_closed &&
    (reports === 0 || after.batches_leased > 0);
  if (!isQuiet) memory.wakeUps.request();
}

/** Ends a sender loop that wants no more work. */
export function done(context: RunContext, lane: string, reports: SendReport[], random: () => number): void {
  const run = started(context);
  if (!run) return;
  context.store.senderCalled(context.now);
  context.memory.wakeUps.ended(lane);
  const before = context.store.totals.read();
  context.store.transaction(() =>
    saveSending(context, applyReports(context, run, reports, { before, random })),
  );
  context.memory.reports.add(reports.map(contentOf));
}

/** A text that identifies a report. A repeated report has the same text. Another report of the same attempt has
 * another text. */
function contentOf(report: SendReport): string {
  const { outcome } = report;
  return `${keyOf(report)} ${outcome.kind} ${outcome.kind === "answer" ? outcome.status : ""}`;
}

/** Applies the reports, and returns the run as it is afterwards. `before`: the sums before the call. */
function applyReports(
  context: RunContext,
  run: StartedRun,
  reports: SendReport[],
  { before, random }: { before: Totals; random: () => number },
): StartedRun {
  let after = run;
  const fresh: SendReport[] = [];
  for (const report of reports) {
    // The sender repeats a report whose answer it lost.
    if (!context.memory.reports.isNew(contentOf(report))) continue;
    fresh.push(report);
    context.memory.inFlight.ended(keyOf(report));
    const { open } = after.breaker;
    if (report.outcome.kind === "not_sent") countReturned(context, run, report);
    after = applyReport(context, after, report, random());
    adaptRate(context, run, report, { wasOpen: open !== null, isOpen: after.breaker.open !== null });
    recordStorageOutcome(context, report);
    const { limiter } = context.memory;
    if (report.outcome.kind === "not_sent") reclaimPermit(limiter.pace, keyOf(report));
    else {
      limiter.late.add(report.lateMs);
      postBegan(limiter.pace, keyOf(report), report.lateMs, jitterOf(context));
    }
    if (report.bodyReadyMs > 0) limiter.ready.add(report.bodyReadyMs);
    context.store.meter.add({ bytesSent: report.bodyBytes ?? 0, classB: report.reads ?? 0 });
    if (report.ackMs !== null) context.memory.figures.ack.add(report.ackMs);
  }
  const delivered = context.store.totals.read().lines_done - before.lines_done;
  context.memory.throughput.delivered(delivered, context.now);
  addToSeries(context, after, fresh, delivered);
  const isReopened = run.breaker.open !== null && after.breaker.open === null;
  const isTrusted = run.breaker.isCautious && !after.breaker.isCautious;
  if (isReopened || isTrusted) context.memory.wakeUps.request();
  if (isReopened) context.store.waiting.clearWaits(context.now, 1_000);
  // A late report makes the evidence of an ended run outdated, so the evidence is written again.
  if (reports.length > 0 && run.row.archive_json !== null) context.store.run.update({ archive_json: null });
  if (reports.some((report) => report.endedAt !== null))
    context.store.totals.set({ last_post_ended_at: context.now });
  return after;
}

/** A trial that received its body ends an R2 outage, and the waits that the outage caused. */
function recordStorageOutcome({ memory, store, now }: RunContext, report: SendReport): void {
  const { outcome } = report;
  if (outcome.kind === "not_sent" && outcome.reason === "storage_failed") {
    memory.storageFailed("send", keyOf(report), outcome.detail, now);
    return;
  }
  const hasBody = report.startedAt !== null || (outcome.kind === "not_sent" && outcome.reason !== "gave_up");
  if (!hasBody || memory.storage.send?.trial !== keyOf(report)) return;
  memory.storage.send = null;
  memory.wakeUps.request();
  store.waiting.clearWaits(now, 1_000);
}

/** Adapts the sending rate to the report. */
function adaptRate(
  context: RunContext,
  run: StartedRun,
  report: SendReport,
  { wasOpen, isOpen }: { wasOpen: boolean; isOpen: boolean },
): void {
  const { memory, now } = context;
  const { maxLinesPerSecond, polite } = limitsOf(run.row);
  const limits = { cap: maxLinesPerSecond, isPolite: polite };
  const cause = failureCause(report.outcome);
  const { outcome } = report;
  if (outcome.kind === "no_connection" || outcome.kind === "reset") {
    const why = outcome.cause ?? "other";
    memory.figures.connectionFailed(why);
  }
  if (cause !== null) {
    memory.figures.failed(cause);
    // An open breaker already limits the sending, so the rate from before the outage is kept.
    if (!isOpen) memory.limiter.rate = rateFailed(memory.limiter.rate, limits, cause, now);
  } else if (wasOpen && !isOpen) memory.limiter.rate = rateReopened(memory.limiter.rate, limits, now);
  else if (report.outcome.kind === "answer")
    memory.limiter.rate = rateSucceeded(memory.limiter.rate, limits, report.ackMs, now);
}

/** Writes the states of breaker, answers and rate limiter that have changed. `run.hot` has these states as they
 * were stored before. */
export function saveSending(context: RunContext, run: StartedRun): void {
  const now = {
    breaker_json: JSON.stringify(run.breaker),
    pace_json: JSON.stringify(context.memory.keep()),
  };
  const { hot } = run;
  if (now.breaker_json !== hot.breaker_json) context.store.totals.set({ breaker_json: now.breaker_json });
  saveAnswers(context, hot, run.answers);
  if (now.pace_json !== hot.pace_json) context.store.totals.set({ pace_json: now.pace_json });
}

/** What the run knows about the receiver's answers, if it differs from what is stored. */
export function saveAnswers(context: RunContext, stored: Hot, answers: AnswerState): void {
  const answers_json = JSON.stringify(answers);
  if (answers_json !== stored.answers_json) context.store.totals.set({ answers_json });
}

/** Takes back the work of leases that have ended. The attempt of a sender becomes uncertain. The file of a parser is
 * enqueued again. */
export function reclaimLeases(context: RunContext, random: () => number): void {
  const run = started(context);
  if (!run) return;
  context.store.senderCalled(context.now);
  context.store.transaction(() => {
    let after = run;
    const ends = context.store.leases.ends();
    for (const { batch, attempt } of context.store.batches.takeExpired(context.now)) {
      const detail = "the lease ran out without a report";
      const bareReport = bare({ batch, attempt }, { kind: "lease_lost", detail });
      const end = ends.get(batch) ?? context.now;
      const report = run.spec.http ? { ...bareReport, arrivedAfter: arrivedAfterLease(end) } : bareReport;
      context.memory.inFlight.ended(keyOf(report));
      after = applyReport(context, after, report, random());
    }
    saveSending(context, after);
    for (const file of context.store.files.leasesExpired(context.now)) parserCrashed(context, file);
  });
}

/** Makes a send report for an attempt whose sender did not report. */
function bare(ref: BatchRef, outcome: PostOutcome): SendReport {
  const { batch, attempt } = ref;
  return {
    batch,
    attempt,
    outcome,
    startedAt: null,
    endedAt: null,
    ackMs: null,
    bodyReadyMs: 0,
    lateMs: 0,
    receiver: "",
  };
}
