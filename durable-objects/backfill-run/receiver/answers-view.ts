// The part of the status about the receiver's answers. Does no I/O.
import { iso } from "../../../src/contract/instants.ts";
import type { AnswerKindView, AnswersView } from "../../../src/contract/answers.ts";
import { LEARNED_FROM } from "./answer-profile.ts";
import { spelt, type AnswerKind, type AnswerState } from "./answers.ts";

/** `print` identifies the present SUCCESS_PATTERN. It is "" without a pattern. */
export function answersView(answers: AnswerState, print: string): AnswersView {
  const { profile, usual, kinds, pattern } = answers;
  const isWatching = profile.answers >= LEARNED_FROM;
  return {
    check: print !== "" ? "pattern" : isWatching ? "watching" : "learning",
    unusual: kinds.reduce((sum, kind) => sum + kind.waiting, 0),
    usual: usual && { ...usual, count: profile.answers },
    kinds: kinds.map(kindView),
    covered_members: profile.covered,
    pattern: pattern && {
      has_matched: pattern.hasMatched,
      waits_for_word: pattern.isWaiting && pattern.print === print,
      word: pattern.word,
    },
    words: answers.words.map(({ at, ...word }) => ({ at: iso(at), ...word })),
    bodies: answers.bodies,
    other_bodies: answers.otherBodies,
  };
}

function kindView({ id, status, body, count, waiting, word, differs }: AnswerKind): AnswerKindView {
  return { id, status, body, count, waiting, word, differs: differs.map(spelt) };
}
