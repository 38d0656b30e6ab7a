// Handles SUCCESS_PATTERN and the 2xx answers that do not match it. Such an answer does not prove that the lines were
// refused, so its attempt is uncertain. Does no I/O. Takes the state and a report, and returns the new state and a
// verdict.
//
// Before the first match the pattern itself may be wrong, so nothing is sent again. The run is suspended with
// receiver_answer_does_not_match until the pattern changes or an operator decides about these answers. After
// the first match, five misses in a row from two batches suspend the run too.
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
  // An answer has matched, so the pattern is correct. `on_uncertain` decides about the answers that did not match.
  return { ...state, pattern: { ...pattern, hasMatched: true, misses: 0, missed: [], isWaiting: false } };
}

/** Handles an answer that does not match. The result "likeness" means that an operator declared answers without a
 * match to be successes. The run then compares such answers with each other. */
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

/** `print` identifies the present pattern. Another pattern ends the suspension. */
export function patternSuspends(
  { pattern, bodies }: AnswerState,
  print: string,
): { code: string; detail: string } | null {
  if (!pattern?.isWaiting || pattern.print !== print) return null;
  const example = bodies.at(-1)?.body ?? "";
  const detail = `the answers do not match SUCCESS_PATTERN or the rule of RECEIVER, the newest kind is: ${example}; correct it, or resume with answers "success", "refused" or "resend"`;
  return { code: "receiver_answer_does_not_match", detail };
}

export function isPatternWaiting({ pattern }: AnswerState): boolean {
  return pattern?.isWaiting ?? false;
}

/** Applies an operator's decision about the answers that did not match. */
export function patternJudged(state: AnswerState, word: Word): AnswerState {
  if (!state.pattern) return state;
  const settled = word === "resend" ? null : word;
  return { ...state, pattern: { ...state.pattern, word: settled, isWaiting: false, misses: 0, missed: [] } };
}
