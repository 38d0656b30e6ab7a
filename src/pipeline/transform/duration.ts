// Milliseconds of a record → seconds with three decimals. Owns the plain decimal notation.

import { NOTHING } from "./text.ts";

/** Nearly every duration is a small integer; a look-up costs a tenth of toFixed. */
const SMALL = Array.from({ length: 10_000 }, (_, ms) => (ms / 1000).toFixed(3));
/** From here on toFixed changes to exponent notation. */
const EXPONENT_FROM = 1e21;

/** "-" for missing, null, blank, not a number, not finite, an object or an array. */
export function seconds(value: unknown): string {
  if (typeof value === "number") return SMALL[value] ?? decimal(value);
  if (typeof value === "string") return value.trim() === "" ? NOTHING : decimal(Number(value));
  return typeof value === "boolean" ? decimal(Number(value)) : NOTHING;
}

function decimal(ms: number): string {
  if (!Number.isFinite(ms)) return NOTHING;
  const value = ms / 1000;
  return Math.abs(value) < EXPONENT_FROM ? value.toFixed(3) : `${BigInt(value)}.000`;
}
