// One report of one attempt → its rows. `done` is absorbing: from any attempt, in any state of batch or run, it makes
// the batch done, and no later report moves it. Whatever an attempt leaves unknown becomes an uncertain attempt row
// before anything is sent again; a late word about it moves that row and with it the sums.
import type { AnswerState } from "../receiver/answers.ts";
import type { PostOutcome, SendReport } from "../../../src/contract/sending.ts";
import { meaningOf, type AnswerMeaning } from "./apply-answer.ts";
import { applyDone } from "./apply-done.ts";
import { keyOf, lateUncertain, record, settleAttempt } from "../batches/attempt-records.ts";
import {
  REFUSALS_ALIKE,
  failed,
  heldBy,
  probeOver,
  refused,
  succeeded,
  type BreakerState,
} from "../receiver/breaker.ts";
import { receiverPrint } from "../context/suspension.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { backToPending } from "../batches/stranding.ts";
import {
  DOES_NOT_MATCH,
  MAX_COUNTED_ATTEMPTS,
  UNUSUAL_ANSWER,
  countsAgainstBatch,
  judge,
  retryDelayMs,
  type Verdict,
} from "../receiver/verdict.ts";
import { limitsOf } from "../context/limits.ts";
import { explainFailure, receiverCode } from "../receiver/words.ts";
import { rootOf, split } from "../batches/split.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { because } from "../ledger/reasons.ts";
import { packLost } from "../files/pack-lost.ts";

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
      return applySuccess(context, run, state, batch, report, random);
    case "uncertain":
      if (verdict.cause === DOES_NOT_MATCH) return applySuccess(context, run, state, batch, report, random);
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
      // not known but taken for so: counted once, with the attempt's own report
      if (settleAttempt(context, report, "not_delivered", verdict.cause) || isCurrent)
        countAssumed(context, batch, report);
      return isCurrent
        ? { ...state, breaker: applyNotDelivered(context, breaker, batch, report, verdict, random) }
        : state;
    case "pack_lost":
      settleAttempt(context, report, "not_delivered", verdict.cause);
      if (isCurrent) {
        packLost(context, batch, verdict.cause);
        context.store.attempts.unfollow(batch.batch, batch.attempt);
        backToPending(context, batch, { retry_at: context.now });
      }
      return { ...state, breaker: probeOver(breaker, keyOf(report)) };
  }
}

/** A batch may be blamed once the receiver took another one, and while not five in a row are refused alike. */
function mayBlameBatch(run: StartedRun, breaker: BreakerState): boolean {
  return run.row.receiver_print !== null && breaker.refusals.batches.length < REFUSALS_ALIKE;
}

/** A 2xx settles its batch, unless SUCCESS_PATTERN or the other answers say that it may mean something else. */
function applySuccess(
  context: RunContext,
  run: StartedRun,
  state: ReceiverState,
  batch: BatchRow,
  report: SendReport,
  random: number,
): ReceiverState {
  const meaning = meaningOf(context, state.answers, batch, report);
  if (meaning.is === "known") return state;
  const { answers } = meaning;
  const answer = report.outcome as Extract<PostOutcome, { kind: "answer" }>;
  const breaker = probeOver(state.breaker, keyOf(report));
  const isCurrent = batch.state === "leased" && batch.attempt === report.attempt;
  const detail = answer.bodyStart;
  switch (meaning.is) {
    case "done":
      applyDone(context, batch, report);
      freezeReceiver(context, run, report);
      return { answers, breaker: succeeded(state.breaker) };
    case "unusual":
    case "refused":
      setAside(context, batch, report, meaning, isCurrent);
      return { answers, breaker };
    case "refused_by_pattern":
      settleAttempt(context, report, "refused", DOES_NOT_MATCH);
      if (isCurrent)
        applyRefused(context, run, breaker, batch, report, {
          kind: "refused",
          cause: DOES_NOT_MATCH,
          detail,
          status: answer.status,
        });
      return { answers, breaker };
    case "no_match": {
      if (!isCurrent) {
        lateUncertain(context, batch, report, DOES_NOT_MATCH);
        return { answers, breaker };
      }
      const verdict = { kind: "uncertain" as const, cause: DOES_NOT_MATCH, detail, answered: true };
      return { answers, breaker: applyUncertain(context, run, breaker, batch, report, verdict, random) };
    }
  }
}

/** Another kind of answer: its batch waits for an operator's word, or is refused by one that was given. */
function setAside(
  context: RunContext,
  batch: BatchRow,
  report: SendReport,
  { is, kind }: Extract<AnswerMeaning, { kind: string }>,
  isCurrent: boolean,
): void {
  const { bodyStart } = report.outcome as Extract<PostOutcome, { kind: "answer" }>;
  const detail = `${kind} ${bodyStart}`;
  if (!isCurrent) {
    if (is === "refused") settleAttempt(context, report, "refused", UNUSUAL_ANSWER);
    else lateUncertain(context, batch, report, UNUSUAL_ANSWER, detail);
    return;
  }
  const state = is === "refused" ? "refused" : "uncertain";
  record(context, batch, report.attempt, {
    state,
    cause: UNUSUAL_ANSWER,
    detail,
    startedAt: report.startedAt,
  });
  context.store.moveBatch(batch, is === "refused" ? "refused" : "held", {
    set_aside_at: context.now,
    ...because(UNUSUAL_ANSWER, bodyStart),
  });
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
    ...because(cause, detail || null),
    last_success_seen: breaker.successes,
  };
  if (isHeld) context.store.moveBatch(batch, "held", { ...patch, set_aside_at: context.now });
  else
    backToPending(context, batch, { ...patch, retry_at: context.now + retryDelayMs(batch.attempt, random) });
  // the receiver answered 2xx: whether it is asked again is not the breaker's to decide (answer-pattern.ts)
  if (cause === "lost" || cause === DOES_NOT_MATCH) return probeOver(breaker, keyOf(report));
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
  context.store.moveBatch(batch, "refused", {
    set_aside_at: context.now,
    ...because(cause, detail),
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
    // R2 may fail for this pack alone: others go before it
    const waitMs = verdict.cause === "storage" ? retryDelayMs(batch.attempt, random) : 0;
    backToPending(context, batch, { retry_at: context.now + waitMs });
    return probeOver(breaker, keyOf(report));
  }
  backToPending(context, batch, {
    retry_at: context.now + retryDelayMs(batch.attempt, random),
    ...because(verdict.cause),
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

/** An answer says "not now"; a receiver that took the lines all the same cannot be told from one that did not. */
function countAssumed(context: RunContext, batch: BatchRow, { outcome }: SendReport): void {
  if (outcome.kind === "answer") context.store.assumed.add(batch.batch, outcome.status, batch.lines);
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
