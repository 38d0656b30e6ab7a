// Prints a number as String does. Owns the tables that nearly every integer is put together from; knows no field.
//
// The engine keeps the texts of numbers in a cache with thousands of places, each held until another number takes it.
// Counts and ports rarely repeat, so their texts outlive the young generation by that alone, and then lie in the old one
// until a full collection: most of what the parse step left there. A text joined of two others is in no cache.

/** Two entries give every integer below 10^8; a table costs 200 KB. */
const BASE = 10_000;
/** Texts of at most 12 characters are copied when they are joined; longer ones would only be linked. */
const JOINED_BELOW = BASE ** 3;

const PLAIN = Array.from({ length: BASE }, (_, value) => String(value));
const PADDED = PLAIN.map((text) => text.padStart(4, "0"));

/** The same as `String(value)`, for every number. */
export function numberText(value: number): string {
  if (!(value >= 0 && value < JOINED_BELOW) || Math.trunc(value) !== value) return String(value);
  if (value < BASE) return PLAIN[value]!;
  const high = Math.trunc(value / BASE);
  return (high < BASE ? PLAIN[high]! : numberText(high)) + PADDED[value - high * BASE]!;
}
