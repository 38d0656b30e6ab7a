// Decides what an operator's decision about answers changes. Does no I/O. The function takes states and rows, and
// returns the new state and effects. answer-decisions.ts reads the rows and writes the effects.
//
//   decision   a waiting attempt      its batch, if that attempt is the newest one
//   success    is delivered           becomes done (decide-delivery.ts)
//   refused    becomes refused        becomes refused
//   resend     stays uncertain        becomes pending, or held when its file cannot go on
import { canContinue } from "../batches/stranding.ts";
import type { AttemptRow } from "../ledger/attempt-row.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { STRANDED, because } from "../ledger/reasons.ts";
import { patternJudged } from "../receiver/answer-pattern.ts";
import { USUAL, judged, type AnswerState } from "../receiver/answers.ts";
import { DOES_NOT_MATCH, UNUSUAL_ANSWER } from "../receiver/verdict.ts";
import { decideDelivery, type DeliveryFacts } from "../sending/decide-delivery.ts";
import type { Effect } from "../sending/report-effects.ts";
import type { Word } from "../../../src/contract/answers.ts";
import type { FileState } from "../../../src/contract/states.ts";

/** The name of the answers that do not match the pattern. */
export const NO_MATCH_KIND = "no_match";

/** The most decisions that the status shows. The audit trail has older decisions. */
const MAX_WORDS_SHOWN = 20;

/** The decision for each kind of answer. */
export type Words = Readonly<Record<string, Word>>;

/** `reversed` lists deliveries that counted as success while the check was learning, and no longer count. */
export interface DecidedAnswers {
  answers: AnswerState;
  reversed: [batch: number, attempt: number][];
}

export function decideAnswers(
  answers: AnswerState,
  words: Words,
  by: { at: number; actor: string; note: string | null },
): DecidedAnswers {
  const { next, taken } = judged(answers, words);
  const pattern = words[NO_MATCH_KIND];
  const known = pattern === undefined ? next : patternJudged(next, pattern);
  const { at, actor, note } = by;
  const all = [...next.words, { at, actor, note, words: { ...words } }];
  return { answers: { ...known, words: all.slice(-MAX_WORDS_SHOWN) }, reversed: taken };
}

/** Reverses a delivery. `prior` is the row of the attempt, if it has one. The result is empty when this attempt
 * did not deliver the batch. */
export function decideReversal(batch: BatchRow, attempt: number, prior: AttemptRow | null): Effect[] {
  if (batch.state !== "done" || batch.done_attempt !== attempt) return [];
  const cause = UNUSUAL_ANSWER;
  const end = { state: "refused", cause, detail: null, answerKind: USUAL } as const;
  return [
    prior
      ? { do: "move_attempt", row: prior, to: "refused", cause }
      : { do: "record_attempt", batch, attempt, end },
    { do: "undo_delivery", batch, reason: because(cause, "refused by an operator's word") },
    { do: "count_exception" },
  ];
}

/** An attempt that waits for a decision. */
export interface Waiting {
  row: AttemptRow;
  batch: BatchRow;
  /** Epoch milliseconds. */
  now: number;
}

/** An operator's decision, with the rows that it needs. */
export type Decided =
  | { word: "success"; delivery: DeliveryFacts }
  | { word: "refused" }
  | { word: "resend"; fileState: FileState };

/** The name of this attempt's kind of answer in an operator's decision. */
export function kindOf({ cause, answer_kind }: AttemptRow): string {
  return cause === DOES_NOT_MATCH ? NO_MATCH_KIND : (answer_kind ?? "");
}

/** The effects of a decision on one waiting attempt. Empty: the decision changes nothing about this attempt. */
export function decideWaiting(waiting: Waiting, decided: Decided): Effect[] {
  switch (decided.word) {
    case "success":
      return deliver(waiting, decided.delivery);
    case "refused":
      return refuse(waiting);
    case "resend":
      return isNewest(waiting) ? [sendAgain(waiting, decided.fileState)] : [];
  }
}

function isNewest({ row, batch }: Waiting): boolean {
  return batch.attempt === row.attempt && (batch.state === "held" || batch.state === "pending");
}

/** Makes the batch done. An operator who overrules the pattern makes an exception. A decision about an unusual
 * answer is no exception. */
function deliver({ row, batch }: Waiting, delivery: DeliveryFacts): Effect[] {
  const effects = decideDelivery({
    batch,
    attempt: row.attempt,
    prior: row,
    startedAt: row.started_at,
    status: null,
    cause: "operator_word",
    facts: delivery,
  });
  return row.cause === DOES_NOT_MATCH ? [...effects, { do: "count_exception" }] : effects;
}

function refuse(waiting: Waiting): Effect[] {
  const { row, batch } = waiting;
  const reason = because(batch.reason_code ?? row.cause, batch.reason_detail);
  const setAside: Effect = { do: "set_aside", batch, as: "refused", remember: { reason } };
  return [
    { do: "move_attempt", row, to: "refused", cause: row.cause },
    ...(isNewest(waiting) ? [setAside] : []),
    { do: "count_exception" },
  ];
}

function sendAgain({ batch, now }: Waiting, fileState: FileState): Effect {
  if (canContinue(fileState)) return { do: "retry", batch, at: now, remember: { counted: 0 } };
  const remember = { counted: 0, reason: because(STRANDED, fileState) };
  return { do: "set_aside", batch, as: "held", remember };
}
