// Writes numbers, bytes, rates and durations as text. Reads the chosen language and does no other I/O.
import { durationParts } from "./time.ts";
import { texts } from "./texts.ts";

/** Formats whole numbers. Both languages group three digits with a comma. The locale is given, so that the
 * browser's own locale has no influence. */
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 1 });
/** Formats a number with three digits, so that the numbers of a column have the same width: "5.10 kB" above "5.04
 * kB". */
const THREE_DIGITS = new Intl.NumberFormat("en-US", {
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Shown for a value that is not known. A 0 would claim something. */
export const UNKNOWN = "—";

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : WHOLE.format(value);
}

/** Writes "100+" for a number of which only a lower bound is known. */
export function atLeast(value: number, isExact: boolean): string {
  return isExact ? count(value) : `${count(value)}+`;
}

/** `ratio` is 0 to 1. Rounds to a tenth of a percent. Shows 0 and 100 percent only for exactly these ratios, because
 * "100%" must mean complete. */
export function percent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return UNKNOWN;
  const isWhole = ratio <= 0 || ratio >= 1;
  return PERCENT.format(isWhole ? ratio : Math.min(0.999, Math.max(0.001, ratio)));
}

/** Uses decimal units (1 MB = 1,000,000 bytes), as R2 does in its bills. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  // From 999.5 on, three digits would round up to 1,000 of this unit. The next unit then shows "1.00".
  const digits = Math.log10(Math.max(1, value / 0.9995));
  const power = value < 1_000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.max(1, Math.floor(digits / 3)));
  const scaled = value / 1_000 ** power;
  return `${power === 0 ? WHOLE.format(scaled) : THREE_DIGITS.format(scaled)} ${BYTE_UNITS[power]}`;
}

export function linesPerSecond(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : texts.value.units.linesPerSecond(count(value));
}

/** Returns a text such as "2 d 3 h", "1 h 02 min", "3 min 05 s" or "7 s". Shows the two largest units, and leaves out a
 * second one that is 0. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  const { d, h, min, s } = texts.value.units;
  const parts = durationParts(seconds);
  if (parts.days > 0) return `${parts.days} ${d}${second(String(parts.hours), h)}`;
  if (parts.hours > 0) return `${parts.hours} ${h}${second(two(parts.minutes), min)}`;
  if (parts.minutes > 0) return `${parts.minutes} ${min}${second(two(parts.seconds), s)}`;
  return `${parts.seconds} ${s}`;
}

/** The second unit of a duration. */
function second(value: string, unit: string): string {
  return Number(value) === 0 ? "" : ` ${value} ${unit}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
