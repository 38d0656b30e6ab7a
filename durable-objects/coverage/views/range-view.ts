// A range as GET /coverage shows it: one letter for each cell, counts for each cell, and the holes.
import {
  CELL_MS,
  type CoverageColumns,
  type CoverageDetail,
  type CoverageRange,
  type CoverageView,
} from "../../../src/contract/coverage.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { CellFacts } from "../rules/cells.ts";
import { holesOf, possibleHolesOf } from "../rules/holes.ts";
import { judgedAt } from "../rules/states.ts";
import type { Tools } from "../work/context.ts";
import { LIMITS, instant, lookAt, spanOf, workOf, type LookedAt } from "./look-at.ts";

/** The answer without `proposals`. */
export type RangeView = Omit<CoverageView, "proposals">;

export function viewOf(
  tools: Tools,
  range: CoverageRange,
  detail: CoverageDetail,
  columns: boolean,
): RangeView {
  const looked = lookAt(tools, range, detail);
  const { row, states, progress, oldestMs, live } = looked;
  const judged = judgedAt(row, states, { settleMs: tools.settings.settleMs, oldestMs });
  return {
    ...spanOf([range.startMs, range.endMs]),
    cell_seconds: CELL_MS / 1_000,
    ...workOf(progress),
    progress: { raw: progress.raw, presence: progress.presence, exact: progress.exact },
    oldest_evidence: instant(oldestMs),
    states: states.join(""),
    ...(columns && { columns: columnsOf(looked, tools.settings.settleMs) }),
    holes: holesOf(row, states).map(({ startMs, endMs, files, bytes, inner, outer }) => ({
      kind: "not_delivered" as const,
      ...spanOf([startMs, endMs]),
      files,
      bytes,
      inner: spanOf(inner),
      outer: spanOf(outer),
      replays: [],
    })),
    possible_holes: possibleHolesOf(row.startMs, judged).map(({ startMs, endMs, judgedAtMs }) => ({
      ...spanOf([startMs, endMs]),
      judged_at: isoSecond(judgedAtMs),
    })),
    live,
    limits: LIMITS,
  };
}

export function columnsOf({ row, states, oldestMs }: LookedAt, settleMs: number): CoverageColumns {
  const of = <T>(pick: (cell: CellFacts) => T): (T | null)[] =>
    row.cells.map((cell) => (cell ? pick(cell) : null));
  return {
    raw_files: of(({ files }) => files),
    raw_bytes: of(({ bytes }) => bytes),
    live_files: of(({ live }) => live),
    done_batches: of(({ done }) => done),
    waiting_batches: of(({ waiting }) => waiting),
    last_done_at: of(({ lastDoneAt }) => instant(lastDoneAt)),
    judged_at: judgedAt(row, states, { settleMs, oldestMs }).map(instant),
  };
}
