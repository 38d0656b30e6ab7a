// Text from logs and people for a terminal. Such text may hold escape sequences, and must not control the terminal. Pure.

/** Control characters, C1 included, and the marks that reorder or split lines. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** JSON.stringify escapes the characters below U+0020 only. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** One line without control characters. */
export function safe(text: string): string {
  return text.replaceAll(UNSAFE, escaped);
}

/** One line of JSON. It means the same as JSON.stringify(value). */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(UNSAFE_IN_JSON, escaped);
}
