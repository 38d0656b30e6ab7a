// Applies an operator's decision about answers to every attempt that waits for it, in parts (bulk-commands.ts).
// decide-answers.ts contains the rules.
import { isPatternWaiting } from "../receiver/answer-pattern.ts";
import { USUAL } from "../receiver/answers.ts";
import type { AnswerWords, Word } from "../../../src/contract/answers.ts";
import type { Json } from "../../../src/contract/states.ts";
import { applyEffects } from "../sending/apply-effects.ts";
import { deliveryFacts, fileOf } from "../sending/report-facts.ts";
import { saveAnswers } from "../sending/send-verbs.ts";
import { BULK_ROWS, beginBulk, type BulkPart } from "./bulk-commands.ts";
import {
  NO_MATCH_KIND,
  decideAnswers,
  decideReversal,
  decideWaiting,
  kindOf,
  type Decided,
  type Words,
} from "./decide-answers.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { DOES_NOT_MATCH } from "../receiver/verdict.ts";
import type { Done } from "./outcome.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { AttemptRow } from "../ledger/attempt-row.ts";

type Cursor = { batch: number; attempt: number };

/** The decision for each kind of answer, or why the decision cannot be applied. */
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

/** Applies the decision. Call within the command's transaction. */
export function applyWords(
  context: RunContext,
  run: StartedRun,
  words: Words,
  command: { actor: string; note: string | null },
): Extract<Done, { ok: true }> {
  const { actor, note } = command;
  const { answers, reversed } = decideAnswers(run.answers, words, { at: context.now, actor, note });
  saveAnswers(context, run.hot, answers);
  for (const [batch, attempt] of reversed) reverse(context, batch, attempt);
  const done = beginBulk(context, command, "answer_words", { ...words }, answerWordsPart);
  return { ...done, changed: done.changed + reversed.length };
}

function reverse(context: RunContext, number: number, attempt: number): void {
  const { attempts, batches } = context.store;
  const batch = batches.get(number);
  if (!batch) return;
  applyEffects(context, decideReversal(batch, attempt, attempts.get(number, attempt) ?? null));
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

/** Applies the decision to this attempt. False: the decision does not concern the attempt. */
function settle(context: RunContext, row: AttemptRow, word: Word): boolean {
  const batch = context.store.batches.get(row.batch);
  if (!batch) return false;
  const effects = decideWaiting({ row, batch, now: context.now }, withRows(context, batch, word));
  applyEffects(context, effects);
  return word !== "resend" || effects.length > 0;
}

function withRows(context: RunContext, batch: BatchRow, word: Word): Decided {
  switch (word) {
    case "success":
      return { word, delivery: deliveryFacts(context, batch) };
    case "refused":
      return { word };
    case "resend":
      return { word, fileState: fileOf(context, batch).state };
  }
}
