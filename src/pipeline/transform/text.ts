// How a value becomes the text of a field. Owns "-", truncation and the replacing of control characters.

import { jsonText } from "./json-text.ts";
import { numberText } from "./number-text.ts";

/** What the partner reads as "no value". */
export const NOTHING = "-";

// U+0001 separates fields and LF lines, so a value that holds one could forge a field or a line.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f]/g;

/** "-" for missing, null and ""; a string, number or boolean as it is; an object or array as JSON text. */
export function text(value: unknown): string {
  if (typeof value === "string") return value === "" ? NOTHING : value;
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return String(value);
  return value === undefined || value === null ? NOTHING : jsonText(value);
}

/** For rules that say "missing or empty" of a part: 0 and false are empty there too. */
export function textOrEmpty(value: unknown): string {
  return value ? text(value) : "";
}

/** At most `units` UTF-16 code units; a surrogate pair that would be split is left out whole. */
export function truncate(value: string, units: number): string {
  if (value.length <= units) return value;
  const splitsPair = isHighSurrogate(value.charCodeAt(units - 1)) && isLowSurrogate(value.charCodeAt(units));
  return value.slice(0, splitsPair ? units - 1 : units);
}

export function hasControl(value: string): boolean {
  return CONTROL.test(value);
}

/** One space for each control character (U+0000–U+001F, U+007F). */
export function withoutControls(value: string): string {
  return value.replace(CONTROLS, " ");
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
