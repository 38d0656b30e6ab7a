// Drops subrequests before their JSON is parsed: about half of all lines, a quarter of the CPU. Owns the proof that a
// line's ParentRayID cannot be one of the accepted values; never accepts a line. See docs/decisions/0004.

import { endOfString } from "./raw-token.ts";
import type { ParseSpec } from "./types.ts";

/** Searched for without its opening quote: the engine looks for the first character first, and quotes are everywhere. */
const KEY = 'ParentRayID"';

export interface RejectionRule {
  /** Each accepted value with its closing quote, as it stands in a line. */
  accepted: readonly string[];
  longest: number;
}

/** null: no rule for these values would be exact, so every line has to be parsed. */
export function rejectionRule(topLevelParentRayIds: ParseSpec["topLevelParentRayIds"]): RejectionRule | null {
  // null (an absent field) needs no entry: only lines that have the field as a string are ever rejected.
  const values = topLevelParentRayIds.filter((value) => value !== null);
  // What JSON may spell in several ways, or UTF-8 in several bytes, is not compared as text.
  if (!values.every((value) => /^[ !#-[\]-~]*$/.test(value))) return null;
  return {
    accepted: values.map((value) => `${value}"`),
    longest: Math.max(0, ...values.map((value) => value.length)),
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
    return this.#isOther(value) && this.#isAtDepthOne(start, key - 1, value - 1, end);
  }

  /** Neither empty (such records are counted apart) nor accepted, nor possibly accepted under an escape. */
  #isOther(value: number): boolean {
    const map = this.#map;
    if (map.charCodeAt(value) === 34) return false;
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

  #find(from: number): number {
    const at = this.#map.indexOf(KEY, from);
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
