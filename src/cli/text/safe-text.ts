// Makes text safe for a terminal. Text from logs and people may contain escape sequences that would control the
// terminal.

/** Control characters, also those from U+0080 to U+009F, and characters that reorder text or split lines. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** The unsafe characters that JSON.stringify leaves. It escapes only the characters below U+0020. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Returns one line without control characters. */
export function safe(text: string): string {
  return text.replaceAll(UNSAFE, escaped);
}

/** Returns one line of JSON with the same meaning as JSON.stringify(value). */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(UNSAFE_IN_JSON, escaped);
}
