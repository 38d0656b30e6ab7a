// The progress of a dry run with its hash, and the progress of a run with from_plan with its comparison. Does no I/O.
import type { RunRow } from "../ledger/run-row.ts";

/** Keys of one kind: how many there are, and the first keys by name. */
export interface SomeKeys {
  count: number;
  keys: string[];
}

/** The keys that differ from the plan. `new` keys are listed now, but were not planned. */
export interface Differences {
  new: SomeKeys;
  changed: SomeKeys;
  missing: SomeKeys;
}

/** `after`: the last key that was read. `link`: the chain up to it (plan-chain.ts). */
export type PlanState =
  /** The state of a dry run. */
  | { kind: "hashing"; after: string; link: string; files: number }
  | { kind: "counted"; hash: string; files: number }
  /** The states of a run made from a plan. The run parses no file before this state is "equal". */
  | { kind: "copying"; after: string; link: string }
  | { kind: "comparing"; side: "planned" | "listed"; after: string; found: Differences }
  | { kind: "equal" }
  | { kind: "outdated"; found: Differences; why: string };

/** The stored state of a run's plan. Null: no hash was begun, and the run was not made from a plan. */
export function planOf(row: Pick<RunRow, "plan_json">): PlanState | null {
  return row.plan_json === null ? null : (JSON.parse(row.plan_json) as PlanState);
}

export function isComparing(state: PlanState | null): boolean {
  return state?.kind === "copying" || state?.kind === "comparing";
}
