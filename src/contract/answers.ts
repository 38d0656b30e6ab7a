// A receiver's answer taken apart, and what an operator may say of a kind of answers. Plain data; it crosses RPC.

export type Form = "json" | "text" | "empty";

/** `texts`: the values as they were written, at most a few of a list's; of an object or a list none. */
export interface Member {
  path: string;
  types: string[];
  texts: string[];
}

export interface AnswerMembers {
  form: Form;
  members: Member[];
  words: string[];
  /** Of a body that broke off: what stands behind the last whole member or word. */
  tail?: string;
}

export type Word = "success" | "refused" | "resend";

/** One word for every kind that waits, or a word by the kind's id. */
export type AnswerWords = Word | Record<string, Word>;
