// A dry run's plan, and how a run made from a plan differs from it, as the status shows them. Plain data that crosses
// RPC.

/** Keys that differ from a plan: how many there are, and the first 20 by name. */
export interface KeysView {
  count: number;
  keys: string[];
}

export interface CountedPlanView {
  /** The plan hash. Null while the dry run counts. */
  hash: string | null;
  /** How many raw log objects the hash covers. */
  files: number;
  batches: number;
  lines: number;
  minutes_at_cap: number;
  /** What a run made from this plan will ask an operator. */
  asks: { code: string; detail: string }[];
}

export interface ReplayedPlanView {
  /** The id of the dry run. */
  run: string;
  hash: string;
  compared: "waiting" | "equal" | "outdated";
  new: KeysView;
  changed: KeysView;
  missing: KeysView;
}

export type PlanView = CountedPlanView | ReplayedPlanView;
