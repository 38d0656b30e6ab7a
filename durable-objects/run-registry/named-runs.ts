// Before a request is admitted, asks the runs whose ids it contains: the aborted run that it continues, and the dry
// run that it replays. Their answers no longer change, so admission may use the answers after the await.
import type { RunLimits } from "../../src/contract/limits.ts";
import type { WantedRun } from "../../src/contract/registry.ts";
import type { PlannedAnswer } from "../../src/contract/run.ts";
import type { Env } from "../../src/platform/env.ts";
import { runObject } from "../../src/platform/objects.ts";
import type { RegistryStore } from "./store.ts";

export interface NamedRuns {
  /** The limits of the aborted run, with the changes by PATCH. Null: there is no such run, or it was never started. */
  limits: RunLimits | null;
  /** The answer of the dry run. Null: the request has no `from_plan`, or the dry run is unknown. */
  plan: PlannedAnswer | null;
}

/** A call to a Durable Object creates it, so the rows are checked first. */
export async function askNamedRuns(env: Env, store: RegistryStore, wanted: WantedRun): Promise<NamedRuns> {
  const { continueOf } = wanted;
  const planOf = wanted.plan?.run ?? null;
  const [limits, plan] = await Promise.all([
    continueOf !== null && store.hasRun(continueOf) ? runObject(env, continueOf).limits() : null,
    planOf !== null && store.hasRun(planOf) ? runObject(env, planOf).planned(null) : null,
  ]);
  return { limits: limits?.ok ? limits.limits : null, plan };
}
