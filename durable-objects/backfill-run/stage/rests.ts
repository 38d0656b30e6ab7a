// Reads what interrupts a run's sending, for the forecast.
import type { RunContext, StartedRun } from "../context/context.ts";
import { limitsOf } from "../context/limits.ts";
import { zoneOf } from "../context/rest.ts";
import type { Rests } from "./progress.ts";

/** What interrupts the sending. Null: nothing does. */
export function restsOf({ memory, now }: RunContext, { row }: StartedRun): Rests | null {
  const limits = limitsOf(row);
  const { sendBetween: hours, dailyLines } = limits;
  if (hours === null && dailyLines === null) return null;
  const linesLeftToday = (dailyLines ?? Infinity) - memory.daily.lines(zoneOf(limits), now);
  return { now, hours, linesLeftToday };
}
