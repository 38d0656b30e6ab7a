// Records attempts that did not simply end in the first 2xx of their batch.
import type { RunContext } from "../context/context.ts";
import type { AttemptState } from "../../../src/contract/states.ts";
import type { BatchRow } from "../ledger/batch-row.ts";

export interface AttemptEnd {
  state: AttemptState;
  cause: string;
  /** Text for people. Absent: an empty text. */
  detail?: string | null;
  /** The kind of answer, when the cause is `unusual_answer`. */
  answerKind?: string | null;
  startedAt?: number | null;
  /** The receiver cannot have got the lines before this time. Absent: not before `startedAt`. */
  arrivedAfter?: number | null;
  /** The first later attempt that sent the batch again. This attempt is then a possible duplicate. 0: no later
   * attempt sent the batch. */
  followed?: number;
}

/** Records each attempt once. A second record of an attempt changes nothing. */
export function record(context: RunContext, batch: BatchRow, attempt: number, end: AttemptEnd): void {
  context.store.attempts.insert({
    batch: batch.batch,
    attempt,
    state: end.state,
    cause: end.cause,
    detail: end.detail === undefined ? "" : end.detail,
    answer_kind: end.answerKind ?? null,
    lines: batch.lines,
    started_at: end.startedAt ?? null,
    ended_at: context.now,
    followed: end.followed ?? 0,
    deduped: 0,
    arrived_after: end.arrivedAfter ?? end.startedAt ?? null,
  });
}

/** Records that a batch or attempt delivered lines which another batch or attempt has already delivered. */
export function recordDuplicate(context: RunContext, batch: BatchRow, cause: string): void {
  const { attempts, totals } = context.store;
  const attempt = batch.done_attempt ?? batch.attempt;
  const prior = attempts.get(batch.batch, attempt);
  if (prior?.state === "duplicate") return;
  if (prior) attempts.move(prior, "duplicate", cause);
  else record(context, batch, attempt, { state: "duplicate", cause });
  totals.add("duplicate_lines", batch.lines);
}

export function keyOf(ref: { batch: number; attempt: number }): string {
  return `${ref.batch}/${ref.attempt}`;
}
