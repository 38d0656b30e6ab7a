// SUCCESS_PATTERN and the answers that do not match it. A 2xx is no proof that nothing was taken, so such an attempt is
// uncertain. Pure: state, report → state, verdict.
//
// Before the first match the pattern itself may be wrong. Then nothing is tried again: the run is suspended with
// receiver_answer_does_not_match until the pattern is another one, or until an operator says what these answers mean.
// After it, five in a row from two batches suspend the run alike: what a receiver means by them is not known.
import type { AnswerState, PatternState } from "./answers.ts";
import type { Word } from "../../../src/contract/answers.ts";
const MISSES_TO_WAIT = 5;
const BATCHES_TO_WAIT = 2;

function patternOf({ pattern }: AnswerState, print: string): PatternState {
  if (pattern?.print === print) return pattern;
  return { print, hasMatched: false, misses: 0, missed: [], isWaiting: false, word: null };
}

export function matched(state: AnswerState, print: string): AnswerState {
  const pattern = patternOf(state, print);
  if (pattern.hasMatched && pattern.misses === 0) return state;
  // the pattern is right, so on_uncertain decides about what did not match
  return { ...state, pattern: { ...pattern, hasMatched: true, misses: 0, missed: [], isWaiting: false } };
}

/** "likeness": an operator said that such answers are successes, so they are compared with each other. */
export function missed(
  state: AnswerState,
  print: string,
  batch: number,
): { next: AnswerState; verdict: "uncertain" | "refused" | "likeness" } {
  const before = patternOf(state, print);
  if (before.word === "success") return { next: { ...state, pattern: before }, verdict: "likeness" };
  const batches = before.missed.includes(batch)
    ? before.missed
    : [...before.missed, batch].slice(0, BATCHES_TO_WAIT);
  const misses = before.misses + 1;
  const areMany = misses >= MISSES_TO_WAIT && batches.length >= BATCHES_TO_WAIT;
  const pattern = { ...before, misses, missed: batches };
  if (before.word === "refused" && !areMany) return { next: { ...state, pattern }, verdict: "refused" };
  const isWaiting = before.isWaiting || !before.hasMatched || areMany;
  return { next: { ...state, pattern: { ...pattern, isWaiting } }, verdict: "uncertain" };
}

/** `print`: of the pattern as it is set now; another one ends the stage. */
export function patternSuspends(
  { pattern, bodies }: AnswerState,
  print: string,
): { code: string; detail: string } | null {
  if (!pattern?.isWaiting || pattern.print !== print) return null;
  const example = bodies.at(-1)?.body ?? "";
  const detail = `the answers do not match SUCCESS_PATTERN, the newest kind is: ${example}; mend the pattern, or resume with answers "success", "refused" or "resend"`;
  return { code: "receiver_answer_does_not_match", detail };
}

export function isPatternWaiting({ pattern }: AnswerState): boolean {
  return pattern?.isWaiting ?? false;
}

/** An operator said what the answers that did not match mean. */
export function patternJudged(state: AnswerState, word: Word): AnswerState {
  if (!state.pattern) return state;
  const settled = word === "resend" ? null : word;
  return { ...state, pattern: { ...state.pattern, word: settled, isWaiting: false, misses: 0, missed: [] } };
}
