// Judges what a send report says about delivery, and what the run learns from the answer. Does no I/O. The status
// decides first (receiver/verdict.ts). A 2xx is then checked by SUCCESS_PATTERN. Without a pattern, it is compared with
// the other answers of the run.
import { REPORTED_BODY_CHARS } from "../../../src/contract/sending.ts";
import { isSuccess } from "../../../src/receivers/status-meaning.ts";
import { membersOf } from "../../../src/pipeline/send/answer-members.ts";
import type { AnswerPart, PostOutcome, SendReport } from "../../../src/contract/sending.ts";
import type { AttemptRow } from "../ledger/attempt-row.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { matched, missed } from "../receiver/answer-pattern.ts";
import { answered, withBody, type AnswerState } from "../receiver/answers.ts";
import { REFUSALS_ALIKE, type BreakerState } from "../receiver/breaker.ts";
import { DOES_NOT_MATCH, UNUSUAL_ANSWER, judge, type Verdict } from "../receiver/verdict.ts";

/** What the run knows about the receiver. Reports change it. */
export interface ReceiverState {
  breaker: BreakerState;
  answers: AnswerState;
  /** Fingerprint of the endpoint and URI that accepted the run's first batch. Null: no batch was accepted yet. */
  print: string | null;
}

export type ReportVerdict =
  | Exclude<Verdict, { kind: "done" }>
  | { kind: "delivered"; status: number }
  /** The run applied this 2xx before, but forgot the report in an eviction. */
  | { kind: "repeated" }
  /** The receiver accepted some lines of the batch, and not all. */
  | { kind: "partial"; status: number; parts: readonly AnswerPart[]; body: string }
  /** A 2xx of another kind than the usual one. `isRefused`: an operator decided that this kind refuses. */
  | { kind: "unusual"; answerKind: string; body: string; isRefused: boolean };

export interface ToJudge {
  report: SendReport;
  batch: BatchRow;
  /** The row of the reported attempt. An ordinary attempt has no row. */
  prior: AttemptRow | null;
  receiver: ReceiverState;
  /** Fingerprint of the present SUCCESS_PATTERN. "" without a pattern. */
  pattern: string;
}
export interface Judged {
  verdict: ReportVerdict;
  answers: AnswerState;
}

type Answer = Extract<PostOutcome, { kind: "answer" }>;

export function judgeReport(judging: ToJudge): Judged {
  const { report, batch, prior, receiver } = judging;
  const { outcome } = report;
  const verdict = judge(outcome, mayBlameBatch(receiver));
  if (outcome.kind !== "answer" || !isSuccess(outcome.status))
    return { verdict: notDone(verdict), answers: receiver.answers };
  if (wasApplied(batch, prior, report.attempt))
    return { verdict: { kind: "repeated" }, answers: receiver.answers };
  return judgeSuccess(judging, outcome);
}

/** Narrows the type of a verdict without a 2xx. Only a 2xx has the verdict `done`. */
function notDone(verdict: Verdict): Exclude<Verdict, { kind: "done" }> {
  if (verdict.kind === "done") throw new Error("an outcome without a 2xx is no delivery");
  return verdict;
}

/** Whether the batch, and not the settings, may be the cause of a refusal. This needs an accepted batch before, and
 * fewer than five refusals in a row with the same status. */
function mayBlameBatch({ print, breaker }: ReceiverState): boolean {
  return print !== null && breaker.refusals.batches.length < REFUSALS_ALIKE;
}

/** Whether the run has already learned from this answer. After an eviction a sender may report an answer again. */
function wasApplied(batch: BatchRow, prior: AttemptRow | null, attempt: number): boolean {
  if (batch.done_attempt === attempt) return true;
  if (!prior) return false;
  const { state, cause } = prior;
  return state === "done" || state === "duplicate" || cause === UNUSUAL_ANSWER || cause === DOES_NOT_MATCH;
}

function judgeSuccess(judging: ToJudge, answer: Answer): Judged {
  const { batch, receiver, pattern } = judging;
  const { status, bodyStart: body } = answer;
  const print = answer.pattern ?? pattern;
  if (answer.bodyMatches === null) return compare(judging, answer, receiver.answers);
  if (answer.bodyMatches)
    return { verdict: { kind: "delivered", status }, answers: matched(receiver.answers, print) };
  const parts = partsFor(batch, answer.parts);
  if (parts)
    return { verdict: { kind: "partial", status, parts, body }, answers: matched(receiver.answers, print) };
  const { next, verdict } = missed(receiver.answers, print, batch.batch);
  if (verdict === "likeness") return compare(judging, answer, next);
  const answers = withBody(next, { status, body });
  const why = { cause: DOES_NOT_MATCH, detail: body };
  return verdict === "refused"
    ? { verdict: { kind: "refused", ...why, status }, answers }
    : { verdict: { kind: "uncertain", ...why, answered: true }, answers };
}

/** What the answer says about each line. Null: the answer does not say this for each line, or it accepts no line. */
function partsFor(batch: BatchRow, parts: readonly AnswerPart[] | undefined): readonly AnswerPart[] | null {
  if (!parts?.some(({ as }) => as === "accepted")) return null;
  return parts.reduce((sum, { lines }) => sum + lines, 0) === batch.lines ? parts : null;
}

/** Judges an answer by comparison with the other answers of the run. */
function compare({ batch, report }: ToJudge, answer: Answer, answers: AnswerState): Judged {
  const { status, bodyStart: body, isWhole = true } = answer;
  const { next, verdict } = answered(answers, {
    status,
    body,
    isWhole,
    members: answer.members ?? membersOf(body, isWhole && body.length < REPORTED_BODY_CHARS),
    echoes: [batch.lines, batch.length, batch.raw_bytes],
    ref: [batch.batch, report.attempt],
  });
  if (verdict.is === "success") return { verdict: { kind: "delivered", status }, answers: next };
  const isRefused = verdict.is === "refused";
  return { verdict: { kind: "unusual", answerKind: verdict.kind, body, isRefused }, answers: next };
}
