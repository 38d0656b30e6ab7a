// Durations and the ranges that they mean. Does no I/O. `now` is passed in.
import * as v from "valibot";

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

export interface Duration {
  ms: number;
  unit: Unit;
}

/** The schema of a duration such as "7d", "12h" or "90m". */
export function duration(minMs: number, maxMs: number) {
  const expected = `expected a duration from ${durationText(minMs)} to ${durationText(maxMs)}, like "7d", "12h" or "90m"`;
  return v.pipe(
    v.string(expected),
    v.regex(/^[1-9]\d{0,6}[mhd]$/, expected),
    v.transform(readDuration),
    v.check(({ ms }) => ms >= minMs && ms <= maxMs, expected),
  );
}

function readDuration(text: string): Duration {
  const unit = text.endsWith("m") ? "m" : text.endsWith("h") ? "h" : "d";
  return { ms: Number(text.slice(0, -1)) * UNIT_MS[unit], unit };
}

function durationText(ms: number): string {
  if (ms % UNIT_MS.d === 0) return `${ms / UNIT_MS.d}d`;
  return ms % UNIT_MS.h === 0 ? `${ms / UNIT_MS.h}h` : `${ms / UNIT_MS.m}m`;
}

/** The end of the range that a duration means: the present time minus the late margin, rounded down to a whole hour
 * (for minutes, to a whole minute). So a repeated request within the hour means the same range. */
export function endOfDuration(now: number, lateMarginMs: number, unit: Unit): number {
  const step = unit === "m" ? UNIT_MS.m : UNIT_MS.h;
  return Math.floor((now - lateMarginMs) / step) * step;
}
