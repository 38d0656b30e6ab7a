// What a 2xx of one attempt means for its batch, before any row is changed: by SUCCESS_PATTERN where it is set, else by
// likeness with the other answers. Reads rows, writes none; apply-report.ts carries it out.
import { answered, type AnswerState, withBody } from "../receiver/answers.ts";
import { membersOf } from "../../../src/pipeline/send/answer-members.ts";
import { matched, missed } from "../receiver/answer-pattern.ts";
import type { PostOutcome, SendReport } from "../../../src/contract/sending.ts";
import type { RunContext } from "../context/context.ts";
import { DOES_NOT_MATCH, UNUSUAL_ANSWER } from "../receiver/verdict.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { printOf } from "../context/settings.ts";

export type AnswerMeaning =
  | { is: "done"; answers: AnswerState }
  /** This report was applied before, and memory of it was lost. */
  | { is: "known" }
  /** By likeness: another kind of answer, without an operator's word or refused by one. */
  | { is: "unusual" | "refused"; answers: AnswerState; kind: string }
  /** By the pattern. */
  | { is: "no_match" | "refused_by_pattern"; answers: AnswerState };

/** So many characters of a body does a sender report. */
const REPORTED_CHARS = 512;

export function meaningOf(
  context: RunContext,
  answers: AnswerState,
  batch: BatchRow,
  report: SendReport,
): AnswerMeaning {
  const answer = report.outcome as Extract<PostOutcome, { kind: "answer" }>;
  if (isKnown(context, batch, report)) return { is: "known" };
  const print = answer.pattern ?? printOf(context.settings);
  if (answer.bodyMatches === true) return { is: "done", answers: matched(answers, print) };
  if (answer.bodyMatches === false) {
    const { next, verdict } = missed(answers, print, batch.batch);
    const seen = withBody(next, { status: answer.status, body: answer.bodyStart });
    if (verdict === "uncertain") return { is: "no_match", answers: seen };
    if (verdict === "refused") return { is: "refused_by_pattern", answers: seen };
    return byLikeness(next, answer, batch, report.attempt);
  }
  return byLikeness(answers, answer, batch, report.attempt);
}

function byLikeness(
  answers: AnswerState,
  answer: Extract<PostOutcome, { kind: "answer" }>,
  batch: BatchRow,
  attempt: number,
): AnswerMeaning {
  const { status, bodyStart: body, isWhole = true } = answer;
  const { next, verdict } = answered(answers, {
    status,
    body,
    isWhole,
    members: answer.members ?? membersOf(body, isWhole && body.length < REPORTED_CHARS),
    echoes: [batch.lines, batch.length, batch.raw_bytes],
    ref: [batch.batch, attempt],
  });
  const { is, kind } = verdict;
  return is === "success" ? { is: "done", answers: next } : { is, answers: next, kind };
}

/** One answer counts once, also when it is reported again after an eviction. */
function isKnown(context: RunContext, batch: BatchRow, { attempt }: SendReport): boolean {
  if (batch.done_attempt === attempt) return true;
  const prior = context.store.attempts.get(batch.batch, attempt);
  if (!prior) return false;
  const { state, cause } = prior;
  return state === "done" || state === "duplicate" || cause === UNUSUAL_ANSWER || cause === DOES_NOT_MATCH;
}
