// A rule for the answers of a receiver: which 2xx means that the batch was accepted. Does no I/O. SUCCESS_PATTERN is such
// a rule (platform/success-pattern.ts). The kind `http` has rules by status and by a member of a JSON answer.
import { createHash } from "node:crypto";

export interface AnswerRule {
  /** A hash that identifies the rule without containing it. */
  print: string;
  matches(text: string): boolean;
  /** Whether a body that begins with `text` matches, whatever follows. */
  matchesBeginning(text: string): boolean;
  /** The 2xx statuses that count. Absent: every 2xx status counts. */
  statuses?: readonly number[];
  /** True: only the whole body decides, up to WHOLE_BYTES. */
  needsWhole?: true;
}

/** The longest body of an answer that a rule reads as a whole. A longer body does not match. */
export const WHOLE_BYTES = 1024 * 1024;

export type Scalar = string | number | boolean | null;

/** The members of RECEIVER that decide. `pointer` is a JSON pointer (RFC 6901) into the answer. */
export interface SuccessSetting {
  statuses: readonly number[] | null;
  member: { pointer: string; equals: Scalar } | null;
}

export function answerRule({ statuses, member }: SuccessSetting): AnswerRule {
  const print = createHash("sha256")
    .update(JSON.stringify([statuses, member]))
    .digest("hex")
    .slice(0, 16);
  const rule = { print, ...(statuses && { statuses }) };
  if (member === null) return { ...rule, matches: () => true, matchesBeginning: () => true };
  const matches = (text: string): boolean => {
    const found = parsed(text);
    return found !== undefined && valueAt(found, member.pointer) === member.equals;
  };
  return { ...rule, needsWhole: true, matches, matchesBeginning: () => false };
}

/** Undefined for a text that is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value at a JSON pointer. Undefined: there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const token of tokensOf(pointer)) {
    if (Array.isArray(value)) value = /^(?:0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined;
    else if (value !== null && typeof value === "object" && Object.hasOwn(value, token))
      value = (value as Record<string, unknown>)[token];
    else return undefined;
  }
  return value;
}

/** Whether a text is a JSON pointer: empty, or names that each begin with "/". */
export function isPointer(text: string): boolean {
  return /^(?:\/(?:[^~/]|~[01])*)*$/.test(text);
}

export function tokensOf(pointer: string): string[] {
  const escaped = pointer.split("/").slice(1);
  return escaped.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
