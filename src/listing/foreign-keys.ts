// Classifies the R2 keys below the log prefix that are no log files of the run, so that the status can show them.
// Decides which of these keys might contain a record of the window. Does no I/O.
import { baseName, dayInName, isLogName, logRange } from "./log-names.ts";
import type { Frame } from "./list-tasks.ts";
import { DAY_MS } from "../contract/time-units.ts";

/** The kinds that the name alone shows, without the prefix and the folders. */
const KINDS: readonly [kind: string, pattern: RegExp][] = [
  ["folder_marker", /^$/],
  ["ownership_challenge", /^ownership-challenge/],
  ["logpush_test", /^test\.(txt\.gz|gz)$/],
  ["recover_marker", /^\.recover-done-/],
];

/** The kind of a key without a readable time. `dayMs`: the day of the enclosing day folder, null at a root.
 * Only `log_without_time` might contain a record of the window. */
export function foreignKind(frame: Frame, key: string, dayMs: number | null): string {
  const known = KINDS.find(([, pattern]) => pattern.test(baseName(key)))?.[0];
  if (known !== undefined) return known;
  if (!isLogName(key)) return "other";
  return mayBeOfWindow(frame, key, dayMs) ? "log_without_time" : "log_of_another_day";
}

/** Whether a log might contain a record of the window, by its name or by its folder. */
export function mightContain(frame: Frame, key: string, dayMs: number | null): boolean {
  const range = logRange(key);
  if (range === null) return isLogName(key) && mayBeOfWindow(frame, key, dayMs);
  const { spec, marginMs } = frame;
  // If the name contains only the start, the end of the file is not known. A day is enough, because no Logpush job
  // collects records for longer.
  const endMs = range.single ? range.startMs + Math.max(DAY_MS, spec.singleStampSpanMs) : range.endMs;
  const [from, to] = [Math.min(range.startMs, endMs), Math.max(range.startMs, endMs)];
  return to >= spec.startMs && from <= spec.endMs + marginMs;
}

function mayBeOfWindow({ spec, marginMs, lookbackMs }: Frame, key: string, dayMs: number | null): boolean {
  const days = [dayInName(baseName(key)), dayMs].filter((day) => day !== null);
  if (days.length === 0) return true;
  return days.some((day) => day + DAY_MS >= spec.startMs - lookbackMs && day <= spec.endMs + marginMs);
}
