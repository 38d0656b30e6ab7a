// Reads the stored state of answers, also in the form of older versions. Does no I/O.
import { noAnswers, type AnswerState } from "./answers.ts";

/** The stored form before kinds of answers existed. This earlier form had one usual shape or none, and "off" when
 * the first answers differed. */
interface OlderState {
  unusual: number;
  examples: { unusual: string | null };
  bodies: AnswerState["bodies"];
  otherBodies: number;
}

/** Reads the stored state. Older versions did not record which members vary. So this function drops their state, and
 * the check learns again, even if it was "off". */
export function readAnswers(json: string): AnswerState {
  const stored = JSON.parse(json) as AnswerState | OlderState;
  if ("profile" in stored) return stored;
  const { unusual, bodies, otherBodies, examples } = stored;
  const fresh = { ...noAnswers, bodies, otherBodies };
  if (unusual === 0) return fresh;
  // Migration 0006 gave the attempts of older code this kind.
  const differs = [{ path: "@older", what: "changed" as const, is: "" }];
  const kind = { id: "k0", key: "older", differs, status: 200, body: examples.unusual ?? "" };
  const waiting = { ...kind, count: unusual, waiting: unusual, word: null };
  return { ...fresh, kinds: [waiting], isAsking: unusual >= 3 };
}
