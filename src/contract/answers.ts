// The parts of a receiver's answer, and what an operator may decide about one kind of answer. Plain data for RPC
// calls.

export type Form = "json" | "text" | "empty";

/** `texts` lists the member's values as they were written. For a list it contains the first few values. For an object
 * or an inner list it is empty. */
export interface Member {
  path: string;
  types: string[];
  texts: string[];
}

export interface AnswerMembers {
  form: Form;
  members: Member[];
  words: string[];
  /** The text after the last whole member or word. Set only when the body ended early. */
  tail?: string;
}

export type Word = "success" | "refused" | "resend";

/** Either one decision for every waiting kind of answer, or a decision for each kind's id. */
export type AnswerWords = Word | Record<string, Word>;

/** What the run knows about the receiver's answers. */
export interface AnswersView {
  /** How the run judges a 2xx. `pattern`: by the var SUCCESS_PATTERN. `watching`: by comparison with the usual answer.
   * `learning`: fewer than five answers have come, so the usual answer is not certain yet. */
  check: "pattern" | "watching" | "learning";
  /** Answers that wait for an operator's decision. */
  unusual: number;
  usual: { status: number; body: string; count: number } | null;
  kinds: AnswerKindView[];
  /** Members that an operator allowed to differ. They are no longer compared. */
  covered_members: string[];
  pattern: { has_matched: boolean; waits_for_word: boolean; word: Exclude<Word, "resend"> | null } | null;
  /** The decisions of operators, with the newest last. */
  words: { at: string; actor: string; note: string | null; words: Record<string, Word> }[];
  bodies: { status: number; body: string; count: number }[];
  other_bodies: number;
}

export interface AnswerKindView {
  id: string;
  status: number;
  body: string;
  count: number;
  waiting: number;
  word: Word | null;
  differs: string[];
}

export type AssumedCount = { attempts: number; lines: number };

/** Attempts that count as not delivered because of their answer's status. */
export interface AssumedView {
  assumed_not_delivered_attempts: number;
  assumed_not_delivered_lines: number;
  assumed_not_delivered: Record<string, AssumedCount>;
}
