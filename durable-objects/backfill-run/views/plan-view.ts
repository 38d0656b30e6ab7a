// The member `plan` of a run's status.
import type { PlanView } from "../../../src/contract/plan-view.ts";
import type { StartedRun } from "../context/context.ts";
import { limitsOf } from "../context/limits.ts";
import { planOf, type SomeKeys } from "../context/plan-state.ts";
import type { Totals } from "../ledger/totals.ts";
import type { StageFacts } from "../stage/stages.ts";

const NONE: SomeKeys = { count: 0, keys: [] };

export function planView(run: StartedRun, totals: Totals, facts: StageFacts): PlanView | null {
  const { row, spec } = run;
  const state = planOf(row);
  if (spec.dryRun) {
    const isHashed = state?.kind === "counted";
    return {
      hash: isHashed ? state.hash : null,
      files: isHashed ? state.files : 0,
      batches: totals.batches_discarded,
      lines: totals.kept,
      minutes_at_cap: minutes(totals.kept / limitsOf(row).maxLinesPerSecond),
      asks: facts.openCodes,
    };
  }
  if (!spec.plan) return null;
  const { run: id, hash } = spec.plan;
  const isOver = state?.kind === "equal" || state?.kind === "outdated";
  const found = state?.kind === "outdated" ? state.found : { new: NONE, changed: NONE, missing: NONE };
  return {
    run: id,
    hash,
    compared: isOver ? state.kind : "waiting",
    ...found,
  };
}

/** Seconds as minutes with one decimal, rounded up. */
function minutes(seconds: number): number {
  return Math.ceil(seconds / 6) / 10;
}
