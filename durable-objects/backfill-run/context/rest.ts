// Decides when a run rests. It rests outside its hours (`send_between`), and when it has sent its `daily_lines` for
// the day. A resting run sends nothing and releases the slot. It continues by itself. Reads only.
import { iso } from "../../../src/contract/instants.ts";
import type { RunLimits } from "../../../src/contract/limits.ts";
import type { RunContext, StartedRun } from "./context.ts";
import { limitsOf } from "./limits.ts";

export interface Rest {
  code: string;
  detail: string;
  until: number;
}

/** Why and until when the run rests. Null: its hours and its daily lines allow it to send. */
export function restOf({ memory, now }: RunContext, { row, spec }: StartedRun): Rest | null {
  if (spec.dryRun) return null;
  const limits = limitsOf(row);
  const { sendBetween, dailyLines } = limits;
  const hours = sendBetween && memory.hours.at(sendBetween, now);
  if (hours?.open === false) {
    const { opensAt: until } = hours;
    return { code: "quiet_hours", detail: `outside send_between; sending goes on at ${iso(until)}`, until };
  }
  const zone = zoneOf(limits);
  if (dailyLines === null || !memory.daily.isUsedUp(dailyLines, zone, now)) return null;
  const { endsAt: until } = memory.daily.today(zone, now);
  const lines = memory.daily.lines(zone, now);
  const detail = `${lines} of ${dailyLines} lines of the day are used up; sending goes on at ${iso(until)}`;
  return { code: "daily_lines", detail, until };
}

/** The instant at which the next rest begins. No POST may begin at this instant or later. Null: no rest is known. */
export function restBeginsAt({ memory, now }: RunContext, { row, spec }: StartedRun): number | null {
  if (spec.dryRun) return null;
  const limits = limitsOf(row);
  const hours = limits.sendBetween && memory.hours.at(limits.sendBetween, now);
  const closesAt = hours?.open ? hours.closesAt : null;
  if (limits.dailyLines === null) return closesAt;
  // A permit counts for one day, so a permit must end before midnight.
  return Math.min(closesAt ?? Infinity, memory.daily.today(zoneOf(limits), now).endsAt);
}

/** The zone whose midnight begins a day of `daily_lines`. */
export function zoneOf({ sendBetween }: Pick<RunLimits, "sendBetween">): string {
  return sendBetween?.[0]?.zone ?? "UTC";
}
