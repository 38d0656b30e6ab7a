// The address of the page Coverage with a window selected. Does no I/O.
import { queryText } from "../../api/paths.ts";
import { CELL_MS_OF_PAGE as CELL_MS, isoInstant } from "../../state/coverage-range.ts";
import type { Zone } from "../../text/time.ts";
import { DAY_MS, endOfNow, MAX_DAYS, midnight } from "../coverage/day-rows.ts";

/** Shows the whole days of the window in the zone, but no longer range than the API accepts. */
export function coverageLink(window: { start: string; end: string }, now: number, zone: Zone): string {
  const [first, last] = [Date.parse(window.start), Date.parse(window.end)];
  const fromMs = Math.floor(first / CELL_MS) * CELL_MS;
  const toMs = Math.max(Math.ceil(last / CELL_MS) * CELL_MS, fromMs + CELL_MS);
  const startMs = midnight(fromMs, zone);
  const endMs = Math.min(midnight(toMs - 1, zone) + DAY_MS, startMs + MAX_DAYS * DAY_MS, endOfNow(now));
  const range = { start: isoInstant(startMs), end: isoInstant(endMs) };
  const selected = { from: isoInstant(fromMs), to: isoInstant(Math.min(toMs, endMs)) };
  return `/ui/coverage${queryText({ ...range, ...selected })}`;
}
