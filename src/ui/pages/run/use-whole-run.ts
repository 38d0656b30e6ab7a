// The lines of the whole run, from the plan of its dry run or from the API's estimate. Progress refers to the same
// number.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { useFeed } from "../../state/feed.ts";
import { neverFalling, shareOf, wholeOf, type WholeRun } from "../../state/run-share.ts";

export function useWholeRun(run: RunStatusAnswer): WholeRun {
  return wholeOf(run, usePlannedLines(run));
}

/** The share of the run's lines that is delivered, from 0 to 1. Null: the run is not loaded. */
export function useProgress(run: RunStatusAnswer | null): number | null {
  const planned = usePlannedLines(run);
  return run && neverFalling(run.id, shareOf(run, wholeOf(run, planned)));
}

function usePlannedLines(run: RunStatusAnswer | null): number | null {
  const dryRun = run?.spec.plan?.run;
  const plan = useFeed(dryRun === undefined ? null : paths.run(dryRun))?.data.value?.plan ?? null;
  return plan !== null && "lines" in plan ? plan.lines : null;
}
