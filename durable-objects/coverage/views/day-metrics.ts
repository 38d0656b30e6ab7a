// The figures of the last 24 hours for GET /metrics. Never writes.
import type { AutoReplayState } from "../../../src/contract/auto-replay.ts";
import { AUTO_REPLAY_STATES } from "../../../src/contract/auto-replay.ts";
import { CELL_NAMES, type CellName, type CoverageMetrics } from "../../../src/contract/coverage-metrics.ts";
import { CELL_MS, type CellState, type CoverageRange } from "../../../src/contract/coverage.ts";
import { isHole } from "../rules/holes.ts";
import type { Tools } from "../work/context.ts";
import { lookAt } from "./look-at.ts";

export function dayMetrics(
  tools: Tools,
  day: CoverageRange,
  proposals: Partial<Record<AutoReplayState, number>>,
): CoverageMetrics {
  const { states, progress } = lookAt(tools, day, "presence");
  return {
    cells: cellsByName(states),
    holeCells: states.flatMap((state, n) => (isHole(state) ? [day.startMs + n * CELL_MS] : [])),
    asOf: progress.asOf,
    proposals: Object.fromEntries(
      AUTO_REPLAY_STATES.map((state) => [state, proposals[state] ?? 0]),
    ) as CoverageMetrics["proposals"],
  };
}

/** Counts every cell once. Does no I/O. */
function cellsByName(states: readonly CellState[]): Record<CellName, number> {
  const cells = Object.fromEntries(Object.values(CELL_NAMES).map((name) => [name, 0])) as Record<CellName, number>; // prettier-ignore
  for (const state of states) cells[CELL_NAMES[state]] += 1;
  return cells;
}
