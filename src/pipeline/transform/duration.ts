// Prints a record's milliseconds as seconds with three decimals, and never with an exponent.

import { epochSeconds } from "./stamp.ts";
import { NOTHING } from "./text.ts";
import type { TextForm } from "./text-form.ts";

/** The texts of small durations. Nearly every duration is a small integer, and a table look-up costs a tenth of
 * toFixed. */
const SMALL = Array.from({ length: 10_000 }, (_, ms) => (ms / 1000).toFixed(3));
/** From this value on, toFixed uses exponent notation. */
const EXPONENT_FROM = 1e21;

type Print = (value: unknown, texts: TextForm) => string;

/** The rule of parse version 1. The text is "-" when the value is missing, null, blank, no number, not finite, an
 * object or an array. */
export const seconds: Print = printer(decimal);

/** The rule of parse version 2. It differs from `seconds` in one case: a negative value that rounds to zero gives
 * `0.000`. */
export const secondsWithoutNegativeZero: Print = printer((ms) => {
  const text = decimal(ms);
  return text === "-0.000" ? "0.000" : text;
});

/** The time between two instants in epoch milliseconds. "-" when either is unreadable (null) or the end is earlier. */
export function secondsBetween(startMs: number | null, endMs: number | null): string {
  if (startMs === null || endMs === null || endMs < startMs) return NOTHING;
  return epochSeconds(endMs - startMs);
}

function printer(print: (ms: number) => string): Print {
  return (value, texts) => {
    if (typeof value === "number") return SMALL[value] ?? print(value);
    if (typeof value === "string") {
      // White space outside ASCII around a number does not count.
      const text = texts.decoded(value);
      return text.trim() === "" ? NOTHING : print(Number(text));
    }
    return typeof value === "boolean" ? print(Number(value)) : NOTHING;
  };
}

function decimal(ms: number): string {
  if (!Number.isFinite(ms)) return NOTHING;
  const value = ms / 1000;
  return Math.abs(value) < EXPONENT_FROM ? value.toFixed(3) : `${BigInt(value)}.000`;
}
