// One report of one attempt → its rows. `done` is absorbing: from any attempt, in any state of batch or run, it makes
// the batch done, and no later report moves it. Whatever an attempt leaves unknown becomes an uncertain attempt row
// before anything is sent again; a late word about it moves that row and with it the sums.
import { answered, shapeOf, type AnswerState } from "./answers.ts";
import type { PostOutcome, SendReport } from "./api.ts";
import { applyDone } from "./apply-done.ts";
import { lateUncertain, record, settleAttempt } from "./attempt-records.ts";
import {
  failed,
  heldBy,
  probeOver,
  refused,
  REFUSALS_ALIKE,
  succeeded,
  type BreakerState,
} from "./breaker.ts";
import { receiverPrint, type RunContext, type StartedRun } from "./context.ts";
import { backToPending } from "./file-verbs.ts";
import { countsAgainstBatch, judge, MAX_COUNTED_ATTEMPTS, retryDelayMs, type Verdict } from "./ledger.ts";
import { limitsOf } from "./limits.ts";
import { offerSoon } from "./parse-verbs.ts";
import { explainFailure, receiverCode } from "./receiver-words.ts";
import { rootOf, split } from "./split.ts";
import type { BatchRow } from "./store/batch-rows.ts";

/** What reports change about the receiver, written with the rows. */
export interface ReceiverState {
  breaker: BreakerState;
  answers: AnswerState;
}
type Of<Kind extends Verdict["kind"]> = Extract<Verdict, { kind: Kind }>;

/** Within a transaction. Gives the receiver's state as it is after the report. `random` in [0, 1) jitters the retry. */
export function applyReport(
  context: RunContext,
  run: StartedRun,
  state: ReceiverState,
  report: SendReport,
  random: number,
): ReceiverState {
  const batch = context.store.batches.get(report.batch);
  if (!batch || report.attempt > batch.attempt) return state;
  const held = heldByAnswer(state.breaker, report.outcome, context.now);
  return applyVerdict(context, run, { ...state, breaker: held }, batch, report, random);
}

/** A Retry-After binds with every answer but a 2xx, also one that comes late. */
function heldByAnswer(breaker: BreakerState, outcome: PostOutcome, now: number): BreakerState {
  if (outcome.kind !== "answer" || outcome.retryAfterMs === null) return breaker;
  const isSuccess = outcome.status >= 200 && outcome.status < 300;
  return isSuccess ? breaker : heldBy(breaker, outcome.retryAfterMs, now);
}

function applyVerdict(
  context: RunContext,
  run: StartedRun,
  state: ReceiverState,
  batch: BatchRow,
  report: SendReport,
  random: number,
): ReceiverState {
  const { breaker } = state;
  const isCurrent = batch.state === "leased" && batch.attempt === report.attempt;
  const verdict = judge(report.outcome, mayBlameBatch(run, breaker));
  switch (verdict.kind) {
    case "done":
      return applySuccess(context, run, state, batch, report);
    case "uncertain":
      if (isCurrent)
        return { ...state, breaker: applyUncertain(context, run, breaker, batch, report, verdict, random) };
      lateUncertain(context, batch, report, verdict.cause);
      return state;
    case "refused":
      settleAttempt(context, report, "refused", verdict.cause);
      if (isCurrent) applyRefused(context, run, breaker, batch, report, verdict);
      // parts are refused as the batch they come from is: five of them say nothing about the settings
      return {
        ...state,
        breaker: refused(probeOver(breaker, keyOf(report)), rootOf(context, batch).batch, verdict.status),
      };
    case "not_delivered":
      settleAttempt(context, report, "not_delivered", verdict.cause);
      return isCurrent
        ? { ...state, breaker: applyNotDelivered(context, breaker, batch, report, verdict, random) }
        : state;
    case "pack_lost":
      settleAttempt(context, report, "not_delivered", verdict.cause);
      if (isCurrent) {
        packLost(context, batch, verdict.cause);
        context.store.attempts.unfollow(batch.batch, batch.attempt);
        backToPending(context, batch, { due_at: context.now });
      }
      return { ...state, breaker: probeOver(breaker, keyOf(report)) };
  }
}

export function keyOf(ref: { batch: number; attempt: number }): string {
  return `${ref.batch}/${ref.attempt}`;
}

/** A batch may be blamed once the receiver took another one, and while not five in a row are refused alike. */
function mayBlameBatch(run: StartedRun, breaker: BreakerState): boolean {
  return run.row.receiver_print !== null && breaker.refusals.batches.length < REFUSALS_ALIKE;
}

/** A 2xx counts as success unless it looks unlike the others (answers.ts); a pattern that is set decides by itself. */
function applySuccess(
  context: RunContext,
  run: StartedRun,
  state: ReceiverState,
  batch: BatchRow,
  report: SendReport,
): ReceiverState {
  const answer = report.outcome as Extract<PostOutcome, { kind: "answer" }>;
  const done = (answers: AnswerState): ReceiverState => {
    applyDone(context, batch, report);
    freezeReceiver(context, run, report);
    return { answers, breaker: succeeded(state.breaker) };
  };
  // a pattern that matched decides; a body that broke off cannot be compared, and the status stands
  if (answer.bodyMatches === true || answer.isWhole === false) return done(state.answers);
  const prior = context.store.attempts.get(report.batch, report.attempt);
  if (batch.done_attempt === report.attempt || prior?.cause === "unusual_answer") {
    // reported again, after memory of it was lost: one answer counts once
    return batch.state === "done" || batch.state === "split" ? done(state.answers) : state;
  }
  const shape = shapeOf(answer.status, answer.bodyStart, [batch.lines, batch.length, batch.raw_bytes]);
  const { next, verdict } = answered(state.answers, { status: answer.status, body: answer.bodyStart, shape });
  if (verdict === "success" || batch.state === "done" || batch.state === "split") return done(next);
  const breaker = probeOver(state.breaker, keyOf(report));
  const isCurrent = batch.state === "leased" && batch.attempt === report.attempt;
  if (!isCurrent) {
    lateUncertain(context, batch, report, "unusual_answer");
    return { answers: next, breaker };
  }
  const isRefused = verdict === "refused";
  const cause = "unusual_answer";
  record(context, batch, report.attempt, {
    state: isRefused ? "refused" : "uncertain",
    cause,
    detail: shape,
    startedAt: report.startedAt,
  });
  context.store.moveBatch(batch, isRefused ? "refused" : "held", {
    due_at: context.now,
    reason: `${cause}: ${answer.bodyStart}`,
  });
  return { answers: next, breaker };
}

/** It is not known whether the lines arrived: that is written down before the batch can be offered again. */
function applyUncertain(
  context: RunContext,
  run: StartedRun,
  breaker: BreakerState,
  batch: BatchRow,
  report: SendReport,
  verdict: Of<"uncertain">,
  random: number,
): BreakerState {
  const { cause, detail } = verdict;
  record(context, batch, report.attempt, { state: "uncertain", cause, detail, startedAt: report.startedAt });
  const totals = context.store.totals.read();
  const counts = countsAgainstBatch(verdict, {
    breakerOpen: breaker.open !== null,
    successes: breaker.successes,
    successesAtPreviousAttempt: batch.last_success_seen,
    nothingElseLeft: totals.batches_pending + totals.batches_leased <= 1,
  });
  const counted = batch.counted + (counts ? 1 : 0);
  const isHeld = limitsOf(run.row).onUncertain === "hold" || counted >= MAX_COUNTED_ATTEMPTS;
  const patch = {
    counted,
    reason: `${cause}${detail ? `: ${detail}` : ""}`,
    last_success_seen: breaker.successes,
  };
  if (isHeld) context.store.moveBatch(batch, "held", { ...patch, due_at: context.now });
  else backToPending(context, batch, { ...patch, due_at: context.now + retryDelayMs(batch.attempt, random) });
  if (cause === "lost") return probeOver(breaker, keyOf(report));
  return failed(breaker, failureOf(report, verdict, false), context.now);
}

function applyRefused(
  context: RunContext,
  run: StartedRun,
  breaker: BreakerState,
  batch: BatchRow,
  report: SendReport,
  verdict: Of<"refused">,
): void {
  const { cause, detail } = verdict;
  if (run.spec.onRefused === "split" && split(context, run, batch, report, cause)) return;
  record(context, batch, report.attempt, { state: "refused", cause, detail, startedAt: report.startedAt });
  const reason = `${cause}: ${detail}`;
  context.store.moveBatch(batch, "refused", {
    due_at: context.now,
    reason,
    last_success_seen: breaker.successes,
  });
}

function applyNotDelivered(
  context: RunContext,
  breaker: BreakerState,
  batch: BatchRow,
  report: SendReport,
  verdict: Of<"not_delivered">,
  random: number,
): BreakerState {
  if (verdict.unsent) {
    context.store.attempts.unfollow(batch.batch, batch.attempt);
    backToPending(context, batch, { due_at: context.now });
    return probeOver(breaker, keyOf(report));
  }
  backToPending(context, batch, {
    due_at: context.now + retryDelayMs(batch.attempt, random),
    reason: verdict.cause,
    last_success_seen: breaker.successes,
  });
  return failed(breaker, failureOf(report, verdict, verdict.forEveryBatch), context.now);
}

function failureOf(
  report: SendReport,
  { cause, detail }: { cause: string; detail: string },
  forEveryBatch: boolean,
) {
  return {
    batch: report.batch,
    key: keyOf(report),
    code: receiverCode(cause),
    detail: explainFailure(cause, detail),
    forEveryBatch,
  };
}

/** The receiver of the first 2xx is this run's receiver from then on. */
function freezeReceiver(context: RunContext, run: StartedRun, report: SendReport): void {
  if (run.row.receiver_print !== null) return;
  const [endpoint = "", uri = ""] = report.receiver.split("\n");
  const receiver_print = receiverPrint(run.row, endpoint, uri);
  run.row.receiver_print = receiver_print;
  context.memory.tell();
  context.store.run.update({ receiver_print });
}

/** Nothing was sent: the file is parsed again, and its batches wait until their new pack is there. */
function packLost(context: RunContext, batch: BatchRow, cause: string): void {
  const file = context.store.files.get(batch.file);
  if (file?.state !== "open") return;
  context.store.files.move(file, "listed", {
    due_at: offerSoon(file),
    offers: 0,
    fresh: null,
    reason: cause,
  });
}
