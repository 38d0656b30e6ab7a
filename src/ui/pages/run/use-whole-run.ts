// The lines of the whole run, from the plan of its dry run or from the API's estimate.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { useFeed } from "../../state/feed.ts";
import { wholeOf, type WholeRun } from "../../state/run-share.ts";

export function useWholeRun(run: RunStatusAnswer): WholeRun {
  const dryRun = run.spec.plan?.run;
  const plan = useFeed(dryRun === undefined ? null : paths.run(dryRun))?.data.value?.plan ?? null;
  return wholeOf(run, plan !== null && "lines" in plan ? plan.lines : null);
}
