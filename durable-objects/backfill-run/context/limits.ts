// The limits of a run that PATCH may change. A continuation takes them over. All other options of a run are fixed at
// its start. Limits are read from the run's row at each use, so a change applies to the next claim. Does no I/O.
import type { RunSpec } from "../../../src/contract/run.ts";
import { snakeMembers } from "../../../src/platform/snake-case.ts";
import type { RunRow } from "../ledger/run-row.ts";
import {
  LIMIT_NAMES,
  type LimitChange,
  type LimitName,
  type LimitsView,
  type RunLimits,
} from "../../../src/contract/limits.ts";

/** The limits that rows of older versions do not have. */
type Newer = Pick<RunLimits, "sendBetween" | "dailyLines">;
type OlderSpec = Omit<RunSpec, keyof Newer> & Partial<Newer>;

/** The limits of a new run. */
export function firstLimits(spec: OlderSpec): RunLimits {
  const { maxLinesPerSecond, maxRequestsPerSecond, maxBytesPerSecond, maxInFlight, rate, polite } = spec;
  const { onUncertain } = spec;
  // Specifications of older versions do not have the last two limits.
  const { sendBetween = null, dailyLines = null } = spec;
  return {
    maxLinesPerSecond,
    maxRequestsPerSecond,
    maxBytesPerSecond,
    maxInFlight,
    rate,
    polite,
    onUncertain,
    sendBetween,
    dailyLines,
  };
}

export function limitsOf(row: RunRow): RunLimits {
  const kept = JSON.parse(row.limits_json) as Omit<RunLimits, keyof Newer> & Partial<Newer>;
  return { sendBetween: null, dailyLines: null, ...kept };
}

/** The part of the status about the limits. */
export function limitsView(limits: RunLimits): LimitsView {
  return snakeMembers(limits);
}

/** The smallest allowed cap of lines, per second or per day. With a smaller cap, the largest batch could never be
 * sent. */
export function smallestCap({ row, spec }: { row: RunRow; spec: RunSpec }): number {
  return Math.max(spec.parse.batchLines, row.batch_lines_max ?? 0);
}

/** Each limit that differs, with its old and its new value. */
export function changesOf(before: RunLimits, after: RunLimits): Partial<Record<LimitName, LimitChange>> {
  const changed = LIMIT_NAMES.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, { from: before[name], to: after[name] }]));
}
