// Drops subrequests before their JSON is parsed. They are about half of all raw lines, and parsing them would cost a
// quarter of the CPU. Owns the proof that a raw line's ParentRayID is none of the accepted values. This file never
// accepts a line. See docs/decisions/0004.

import { endOfString } from "./raw-token.ts";
import type { ParseSpec } from "../contract/parse-spec.ts";

/** The opening quote is not part of the searched text. The engine looks for the first character first, and quotes
 * are frequent. */
const KEY = 'ParentRayID"';
const WORKER_KEY = 'WorkerSubrequest"';

const ZERO = 48;

export interface RejectionRule {
  /** The accepted values of ParentRayID, each followed by a closing quote, to compare with the text after the opening
   * quote in a raw line. */
  accepted: readonly string[];
  longest: number;
  /** Parse version 2: counts per record are exact, and a line may contain several records. */
  isExact: boolean;
  /** True: the caller proves that each rejected line is one object. */
  isProven: boolean;
}

/** The rule that drops lines for a list of accepted values. Null: no rule is exact for these values, so every raw
 * line must be parsed. */
export function rejectionRule(
  topLevelParentRayIds: ParseSpec["topLevelParentRayIds"],
  { isExact = false, isProven = false } = {},
): RejectionRule | null {
  // Null (an absent member) needs no entry, because only lines with a string in this member are rejected.
  const values = topLevelParentRayIds.filter((value) => value !== null);
  // A value with several JSON spellings or UTF-8 bytes cannot be compared as text.
  if (!values.every((value) => /^[ !#-[\]-~]*$/.test(value))) return null;
  return {
    accepted: values.map((value) => `${value}"`),
    longest: Math.max(0, ...values.map((value) => value.length)),
    isExact,
    isProven,
  };
}

/** Whether an escape spells an ASCII letter (\u0040 to \u007f). Such an escape could hide a key. */
export function hasEscapedLetters(block: string): boolean {
  // A regular expression takes ten times as long. Backslashes are rare, and indexOf skips from one to the
  // next.
  for (let at = block.indexOf("\\u00"); at >= 0; at = block.indexOf("\\u00", at + 4)) {
    const digit = block.charCodeAt(at + 4);
    if (digit >= 52 /* 4 */ && digit <= 55 /* 7 */) return true;
  }
  return false;
}

/** Looks at the lines of one block, in order. `map` is the block as Latin-1. So the indices of `map` are byte
 * offsets, and no byte of a UTF-8 sequence looks like ASCII. The block has no escaped letters. */
export class BlockRejection {
  readonly #map: string;
  readonly #rule: RejectionRule;
  /** Where the key's literal occurs next. Each occurrence is searched for once, however many lines lie before
   * it. */
  #nextKey: number;
  #nextWorker = -1;
  /** The place of the last brace inside the present line, without the brace that ends the line. Set by
   * `#isOneObject`. */
  #lastInner = -1;
  /** Whether the last rejected line has `WorkerSubrequest: true`. Set only by an exact rule. */
  isWorkerSubrequest = false;

  constructor(map: string, rule: RejectionRule) {
    this.#map = map;
    this.#rule = rule;
    this.#nextKey = this.#find(0);
  }

  /** True only when a JSON object in [start, end) would have a top-level ParentRayID that is a non-empty string and
   * not an accepted value. A line that is not JSON may be rejected too.
   *
   * Why this is exact: the literal occurs once and the block has no escaped letters, so no other member can
   * spell the key. An unescaped quote begins or ends a string. No letter may follow the end of a string, so
   * the literal is a key and its value is a string. At depth 1 it is the key of a top-level member. */
  rejects(start: number, end: number): boolean {
    const map = this.#map;
    if (this.#nextKey < start) this.#nextKey = this.#find(start);
    const key = this.#nextKey;
    if (key >= end) return false;
    this.#nextKey = this.#find(key + KEY.length);
    if (this.#nextKey < end) return false;

    const colon = key + KEY.length;
    const value = colon + 2;
    if (map.charCodeAt(start) !== 123 /* { */) return false;
    if (map.charCodeAt(key - 1) !== 34 /* " */ || map.charCodeAt(key - 2) === 92 /* \ */) return false;
    if (map.charCodeAt(colon) !== 58 /* : */ || map.charCodeAt(colon + 1) !== 34 /* " */) return false;
    if (!this.#isOther(value) || !this.#isAtDepthOne(start, key - 1, value - 1, end)) return false;
    if (!this.#rule.isExact) return true;
    return (this.#rule.isProven || this.#isOneObject(start, end)) && this.#knowsWorker(start, end);
  }

  /** Whether the raw line contains exactly one object. In one JSON object, each inner "{" follows a colon, because
   * it is the value of a member. A second record would begin with a "{" without a colon before it. A "{" inside a
   * string may also have no colon before it. Such a line is parsed. A line with unclosed objects may continue on
   * the next line. A line that does not end in a brace is no object. */
  #isOneObject(start: number, end: number): boolean {
    const map = this.#map;
    const last = end - 1;
    let open = 1;
    this.#lastInner = start;
    for (let at = map.indexOf("{", start + 1); at >= 0 && at < end; at = map.indexOf("{", at + 1)) {
      this.#lastInner = at;
      let before = at - 1;
      while (map.charCodeAt(before) <= 32 || map.charCodeAt(before) === 91 /* [ */) before -= 1;
      if (map.charCodeAt(before) !== 58 /* : */) return false;
      open += 1;
    }
    // The loop ends at the line's last character. A search after this character would read the next line.
    let at = map.indexOf("}", start + 1);
    for (; at >= 0 && at < last; at = map.indexOf("}", at + 1)) {
      if (at > this.#lastInner) this.#lastInner = at;
      open -= 1;
    }
    return at === last && open === 1;
  }

  /** Sets `isWorkerSubrequest`. Returns false when only a full parse can decide. */
  #knowsWorker(start: number, end: number): boolean {
    const map = this.#map;
    this.isWorkerSubrequest = false;
    if (this.#nextWorker < start) this.#nextWorker = this.#find(start, WORKER_KEY);
    const key = this.#nextWorker;
    if (key >= end) return true;
    this.#nextWorker = this.#find(key + WORKER_KEY.length, WORKER_KEY);
    if (this.#nextWorker < end) return false;
    const value = key + WORKER_KEY.length + 1;
    if (map.charCodeAt(key - 1) !== 34 /* " */ || map.charCodeAt(key - 2) === 92 /* \ */) return false;
    if (map.charCodeAt(value - 1) !== 58 /* : */) return false;
    // With the value false it does not matter whether the record or an inner object has the member.
    if (map.startsWith("false", value)) return true;
    // Between the record's last inner brace and its end, every member is the record's own.
    this.isWorkerSubrequest =
      map.startsWith("true", value) &&
      (key > this.#lastInner || this.#isAtDepthOne(start, key - 1, value, end));
    return this.isWorkerSubrequest;
  }

  /** Whether the value is certainly neither empty nor accepted, even with escapes. Empty values are counted
   * separately. */
  #isOther(value: number): boolean {
    const map = this.#map;
    if (map.charCodeAt(value) === 34) return false;
    if (this.#rule.isExact) {
      // Values of zeros, perhaps with escapes, are counted separately.
      let behind = value;
      while (map.charCodeAt(behind) === ZERO) behind += 1;
      if (map.charCodeAt(behind) === 34 || map.charCodeAt(behind) === 92) return false;
    }
    for (let at = value; at < value + this.#rule.longest; at += 1) {
      const code = map.charCodeAt(at);
      if (code === 92) return false;
      if (code === 34) break;
    }
    for (const text of this.#rule.accepted) if (map.startsWith(text, value)) return false;
    return true;
  }

  /** Whether the quote at `key` belongs to a direct member of the record. If it does, the text before `key` has one
   * more "{" than "}". The text after the value (quote at `value`) has one more "}" than "{". Only the shorter of
   * the two texts is checked. */
  #isAtDepthOne(start: number, key: number, value: number, end: number): boolean {
    const map = this.#map;
    if (end - value < key - start) return depthOf(map, value, end) === -1;
    let brace = map.indexOf("{", start + 1);
    // "{}" changes no depth, whether it is an empty JSON object or text inside a string. Logpush often writes empty
    // maps.
    while (brace >= 0 && brace < key && map.charCodeAt(brace + 1) === 125)
      brace = map.indexOf("{", brace + 2);
    return brace < 0 || brace > key || depthOf(map, start, key) === 1;
  }

  #find(from: number, key = KEY): number {
    const at = this.#map.indexOf(key, from);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  }
}

/** How many JSON objects and arrays [from, to) opens, minus how many it closes. `from` is outside any string. */
function depthOf(map: string, from: number, to: number): number {
  let depth = 0;
  for (let at = from; at < to;) {
    const code = map.charCodeAt(at);
    if (code === 34) {
      at = endOfString(map, at);
      continue;
    }
    if (code === 123 || code === 91) depth += 1;
    else if (code === 125 || code === 93) depth -= 1;
    at += 1;
  }
  return depth;
}
