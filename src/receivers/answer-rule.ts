// A rule for the answers of a receiver: which 2xx means that the batch was accepted. Does no I/O. SUCCESS_PATTERN is such
// a rule (platform/success-pattern.ts). The kind `http` has rules by status and by a member of a JSON answer.
import { createHash } from "node:crypto";
import type { AnswerPart } from "../contract/sending.ts";

export interface AnswerRule {
  /** A hash that identifies the rule without containing it. */
  print: string;
  matches(text: string): boolean;
  /** Whether a body that begins with `text` matches, whatever follows. */
  matchesBeginning(text: string): boolean;
  /** The 2xx statuses that count. Absent: every 2xx status counts. */
  statuses?: readonly number[];
  /** What a whole body says about each line of a batch. Null: the body does not say this for exactly `lines` lines,
   * or there would be more than MAX_PARTS parts. */
  partsOf?(text: string, lines: number): AnswerPart[] | null;
  /** True: only the whole body decides, up to WHOLE_BYTES. */
  needsWhole?: true;
}

/** The longest body of an answer that a rule reads as a whole. A longer body does not match. */
export const WHOLE_BYTES = 1024 * 1024;

export type Scalar = string | number | boolean | null;

/** Where an answer says something about each line, in the order of the lines. `pointer` has one name `*`, which
 * stands for each element of a list. A value that is in neither list means that its line was refused. */
export interface ItemsSetting {
  pointer: string;
  accepted: readonly Scalar[];
  later: readonly Scalar[];
}

/** The members of RECEIVER that decide. `pointer` is a JSON pointer (RFC 6901) into the answer. */
export interface SuccessSetting {
  statuses: readonly number[] | null;
  member: { pointer: string; equals: Scalar } | null;
  items: ItemsSetting | null;
}

export function answerRule({ statuses, member, items }: SuccessSetting): AnswerRule {
  const print = createHash("sha256")
    .update(JSON.stringify([statuses, member, ...(items ? [items] : [])]))
    .digest("hex")
    .slice(0, 16);
  const rule = {
    print,
    ...(statuses && { statuses }),
    ...(items && { partsOf: (text: string, lines: number) => partsIn(parsed(text), items, lines) }),
  };
  if (member === null && items !== null)
    return { ...rule, needsWhole: true, matches: () => false, matchesBeginning: () => false };
  if (member === null) return { ...rule, matches: () => true, matchesBeginning: () => true };
  const matches = (text: string): boolean => {
    const found = parsed(text);
    return found !== undefined && valueAt(found, member.pointer) === member.equals;
  };
  return { ...rule, needsWhole: true, matches, matchesBeginning: () => false };
}

/** The most parts into which one answer may divide a batch. More parts would need too many rows and POSTs, so the
 * batch is then not divided. */
const MAX_PARTS = 24;

function partsIn(answer: unknown, items: ItemsSetting, lines: number): AnswerPart[] | null {
  const tokens = tokensOf(items.pointer);
  const star = tokens.indexOf("*");
  const list = valueAt(answer, pointerOf(tokens.slice(0, star)));
  if (!Array.isArray(list) || list.length !== lines) return null;
  const inner = pointerOf(tokens.slice(star + 1));
  const parts: AnswerPart[] = [];
  for (const item of list) {
    const value = valueAt(item, inner) as Scalar;
    const as = items.accepted.includes(value)
      ? "accepted"
      : items.later.includes(value)
        ? "later"
        : "refused";
    const last = parts.at(-1);
    if (last?.as === as) last.lines += 1;
    else if (parts.push({ as, lines: 1 }) > MAX_PARTS) return null;
  }
  return parts;
}

function pointerOf(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The JSON value of an answer's body. Undefined: the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value at a JSON pointer. Undefined: the answer has no such value. */
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

function tokensOf(pointer: string): string[] {
  const escaped = pointer.split("/").slice(1);
  return escaped.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
