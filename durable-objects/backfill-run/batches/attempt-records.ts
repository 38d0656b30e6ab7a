// Records attempts that did not simply end in the first 2xx of their batch.
import type { SendReport } from "../../../src/contract/sending.ts";
import type { RunContext } from "../context/context.ts";
import type { AttemptState } from "../ledger/attempt-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";

export interface AttemptEnd {
  state: AttemptState;
  cause: string;
  detail?: string;
  startedAt?: number | null;
  /** Another attempt after which the batch was sent or accepted. 0: none. The attempt is then a possible duplicate. */
  followed?: number;
}

/** Records each attempt once. A repeated report finds the row and changes nothing. */
export function record(context: RunContext, batch: BatchRow, attempt: number, end: AttemptEnd): void {
  if (context.store.attempts.get(batch.batch, attempt)) return;
  context.store.attempts.insert({
    batch: batch.batch,
    attempt,
    state: end.state,
    cause: end.cause,
    detail: end.detail ?? "",
    lines: batch.lines,
    started_at: end.startedAt ?? null,
    ended_at: context.now,
    followed: end.followed ?? 0,
  });
}

/** Records lines that were delivered once, and that another batch or attempt delivers too. */
export function recordDuplicate(context: RunContext, batch: BatchRow, cause: string): void {
  const { attempts, totals } = context.store;
  const attempt = batch.done_attempt ?? batch.attempt;
  const prior = attempts.get(batch.batch, attempt);
  if (prior?.state === "duplicate") return;
  if (prior) attempts.move(prior, "duplicate", cause);
  else record(context, batch, attempt, { state: "duplicate", cause });
  totals.add("duplicate_lines", batch.lines);
}

/** Records a definite outcome of an uncertain attempt. False when the attempt was not uncertain. */
export function settleAttempt(
  context: RunContext,
  report: SendReport,
  to: "refused" | "not_delivered",
  cause: string,
): boolean {
  const prior = context.store.attempts.get(report.batch, report.attempt);
  if (prior?.state !== "uncertain") return false;
  context.store.attempts.move(prior, to, cause);
  return true;
}

/** Records a late report that gives a cause but leaves the attempt uncertain. */
export function lateUncertain(
  context: RunContext,
  batch: BatchRow,
  report: SendReport,
  cause: string,
  detail = "",
): void {
  const prior = context.store.attempts.get(report.batch, report.attempt);
  if (prior) {
    if (prior.state === "uncertain" && (prior.cause === "lost" || prior.cause === "superseded")) {
      context.store.attempts.move(prior, "uncertain", cause, detail);
    }
    return;
  }
  if (batch.state === "done" && batch.done_attempt === report.attempt) return;
  record(context, batch, report.attempt, {
    state: "uncertain",
    cause,
    detail,
    startedAt: report.startedAt,
    followed: batch.done_attempt ?? 0,
  });
}

export function keyOf(ref: { batch: number; attempt: number }): string {
  return `${ref.batch}/${ref.attempt}`;
}
