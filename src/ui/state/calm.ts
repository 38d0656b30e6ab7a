// Decides what Home may say when no run, window or hole is known to need a person. Does no I/O.
import type { CoverageAnswer } from "../../contract/api/api-types.ts";

/** `looking`: Coverage has not listed the whole day yet. `unknown`: Coverage refuses to answer. `possible`: cells
 * that are too young to judge may become holes. */
export type Calm = "looking" | "unknown" | "possible" | "nothing";

/** `coverage` null: no answer has arrived. `isRefused`: the newest answer is a refusal. */
export function calmOf(coverage: CoverageAnswer | null, isRefused: boolean): Calm {
  if (coverage === null) return isRefused ? "unknown" : "looking";
  if (!coverage.complete) return "looking";
  return coverage.possible_holes.length > 0 ? "possible" : "nothing";
}
