// Prints a number as String does. Owns the tables from which nearly every integer is joined. This file has no rule
// about single fields.
//
// The engine caches the texts of numbers in thousands of places, and each place keeps its text until another
// number needs the place. Counts and ports rarely repeat, so such texts would stay in memory until a full
// collection. A text joined from two others enters no cache.

/** The number of entries of a table. Two entries joined give every integer below 10^8. A table costs 200 KB. */
const BASE = 10_000;
/** The bound of integers whose text is joined from parts. Smaller integers have at most 12 digits. The engine
 * copies joined texts of at most 12 characters, and only links longer ones. */
const JOINED_BELOW = BASE ** 3;

const PLAIN = Array.from({ length: BASE }, (_, value) => String(value));
const PADDED = PLAIN.map((text) => text.padStart(4, "0"));

/** Equals `String(value)` for every number. */
export function numberText(value: number): string {
  if (!(value >= 0 && value < JOINED_BELOW) || Math.trunc(value) !== value) return String(value);
  if (value < BASE) return PLAIN[value]!;
  const high = Math.trunc(value / BASE);
  return (high < BASE ? PLAIN[high]! : numberText(high)) + PADDED[value - high * BASE]!;
}
