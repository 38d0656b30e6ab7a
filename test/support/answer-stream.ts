// Passes a series of answers to the comparison of answers, one by one.
import { membersOf } from "../../src/pipeline/send/answer-members.ts";
import {
  answered,
  noAnswers,
  type Answer,
  type AnswerState,
} from "../../durable-objects/backfill-run/receiver/answers.ts";

export type Given = string | { body?: string; status?: number; isWhole?: boolean; lines?: number };

function answerOf(given: Given, n: number): Answer {
  const {
    body = "",
    status = 200,
    isWhole = true,
    lines = 100,
  } = typeof given === "string" ? { body: given } : given;
  return { status, body, isWhole, members: membersOf(body, isWhole), echoes: [lines], ref: [n + 1, 1] };
}

export function after(given: readonly Given[], from: AnswerState = noAnswers) {
  let state = from;
  const verdicts: string[] = [];
  const kinds: string[] = [];
  for (const [n, one] of given.entries()) {
    const { next, verdict } = answered(state, answerOf(one, n));
    verdicts.push(verdict.is);
    kinds.push(verdict.kind);
    state = next;
  }
  return { state, verdicts, kinds };
}

export function times<T>(count: number, body: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => body(n));
}

/** A text that differs for each `n`, in a form that no mask recognises. */
export function random(n: number): string {
  return ((n * 2_654_435_761) >>> 0).toString(36);
}
