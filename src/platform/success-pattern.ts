// SUCCESS_PATTERN: what the body of a 2xx must match. Owns compiling and matching; never judges an answer.
// The engine is linear in the length of the body, because the body comes from outside (decision 0017).
import { createHash } from "node:crypto";
import { RE2JS } from "re2js";

export interface SuccessPattern {
  /** Tells two patterns apart without repeating one. */
  print: string;
  matches(text: string): boolean;
  /** Whether the body matches however it goes on after `text`: `$`, `\b` and their like must not decide at the cut. */
  matchesBeginning(text: string): boolean;
}

const MAX_SOURCE_CHARS = 1_000;
/** The engine would take it for a text. */
const NAMED_BACKREFERENCE = /(?<!\\)(?:\\\\)*\\k</;
/** A letter, a character that is none, and a line's end: one of them breaks every match that leans on what follows. */
const ANY_CONTINUATION = ["a", " ", "\n"];

/** The newest one: a var is read for every request, and compiling takes milliseconds. */
let compiled: { source: string; pattern: SuccessPattern } | null = null;

/** Null when the engine cannot take it: lookaround, backreferences, and what is no expression at all. */
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
