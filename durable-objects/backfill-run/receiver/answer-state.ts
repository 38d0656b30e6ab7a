// The stored state of answers, also as older code wrote it. Pure.
import { noAnswers, type AnswerState } from "./answers.ts";

/** Before there were kinds: a usual shape or none, and "off" when the first answers differed. */
interface OlderState {
  unusual: number;
  examples: { unusual: string | null };
  bodies: AnswerState["bodies"];
  otherBodies: number;
}

/** What older code learned from shapes does not say which members vary: it is learned again, also where it was off. */
export function readAnswers(json: string): AnswerState {
  const stored = JSON.parse(json) as AnswerState | OlderState;
  if ("profile" in stored) return stored;
  const { unusual, bodies, otherBodies, examples } = stored;
  const fresh = { ...noAnswers, bodies, otherBodies };
  if (unusual === 0) return fresh;
  // their attempts carry this kind since migration 0006
  const differs = [{ path: "@older", what: "changed" as const, is: "" }];
  const kind = { id: "k0", key: "older", differs, status: 200, body: examples.unusual ?? "" };
  const waiting = { ...kind, count: unusual, waiting: unusual, word: null };
  return { ...fresh, kinds: [waiting], isAsking: unusual >= 3 };
}
