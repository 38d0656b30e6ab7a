// The rules about a run's window. Does no I/O. `now` is passed in.
import type { Window } from "../../contract/parse-spec.ts";
import { isoSecond } from "../../contract/run-id.ts";
import { MAX_WINDOW_MS } from "../../contract/windows.ts";
import { MAX_SPLIT } from "./limits.ts";
import type { Refusal, WindowText } from "../problems/problems.ts";

/** Why a window cannot be replayed. Null: the window can be replayed. */
export function refuseWindow({ startMs, endMs, endExclusive }: Window, now: number): Refusal | null {
  const pointer = "#/end";
  if (startMs > endMs) {
    const detail = `the window ends (${isoSecond(endMs)}) before it starts (${isoSecond(startMs)})`;
    return { code: "window_reversed", pointer, detail };
  }
  if (endExclusive && startMs === endMs) {
    return {
      code: "window_empty",
      pointer,
      detail: "with end_exclusive a window from a second to itself is empty",
    };
  }
  if (endMs > now) {
    const detail = `the window ends in the future; now is ${isoSecond(now)}`;
    return { code: "window_in_future", pointer, detail };
  }
  if (endMs - startMs > MAX_WINDOW_MS) return tooLong({ startMs, endMs, endExclusive }, pointer);
  return null;
}

function tooLong(window: Window, pointer: string): Refusal {
  const parts = splitWindow(window);
  const shown = parts.slice(0, MAX_SPLIT);
  const more = parts.length > shown.length ? ` and ${parts.length - shown.length} more` : "";
  const detail = `a run covers at most 7 days; run one after the other: ${shown.map(intervalOf).join(", ")}${more}`;
  const split = shown.map(textOf);
  return { code: "window_too_long", pointer, detail, split };
}

function textOf({ startMs, endMs, endExclusive }: Window): WindowText {
  return { start: isoSecond(startMs), end: isoSecond(endMs), end_exclusive: endExclusive };
}

/** Windows of at most 7 days that together contain every instant of this window exactly once. The times of records
 * have fractions of a second. So each part except the last ends at the start of the next part, and does not include
 * this instant. */
export function splitWindow({ startMs, endMs, endExclusive }: Window): Window[] {
  const parts: Window[] = [];
  let from = startMs;
  while (endMs - from > MAX_WINDOW_MS) {
    const next = from + MAX_WINDOW_MS;
    parts.push({ startMs: from, endMs: next, endExclusive: true });
    from = next;
  }
  parts.push({ startMs: from, endMs, endExclusive });
  return parts;
}

/** A text like [2026-04-22T14:00:00Z, 2026-04-22T15:00:00Z], or with ")" when the end is outside. */
export function intervalOf({ startMs, endMs, endExclusive }: Window): string {
  return `[${isoSecond(startMs)}, ${isoSecond(endMs)}${endExclusive ? ")" : "]"}`;
}
