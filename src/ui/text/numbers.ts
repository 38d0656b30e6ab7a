// Numbers, bytes, rates and durations as text. Pure, but for the language of the dictionary.
import { durationParts } from "./time.ts";
import { texts } from "./texts.ts";

/** Both languages group by three digits with a comma. An explicit locale keeps the browser's own out. */
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 1 });
const THREE_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];

/** "—" for a value that is not known. Never 0, which would be a claim. */
export const UNKNOWN = "—";

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : WHOLE.format(value);
}

/** `ratio` from 0 to 1. Rounds down, because 100 % must mean complete. */
export function percent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return UNKNOWN;
  return PERCENT.format(Math.floor(ratio * 1_000) / 1_000);
}

/** Decimal units, as R2 bills them. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const scaled = value / 1_000 ** power;
  return `${power === 0 ? WHOLE.format(scaled) : THREE_DIGITS.format(scaled)} ${BYTE_UNITS[power]}`;
}

export function linesPerSecond(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : texts.value.units.linesPerSecond(count(value));
}

/** "2 d 3 h", "1 h 02 min", "3 min 05 s" or "7 s": the two largest units. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  const { d, h, min, s } = texts.value.units;
  const parts = durationParts(seconds);
  if (parts.days > 0) return `${parts.days} ${d} ${parts.hours} ${h}`;
  if (parts.hours > 0) return `${parts.hours} ${h} ${two(parts.minutes)} ${min}`;
  if (parts.minutes > 0) return `${parts.minutes} ${min} ${two(parts.seconds)} ${s}`;
  return `${parts.seconds} ${s}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
