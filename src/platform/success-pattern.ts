// Compiles and matches SUCCESS_PATTERN, which the body of a 2xx must match. Never judges an answer. The regular
// expression engine takes linear time, because the body comes from outside (decision 0019).
import { createHash } from "node:crypto";
import { RE2JS } from "re2js";
import type { AnswerRule } from "../receivers/answer-rule.ts";

/** `matchesBeginning`: `$`, `\b` and similar must not decide at the end of the text. */
export type SuccessPattern = AnswerRule;

const MAX_SOURCE_CHARS = 1_000;
/** The engine would read this syntax as plain text. */
const NAMED_BACKREFERENCE = /(?<!\\)(?:\\\\)*\\k</;
/** A letter, a character that is no letter, and a line end. A match that depends on what follows fails for one
 * of them. */
const ANY_CONTINUATION = ["a", " ", "\n"];

/** The newest compiled pattern is kept. The var is read on every request, and compiling takes milliseconds. */
let compiled: { source: string; pattern: SuccessPattern } | null = null;

/** Null when the engine cannot compile `source`: lookaround, backreferences, and invalid expressions. */
export function compileSuccessPattern(source: string): SuccessPattern | null {
  if (compiled?.source === source) return compiled.pattern;
  const engine = engineOf(source);
  if (engine === null) return null;
  const matches = (text: string): boolean => engine.test(text);
  const pattern = {
    print: createHash("sha256").update(source).digest("hex").slice(0, 16),
    matches,
    matchesBeginning: (text: string): boolean =>
      matches(text) && ANY_CONTINUATION.every((next) => matches(text + next)),
  };
  compiled = { source, pattern };
  return pattern;
}

function engineOf(source: string): RE2JS | null {
  if (source.length > MAX_SOURCE_CHARS || NAMED_BACKREFERENCE.test(source)) return null;
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch {
    return null;
  }
}
