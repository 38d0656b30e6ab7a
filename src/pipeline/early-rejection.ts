// Drops subrequests before their JSON is parsed: about half of all lines, a quarter of the CPU. Owns the proof that a
// line's ParentRayID cannot be one of the accepted values; never accepts a line. See docs/decisions/0004.

import { endOfString } from "./raw-token.ts";
import type { ParseSpec } from "../contract/parse-spec.ts";

/** Searched for without its opening quote: the engine looks for the first character first, and quotes are everywhere. */
const KEY = 'ParentRayID"';
const WORKER_KEY = 'WorkerSubrequest"';

const ZERO = 48;

export interface RejectionRule {
  /** Each accepted value with its closing quote, as it stands in a line. */
  accepted: readonly string[];
  longest: number;
  /** Parse version 2: what is counted of a record is exact, and a line may hold several records. */
  isExact: boolean;
}

/** null: no rule for these values would be exact, so every line has to be parsed. */
export function rejectionRule(
  topLevelParentRayIds: ParseSpec["topLevelParentRayIds"],
  isExact = false,
): RejectionRule | null {
  // null (an absent field) needs no entry: only lines that have the field as a string are ever rejected.
  const values = topLevelParentRayIds.filter((value) => value !== null);
  // What JSON may spell in several ways, or UTF-8 in several bytes, is not compared as text.
  if (!values.every((value) => /^[ !#-[\]-~]*$/.test(value))) return null;
  return {
    accepted: values.map((value) => `${value}"`),
    longest: Math.max(0, ...values.map((value) => value.length)),
    isExact,
  };
}

/** An escape that spells an ASCII letter, \u0040 to \u007f: a key could be hidden behind one. */
export function hasEscapedLetters(block: string): boolean {
  // A regular expression takes ten times as long: backslashes are rare, and indexOf leaps from one to the next.
  for (let at = block.indexOf("\\u00"); at >= 0; at = block.indexOf("\\u00", at + 4)) {
    const digit = block.charCodeAt(at + 4);
    if (digit >= 52 /* 4 */ && digit <= 55 /* 7 */) return true;
  }
  return false;
}

/**
 * Looks at the lines of one block, in order. `map` is the block as Latin-1, so its indices are byte offsets, and a byte
 * of a UTF-8 sequence is never taken for ASCII. The block has no escaped letters.
 */
export class BlockRejection {
  readonly #map: string;
  readonly #rule: RejectionRule;
  /** Where the key's literal occurs next; found once for each occurrence, however many lines lie before it. */
  #nextKey: number;
  #nextWorker = -1;
  /** Of the line that was rejected last: its WorkerSubrequest is true. Only an exact rule knows. */
  isWorkerSubrequest = false;

  constructor(map: string, rule: RejectionRule) {
    this.#map = map;
    this.#rule = rule;
    this.#nextKey = this.#find(0);
  }

  /**
   * True only when the line in [start, end), if it is a JSON object, has a top-level ParentRayID that is a non-empty
   * string and none of the accepted values. A line that is no JSON at all may be rejected too.
   *
   * Why that is exact: the literal occurs once, so no other member can spell the key (an escape could, but the block
   * has none). A quote that is not escaped begins or ends a string, and behind an end no letter may follow: so it is a
   * key, its value a string, and at depth 1 it is the key of a top-level member.
   */
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
    return !this.#rule.isExact || (this.#isOneObject(start, end) && this.#knowsWorker(start, end));
  }

  /**
   * A second record in the line would begin with a brace that follows no colon. A brace in a string may look like one:
   * then the line is parsed. A line that opens more objects than it closes may go on in the next.
   */
  #isOneObject(start: number, end: number): boolean {
    const map = this.#map;
    let open = 1;
    for (let at = map.indexOf("{", start + 1); at >= 0 && at < end; at = map.indexOf("{", at + 1)) {
      let before = at - 1;
      while (map.charCodeAt(before) <= 32 || map.charCodeAt(before) === 91 /* [ */) before -= 1;
      if (map.charCodeAt(before) !== 58 /* : */) return false;
      open += 1;
    }
    for (let at = map.indexOf("}", start + 1); at >= 0 && at < end; at = map.indexOf("}", at + 1)) open -= 1;
    return open === 0;
  }

  /** Sets `isWorkerSubrequest`; false when only a parser can tell. */
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
    // whose member it is does not matter: the record's own is absent then
    if (map.startsWith("false", value)) return true;
    this.isWorkerSubrequest = map.startsWith("true", value) && this.#isAtDepthOne(start, key - 1, value, end);
    return this.isWorkerSubrequest;
  }

  /** Neither empty (such records are counted apart) nor accepted, nor possibly accepted under an escape. */
  #isOther(value: number): boolean {
    const map = this.#map;
    if (map.charCodeAt(value) === 34) return false;
    if (this.#rule.isExact) {
      // only zeros, some of them perhaps under an escape: such records are counted apart
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

  /**
   * Is the quote at `key` a direct member's? Either what lies before it opens one object more than it closes, or what
   * lies behind its value, whose quote is at `value`, closes one more than it opens: the shorter side tells.
   */
  #isAtDepthOne(start: number, key: number, value: number, end: number): boolean {
    const map = this.#map;
    if (end - value < key - start) return depthOf(map, value, end) === -1;
    let brace = map.indexOf("{", start + 1);
    // "{}" changes no depth, whether it is an empty object or part of a string; Logpush writes empty maps often.
    while (brace >= 0 && brace < key && map.charCodeAt(brace + 1) === 125)
      brace = map.indexOf("{", brace + 2);
    return brace < 0 || brace > key || depthOf(map, start, key) === 1;
  }

  #find(from: number, key = KEY): number {
    const at = this.#map.indexOf(key, from);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  }
}

/** Objects and arrays that [from, to) opens, less those that it closes; `from` is outside any string. */
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
