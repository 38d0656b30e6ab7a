// The status's part about answers. Reads, never writes.
import { printOf } from "../context/settings.ts";
import { LEARNED_FROM } from "../receiver/answer-profile.ts";
import { spelt } from "../receiver/answers.ts";
import type { Json } from "../../../src/contract/states.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { sumOf } from "../ledger/assumed-rows.ts";

export function answersView(context: RunContext, { answers }: StartedRun): { [key: string]: Json } {
  const { profile, usual, kinds, pattern } = answers;
  const isWatching = profile.answers >= LEARNED_FROM;
  return {
    // What decides about a 2xx: the pattern, or the comparison with earlier answers.
    check: printOf(context.settings) !== "" ? "pattern" : isWatching ? "watching" : "learning",
    unusual: kinds.reduce((sum, kind) => sum + kind.waiting, 0),
    usual: usual && { ...usual, count: profile.answers },
    kinds: kinds.map(({ id, status, body, count, waiting, word, differs }) => ({
      id,
      status,
      body,
      count,
      waiting,
      word,
      differs: differs.map(spelt),
    })),
    /** Members that an operator allowed to differ. They are no longer compared. */
    covered_members: profile.covered,
    pattern: pattern && {
      has_matched: pattern.hasMatched,
      waits_for_word: pattern.isWaiting && pattern.print === printOf(context.settings),
      word: pattern.word,
    },
    words: answers.words.map(({ at, ...word }) => ({ at: new Date(at).toISOString(), ...word })),
    bodies: answers.bodies,
    other_bodies: answers.otherBodies,
  };
}

/** Attempts that count as not delivered because of their answer's status, and their lines. */
export function assumedView(context: RunContext): { [key: string]: Json } {
  const sums = context.store.assumed.sums();
  const { attempts, lines } = sumOf(sums);
  return {
    assumed_not_delivered_attempts: attempts,
    assumed_not_delivered_lines: lines,
    assumed_not_delivered: sums,
  };
}
