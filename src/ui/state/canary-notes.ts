// The texts with which the note of a released canary begins. docs/runbook/paused.md documents them. They are English in
// every language, so that a program finds them. Does no I/O.
import type { EventItem } from "../../contract/api/api-types.ts";

export const CANARY_NOTES = {
  confirmed: "[partner confirmed]",
  unanswered: "[partner asked, no answer yet]",
  ownCheck: "[checked by operator only]",
  notAsked: "[partner not asked]",
} as const;
export type CanaryAnswer = keyof typeof CANARY_NOTES;
export const CANARY_ANSWERS = Object.keys(CANARY_NOTES) as CanaryAnswer[];

/** The answer that a note begins with, and the rest of the note. Null: the note has no answer. */
export function answerOf(note: string): { answer: CanaryAnswer; rest: string } | null {
  const answer = CANARY_ANSWERS.find((one) => note.startsWith(CANARY_NOTES[one]));
  return answer === undefined ? null : { answer, rest: note.slice(CANARY_NOTES[answer].length).trim() };
}

/** The note with which an operator released the canary. Null: no event has such a note. */
export function canaryNote(events: readonly EventItem[]): string | null {
  for (const { kind, detail } of events) {
    const { note } = detail;
    if (kind === "resume" && typeof note === "string" && answerOf(note) !== null) return note;
  }
  return null;
}
