// Applies an operator's decision about answers to every attempt that waits for it, in parts (bulk-commands.ts).
import { isPatternWaiting, patternJudged } from "../receiver/answer-pattern.ts";
import { USUAL, judged, type AnswerState } from "../receiver/answers.ts";
import type { AnswerWords, Word } from "../../../src/contract/answers.ts";
import type { Json } from "../../../src/contract/states.ts";
import { applyEffects } from "../sending/apply-effects.ts";
import { decideDelivery } from "../sending/decide-delivery.ts";
import { deliveryFacts } from "../sending/report-facts.ts";
import { record } from "../batches/attempt-records.ts";
import { BULK_ROWS, beginBulk, type BulkPart } from "./bulk-commands.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { backToPending } from "../batches/stranding.ts";
import { DOES_NOT_MATCH, UNUSUAL_ANSWER } from "../receiver/verdict.ts";
import type { Done } from "./outcome.ts";
import type { AttemptRow } from "../ledger/attempt-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { because } from "../ledger/reasons.ts";

/** The name of the answers that do not match the pattern. */
export const NO_MATCH_KIND = "no_match";

/** Older decisions are in the events. */
const MAX_WORDS_SHOWN = 20;

type Cursor = { batch: number; attempt: number };

/** The decision for each kind of answer, or why it cannot be applied. */
export function wordsByKind(
  context: RunContext,
  run: StartedRun,
  asked: AnswerWords,
): { ok: true; words: Record<string, Word> } | { ok: false; detail: string } {
  const { kinds, usual } = run.answers;
  const open = kinds.filter((kind) => kind.waiting > 0).map((kind) => kind.id);
  if (isPatternWaiting(run.answers) || context.store.attempts.anyOfAnswer(DOES_NOT_MATCH))
    open.push(NO_MATCH_KIND);
  if (typeof asked === "string") {
    if (open.length === 0) return { ok: false, detail: "no unusual answers wait for a word" };
    return { ok: true, words: Object.fromEntries(open.map((id) => [id, asked])) };
  }
  const known = [...open, ...kinds.map((kind) => kind.id), ...(usual ? [USUAL] : [])];
  const unknown = Object.keys(asked).filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    return {
      ok: false,
      detail: `no such kind of answer: ${unknown.join(", ")}; there are ${known.join(", ") || "none"}`,
    };
  }
  if (asked[USUAL] === "resend")
    return { ok: false, detail: "what the usual answer settled cannot be sent again" };
  if (Object.keys(asked).length === 0) return { ok: false, detail: "no kind of answer is named" };
  return { ok: true, words: asked };
}

/** Call within the command's transaction. */
export function applyWords(
  context: RunContext,
  run: StartedRun,
  words: Readonly<Record<string, Word>>,
  command: { actor: string; note: string | null },
): Extract<Done, { ok: true }> {
  const { next, taken } = judged(run.answers, words);
  const pattern = words[NO_MATCH_KIND];
  const { actor, note } = command;
  const said = [...next.words, { at: context.now, actor, note, words: { ...words } }].slice(-MAX_WORDS_SHOWN);
  const state: AnswerState = {
    ...(pattern === undefined ? next : patternJudged(next, pattern)),
    words: said,
  };
  context.store.totals.set({ answers_json: JSON.stringify(state) });
  run.answers = state;
  for (const [batch, attempt] of taken) undoDelivery(context, batch, attempt);
  const done = beginBulk(context, command, "answer_words", { ...words }, answerWordsPart);
  return { ...done, changed: done.changed + taken.length };
}

/** Reverses a delivery whose answer counted as success while the check was learning, and no longer does. */
function undoDelivery(context: RunContext, number: number, attempt: number): void {
  const batch = context.store.batches.get(number);
  if (batch?.state !== "done" || batch.done_attempt !== attempt) return;
  const prior = context.store.attempts.get(number, attempt);
  if (prior) context.store.attempts.move(prior, "refused", UNUSUAL_ANSWER);
  else
    record(context, batch, attempt, {
      state: "refused",
      cause: UNUSUAL_ANSWER,
      detail: null,
      answerKind: USUAL,
    });
  context.store.moveBatch(batch, "refused", {
    set_aside_at: context.now,
    ...because(UNUSUAL_ANSWER, "refused by an operator's word"),
    done_attempt: null,
    done_at: null,
    answer_status: null,
  });
  context.store.totals.add("exceptions", 1);
}

export function answerWordsPart(context: RunContext, args: Json, cursor: Json | null): BulkPart {
  const words = args as Record<string, Word>;
  const after = (cursor as Cursor | null) ?? { batch: 0, attempt: -1 };
  const rows = context.store.attempts.ofAnswers(after, BULK_ROWS);
  let changed = 0;
  for (const row of rows) {
    const word = words[kindOf(row)];
    if (word !== undefined && settle(context, row, word)) changed += 1;
  }
  const last = rows.at(-1);
  const isOver = last === undefined || rows.length < BULK_ROWS;
  return { changed, cursor: isOver ? null : { batch: last.batch, attempt: last.attempt } };
}

function kindOf({ cause, answer_kind }: AttemptRow): string {
  return cause === DOES_NOT_MATCH ? NO_MATCH_KIND : (answer_kind ?? "");
}

function settle(context: RunContext, row: AttemptRow, word: Word): boolean {
  const { attempts, batches, totals } = context.store;
  const batch = batches.get(row.batch);
  if (!batch) return false;
  const isNewest = batch.attempt === row.attempt && (batch.state === "held" || batch.state === "pending");
  switch (word) {
    case "success":
      deliverByOperator(context, batch, row);
      // The pattern rejected this answer and a person overruled it. An unusual answer was only a question.
      if (row.cause === DOES_NOT_MATCH) totals.add("exceptions", 1);
      return true;
    case "refused":
      attempts.move(row, "refused", row.cause);
      if (isNewest)
        context.store.moveBatch(batch, "refused", {
          set_aside_at: context.now,
          reason_code: batch.reason_code ?? row.cause,
        });
      totals.add("exceptions", 1);
      return true;
    case "resend":
      if (!isNewest) return false;
      backToPending(context, batch, { retry_at: context.now, counted: 0 });
      return true;
  }
}

function deliverByOperator(context: RunContext, batch: BatchRow, row: AttemptRow): void {
  const effects = decideDelivery({
    batch,
    attempt: row.attempt,
    prior: row,
    startedAt: row.started_at,
    status: null,
    cause: "operator_word",
    facts: deliveryFacts(context, batch),
  });
  applyEffects(context, effects);
}
