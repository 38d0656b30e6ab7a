// A 2xx: absorbing, from any attempt and in any state. A second one for the same lines adds to duplicate_lines, never
// to what was sent; the same one reported twice adds nothing.
import type { PostOutcome, SendReport } from "../../../src/contract/sending.ts";
import { record, recordDuplicate } from "../batches/attempt-records.ts";
import type { RunContext } from "../context/context.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { NO_REASON } from "../ledger/reasons.ts";

/** `outcome` is null where an operator's word makes it so. */
type Done = Pick<SendReport, "batch" | "attempt" | "startedAt"> & { outcome: PostOutcome | null };

/** `cause`: how it became known, where an attempt row says so. */
export function applyDone(context: RunContext, batch: BatchRow, report: Done, cause = "late_2xx"): void {
  if (batch.state === "split") return lateDoneOfParent(context, batch, report);
  if (batch.state === "done") return secondDone(context, batch, report);
  const { attempts } = context.store;
  const prior = attempts.get(report.batch, report.attempt);
  if (prior) attempts.move(prior, "done", cause);
  // whatever else of this batch is uncertain may have arrived besides this one
  attempts.follow(report.batch, report.attempt);
  settleDone(context, batch, report.attempt, statusOf(report));
}

function statusOf({ outcome }: Done): number | null {
  return outcome?.kind === "answer" ? outcome.status : null;
}

function secondDone(context: RunContext, batch: BatchRow, report: Done): void {
  const { attempts, totals } = context.store;
  const prior = attempts.get(report.batch, report.attempt);
  if (batch.done_attempt === report.attempt || prior?.state === "done" || prior?.state === "duplicate")
    return;
  if (batch.done_attempt === null) {
    // an operator had settled it by his word; this is the delivery that he named
    if (prior) attempts.move(prior, "done", "late_2xx");
    const done = { done_attempt: report.attempt, done_at: context.now, answer_status: statusOf(report) };
    context.store.moveBatch(batch, "done", done);
    return;
  }
  if (prior) attempts.move(prior, "duplicate", "second_2xx");
  else
    record(context, batch, report.attempt, {
      state: "duplicate",
      cause: "second_2xx",
      startedAt: report.startedAt,
    });
  totals.add("duplicate_lines", batch.lines);
}

/** A newer attempt may be out: its sender may be posting, and its lease must count until it can act no more. */
function settleDone(
  context: RunContext,
  batch: BatchRow,
  doneAttempt: number,
  answerStatus: number | null,
): void {
  const newerIsOut = batch.state === "leased" && batch.attempt !== doneAttempt;
  // read before the batch moves: its lease is over then
  const leaseEnd = context.store.leases.endOf(batch.batch);
  context.store.moveBatch(batch, "done", {
    ...NO_REASON,
    done_attempt: doneAttempt,
    done_at: context.now,
    answer_status: answerStatus,
  });
  if (!newerIsOut) return;
  const detail = "an earlier attempt was accepted meanwhile";
  record(context, batch, batch.attempt, {
    state: "uncertain",
    cause: "superseded",
    detail,
    followed: doneAttempt,
  });
  context.memory.quietAt = Math.max(context.memory.quietAt, leaseEnd ?? 0);
}

/** The whole batch had arrived after all: its parts are done, and those that were sent besides are duplicates. */
function lateDoneOfParent(context: RunContext, parent: BatchRow, report: Done): void {
  const { attempts, batches, totals } = context.store;
  const prior = attempts.get(report.batch, report.attempt);
  if (prior?.state === "done" || prior?.state === "duplicate") return;
  const parts = batches.partsOf(parent.batch);
  const isFirst = !attempts.of(parent.batch).some((attempt) => attempt.state === "done");
  if (prior) attempts.move(prior, isFirst ? "done" : "duplicate", "late_2xx");
  else record(context, parent, report.attempt, { state: isFirst ? "done" : "duplicate", cause: "late_2xx" });
  if (!isFirst || parts.length === 0) {
    totals.add("duplicate_lines", parent.lines);
    return;
  }
  for (const part of parts) {
    if (part.state === "split") continue;
    if (part.state === "done") recordDuplicate(context, part, "parent_2xx");
    // attempt 0: by its parent, not by an attempt of its own
    else settleDone(context, part, 0, statusOf(report));
  }
}
