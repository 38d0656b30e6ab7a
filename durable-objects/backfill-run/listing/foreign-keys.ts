// Keys below the log prefix that are no log files of the run: what they are, so that the status can name them, and which
// of them might hold a record of the window. Pure.
import { baseName, dayInName, isLogName, logRange } from "./log-names.ts";
import { DAY_MS } from "./listed-days.ts";
import type { Frame } from "./list-tasks.ts";

/** By the name itself: the prefix and the folders before it say nothing. */
const KINDS: readonly [kind: string, pattern: RegExp][] = [
  ["folder_marker", /^$/],
  ["ownership_challenge", /^ownership-challenge/],
  ["logpush_test", /^test\.(txt\.gz|gz)$/],
  ["recover_marker", /^\.recover-done-/],
];

/**
 * What a key is that holds no readable time. `dayMs`: of the day folder that it lies in, null at a root.
 * Only `log_without_time` might hold a record of the window.
 */
export function foreignKind(frame: Frame, key: string, dayMs: number | null): string {
  const known = KINDS.find(([, pattern]) => pattern.test(baseName(key)))?.[0];
  if (known !== undefined) return known;
  if (!isLogName(key)) return "other";
  return mayBeOfWindow(frame, key, dayMs) ? "log_without_time" : "log_of_another_day";
}

/** By its name or by its folder, a log might hold a record of the window. */
export function mightHold(frame: Frame, key: string, dayMs: number | null): boolean {
  const range = logRange(key);
  if (range === null) return isLogName(key) && mayBeOfWindow(frame, key, dayMs);
  const { spec, marginMs } = frame;
  // of a single stamp nobody knows how far it reaches; a day is more than any job waits
  const endMs = range.single ? range.startMs + Math.max(DAY_MS, spec.singleStampSpanMs) : range.endMs;
  const [from, to] = [Math.min(range.startMs, endMs), Math.max(range.startMs, endMs)];
  return to >= spec.startMs && from <= spec.endMs + marginMs;
}

function mayBeOfWindow({ spec, marginMs, lookbackMs }: Frame, key: string, dayMs: number | null): boolean {
  const days = [dayInName(baseName(key)), dayMs].filter((day) => day !== null);
  if (days.length === 0) return true;
  return days.some((day) => day + DAY_MS >= spec.startMs - lookbackMs && day <= spec.endMs + marginMs);
}
