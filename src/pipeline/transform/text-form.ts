// The operations of a column that depend on characters, for decoded texts and for binary strings (utf8.ts). Nearly
// every value is ASCII or short, so a binary string is rarely decoded.
//
// Lower case needs no second form: columns compare it with ASCII words only, and no letter outside ASCII has a lower
// case form that occurs in these words.

import { fromBinary, isAsciiText, toBinary } from "../utf8.ts";
import { isBlank, startsVisibly, truncate } from "./text.ts";

export interface TextForm {
  /** Cuts a text to at most `units` UTF-16 code units of its decoded form. */
  cut(value: string, units: number): string;
  upper(value: string): string;
  isBlank(value: string): boolean;
  decoded(value: string): string;
}

export const DECODED: TextForm = {
  cut: truncate,
  upper: (value) => value.toUpperCase(),
  isBlank,
  decoded: (value) => value,
};

export const BINARY: TextForm = {
  // A text never has more code units than bytes.
  cut: (value, units) => (value.length <= units ? value : toBinary(truncate(fromBinary(value), units))),
  upper: (value) => (isAsciiText(value) ? value.toUpperCase() : toBinary(fromBinary(value).toUpperCase())),
  isBlank: (value) => !startsVisibly(value) && isBlank(fromBinary(value)),
  decoded: (value) => (isAsciiText(value) ? value : fromBinary(value)),
};
