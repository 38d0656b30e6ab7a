// One report of one attempt → its rows. `done` is absorbing: from any attempt, in any state of batch or run, it makes
// the batch done, and no later report moves it. Whatever an attempt leaves unknown becomes an uncertain attempt row
// before anything is sent again; a late word about it moves that row and with it the sums.
import type { SendReport } from "./api.ts";
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
import { countsAgainstBatch, judge, MAX_COUNTED_ATTEMPTS, retryDelayMs, type Verdict } from "./ledger.ts";
import { offerSoon } from "./parse-verbs.ts";
import type { AttemptState } from "./store/attempt-rows.ts";
import type { BatchRow } from "./store/batch-rows.ts";

/** Within a transaction. Gives the breaker as it is after the report. `random` in [0, 1) jitters the retry. */
export function applyReport(
  context: RunContext,
  run: StartedRun,
  breaker: BreakerState,
  report: SendReport,
  random: number,
): BreakerState {
  const batch = context.store.batches.get(report.batch);
  if (!batch || report.attempt > batch.attempt) return breaker;
  const verdict = judge(report.outcome, mayBlameBatch(run, breaker));
  const isCurrent = batch.state === "leased" && batch.attempt === report.attempt;
  switch (verdict.kind) {
    case "done":
      applyDone(context, batch, report);
      freezeReceiver(context, run, report);
      return succeeded(breaker);
    case "uncertain":
      if (!isCurrent) {
        lateUncertain(context, batch, report, verdict.cause);
        return breaker;
      }
      return applyUncertain(context, batch, report, verdict, breaker, random);
    case "refused":
      settleAttempt(context, report, "refused", verdict.cause);
      if (isCurrent) {
        const reason = `${verdict.cause}: ${verdict.detail}`;
        context.store.moveBatch(batch, "refused", {
          due_at: context.now,
          reason,
          last_success_seen: breaker.successes,
        });
        record(context, batch, report.attempt, "refused", verdict.cause, verdict.detail, report.startedAt);
      }
      return refused(probeOver(breaker, keyOf(report)), report.batch, verdict.status);
    case "not_delivered":
      settleAttempt(context, report, "not_delivered", verdict.cause);
      if (!isCurrent) return breaker;
      return applyNotDelivered(context, batch, report, verdict, breaker, random);
    case "pack_lost":
      settleAttempt(context, report, "not_delivered", verdict.cause);
      if (!isCurrent) return breaker;
      context.store.attempts.unfollow(batch.batch, batch.attempt);
      context.store.moveBatch(batch, "pending", { due_at: context.now });
      packLost(context, batch, verdict.cause);
      return probeOver(breaker, keyOf(report));
  }
}

export function keyOf(ref: { batch: number; attempt: number }): string {
  return `${ref.batch}/${ref.attempt}`;
}

/** A batch may be blamed once the receiver took another one, and while not five in a row are refused alike. */
function mayBlameBatch(run: StartedRun, breaker: BreakerState): boolean {
  return run.row.receiver_print !== null && breaker.refusals.batches.length < REFUSALS_ALIKE;
}

function applyDone(context: RunContext, batch: BatchRow, report: SendReport): void {
  const { attempts, totals } = context.store;
  const prior = attempts.get(report.batch, report.attempt);
  if (batch.state === "done") {
    if (batch.done_attempt === report.attempt || prior?.state === "done" || prior?.state === "duplicate")
      return;
    if (prior) attempts.move(prior, "duplicate", "second_2xx");
    else record(context, batch, report.attempt, "duplicate", "second_2xx", "", report.startedAt);
    totals.add("duplicate_lines", batch.lines);
    return;
  }
  if (prior) attempts.move(prior, "done", "late_2xx");
  // whatever else of this batch is uncertain may have arrived besides this one
  attempts.follow(report.batch, report.attempt);
  // a newer attempt is out: its sender may be posting, and its lease must count until it can act no more
  const newerIsOut = batch.state === "leased" && batch.attempt !== report.attempt;
  context.store.moveBatch(batch, "done", { due_at: null, reason: null, done_attempt: report.attempt });
  if (!newerIsOut) return;
  record(
    context,
    batch,
    batch.attempt,
    "uncertain",
    "superseded",
    "an earlier attempt was accepted meanwhile",
    null,
    report.attempt,
  );
  context.memory.quietAt = Math.max(context.memory.quietAt, batch.due_at ?? 0);
}

/** It is not known whether the lines arrived: that is written down before the batch can be offered again. */
function applyUncertain(
  context: RunContext,
  batch: BatchRow,
  report: SendReport,
  verdict: Extract<Verdict, { kind: "uncertain" }>,
  breaker: BreakerState,
  random: number,
): BreakerState {
  record(context, batch, report.attempt, "uncertain", verdict.cause, verdict.detail, report.startedAt);
  const totals = context.store.totals.read();
  const counts = countsAgainstBatch(verdict, {
    breakerOpen: breaker.open !== null,
    successes: breaker.successes,
    successesAtPreviousAttempt: batch.last_success_seen,
    nothingElseLeft: totals.batches_pending + totals.batches_leased <= 1,
  });
  const counted = batch.counted + (counts ? 1 : 0);
  const isHeld = counted >= MAX_COUNTED_ATTEMPTS;
  const reason = `${verdict.cause}${verdict.detail ? `: ${verdict.detail}` : ""}`;
  const dueAt = isHeld ? context.now : context.now + retryDelayMs(batch.attempt, random);
  context.store.moveBatch(batch, isHeld ? "held" : "pending", {
    due_at: dueAt,
    counted,
    reason,
    last_success_seen: breaker.successes,
  });
  if (verdict.cause === "lost") return probeOver(breaker, keyOf(report));
  return failed(
    breaker,
    { batch: batch.batch, key: keyOf(report), ...named(verdict), forEveryBatch: false },
    context.now,
  );
}

function applyNotDelivered(
  context: RunContext,
  batch: BatchRow,
  report: SendReport,
  verdict: Extract<Verdict, { kind: "not_delivered" }>,
  breaker: BreakerState,
  random: number,
): BreakerState {
  if (verdict.unsent) {
    context.store.attempts.unfollow(batch.batch, batch.attempt);
    context.store.moveBatch(batch, "pending", { due_at: context.now });
    return probeOver(breaker, keyOf(report));
  }
  context.store.moveBatch(batch, "pending", {
    due_at: context.now + retryDelayMs(batch.attempt, random),
    reason: verdict.cause,
    last_success_seen: breaker.successes,
  });
  const { outcome } = report;
  const retryAfterMs = outcome.kind === "answer" ? outcome.retryAfterMs : null;
  const next = failed(
    breaker,
    { batch: batch.batch, key: keyOf(report), ...named(verdict), forEveryBatch: verdict.forEveryBatch },
    context.now,
  );
  return retryAfterMs === null ? next : heldBy(next, retryAfterMs, context.now);
}

function named(verdict: { cause: string; detail: string }): { code: string; detail: string } {
  const code = verdict.cause.startsWith("http_") ? `receiver_${verdict.cause}` : `receiver_${verdict.cause}`;
  return { code, detail: explain(verdict.cause, verdict.detail) };
}

function explain(cause: string, detail: string): string {
  const said = detail ? `; it said: ${detail}` : "";
  switch (cause) {
    case "http_401":
    case "http_403":
      return `the receiver refuses the signature: check CTYUN_PRIVATE_KEY${said}`;
    case "http_404":
    case "http_405":
    case "http_410":
      return `the receiver does not know the path: check CTYUN_URI_EDGE and CTYUN_ENDPOINT${said}`;
    default:
      return cause.startsWith("http_3")
        ? `the receiver redirects, which is never followed: check CTYUN_ENDPOINT and CTYUN_URI_EDGE${said}`
        : `the receiver fails (${cause})${said}`;
  }
}

/** A late word about an attempt that ended uncertain, or that lost its lease to nobody's knowledge. */
function lateUncertain(context: RunContext, batch: BatchRow, report: SendReport, cause: string): void {
  const prior = context.store.attempts.get(report.batch, report.attempt);
  if (prior) {
    if (prior.state === "uncertain" && (prior.cause === "lost" || prior.cause === "superseded")) {
      context.store.attempts.move(prior, "uncertain", cause);
    }
    return;
  }
  if (batch.state === "done" && batch.done_attempt === report.attempt) return;
  record(context, batch, report.attempt, "uncertain", cause, "", report.startedAt, batch.done_attempt ?? 0);
}

/** A definite word about an attempt that was uncertain: it is uncertain no more. */
function settleAttempt(
  context: RunContext,
  report: SendReport,
  to: "refused" | "not_delivered",
  cause: string,
): void {
  const prior = context.store.attempts.get(report.batch, report.attempt);
  if (prior?.state === "uncertain") context.store.attempts.move(prior, to, cause);
}

function record(
  context: RunContext,
  batch: BatchRow,
  attempt: number,
  state: AttemptState,
  cause: string,
  detail: string,
  startedAt: number | null,
  followed = 0,
): void {
  if (context.store.attempts.get(batch.batch, attempt)) return;
  context.store.attempts.insert({
    batch: batch.batch,
    attempt,
    state,
    cause,
    detail,
    lines: batch.lines,
    started_at: startedAt,
    ended_at: context.now,
    followed,
  });
}

/** The receiver of the first 2xx is this run's receiver from then on. */
function freezeReceiver(context: RunContext, run: StartedRun, report: SendReport): void {
  if (run.row.receiver_print !== null) return;
  const [endpoint = "", uri = ""] = report.receiver.split("\n");
  const receiver_print = receiverPrint(run.row, endpoint, uri);
  run.row.receiver_print = receiver_print;
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
