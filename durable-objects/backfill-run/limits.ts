// The limits of a run that PATCH may change; the rest of its specification is frozen.
import type { RunRow } from "./store/run-row.ts";

export interface RunLimits {
  /** The hard cap, lines in any one second. */
  maxLinesPerSecond: number;
  /** POSTs open at once, all senders together. */
  maxInFlight: number;
  /** Files enqueued per minute. */
  rate: number | "auto";
}

/** Ten invocations of six lanes. */
export const MAX_IN_FLIGHT = 60;

export function limitsOf(row: RunRow): RunLimits {
  return JSON.parse(row.limits_json) as RunLimits;
}
