// Turns a value into the text of a field. Owns "-", truncation and the replacement of control characters.

import { jsonText } from "./json-text.ts";
import { numberText } from "./number-text.ts";

/** The text of a field without a value. The partner reads it as "no value". */
export const NOTHING = "-";

// U+0001 separates fields and LF ends lines, so a value with either could forge a field or a line.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
// oxlint-disable-next-line no-control-regex
const BLANK = /^[\s\u0000-\u001f\u007f]*$/;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f]/g;

/** The text of a value. Missing, null and "" give "-". A string, number or boolean is printed unchanged. An object
 * or array is printed as JSON. */
export function text(value: unknown): string {
  if (typeof value === "string") return value === "" ? NOTHING : value;
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return String(value);
  return value === undefined || value === null ? NOTHING : jsonText(value);
}

/** The text of a part for rules that say "missing or empty". For these rules 0 and false are empty too. */
export function textOrEmpty(value: unknown): string {
  return value ? text(value) : "";
}

/** Cuts a text to at most `units` UTF-16 code units. A surrogate pair that would be split is left out. */
export function truncate(value: string, units: number): string {
  if (value.length <= units) return value;
  const splitsPair = isHighSurrogate(value.charCodeAt(units - 1)) && isLowSurrogate(value.charCodeAt(units));
  return value.slice(0, splitsPair ? units - 1 : units);
}

export function hasControl(value: string): boolean {
  return CONTROL.test(value);
}

/** Whether a text has nothing but white space and control characters. The empty text is blank too. */
export function isBlank(value: string): boolean {
  // Nearly every value begins with a visible ASCII character.
  return !startsVisibly(value) && BLANK.test(value);
}

/** Whether a text begins with a visible ASCII character. */
export function startsVisibly(value: string): boolean {
  const first = value.charCodeAt(0);
  return first > 32 && first < 127;
}

/** Replaces each control character (U+0000–U+001F, U+007F) by one space. */
export function withoutControls(value: string): string {
  return value.replace(CONTROLS, " ");
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
