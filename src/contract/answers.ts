// The parts of a receiver's answer, and what an operator may decide about one kind of answer. Plain data that
// crosses RPC.

export type Form = "json" | "text" | "empty";

/** `texts` holds the values as they were written. A list gives its first few; an object or an inner list gives
 * none. */
export interface Member {
  path: string;
  types: string[];
  texts: string[];
}

export interface AnswerMembers {
  form: Form;
  members: Member[];
  words: string[];
  /** Set when the body broke off: the text after the last whole member or word. */
  tail?: string;
}

export type Word = "success" | "refused" | "resend";

/** Either one decision for every waiting kind of answer, or a decision for each kind's id. */
export type AnswerWords = Word | Record<string, Word>;
