// Asks for a plan. Repeats the request while the plan does not cover the whole window.
import { useEffect, useState } from "preact/hooks";
import type { PlanAnswer } from "../../../contract/api/api-types.ts";
import { ask } from "../../api/client.ts";
import { planPaths } from "../../api/plan-paths.ts";
import type { Problem } from "../../api/problem.ts";
import { noteProblem } from "../../state/session.ts";
import type { RunBody } from "./run-form.ts";

/** After this time, a plan counts as out of date, because the slot, the overlaps and the coverage change. */
export const STALE_MS = 60_000;
const SHORTEST_WAIT_MS = 1_000;
/** How long the page repeats the request by itself. Afterwards the person can press the button. */
const COMPLETING_MS = 60_000;

export interface Planned {
  body: RunBody;
  /** The body of the request as text, for comparing it with the form. */
  text: string;
  /** When the first request for the plan began, and when the newest answer came, in epoch ms. */
  since: number;
  at: number;
  plan: PlanAnswer | null;
  problem: Problem | null;
  /** True: the page repeats the request by itself. */
  isRepeated: boolean;
}

export function usePlan(): {
  planned: Planned | null;
  isBusy: boolean;
  plan: (body: RunBody) => Promise<void>;
} {
  const [planned, setPlanned] = useState<Planned | null>(null);
  const [isBusy, setBusy] = useState(false);
  const request = async (body: RunBody, since: number) => {
    const answer = await ask(planPaths.plan, { method: "POST", body });
    noteProblem(answer.ok ? null : answer.problem);
    const at = Date.now();
    const outcome = answer.ok
      ? { plan: answer.data, problem: null }
      : { plan: null, problem: answer.problem };
    const isRepeated = waitOf({ ...outcome, since, at }) !== null;
    setPlanned({ body, text: JSON.stringify(body), since, at, ...outcome, isRepeated });
  };
  useEffect(() => {
    const wait = planned && waitOf(planned);
    if (!planned || wait === null) return;
    const timer = setTimeout(() => void request(planned.body, planned.since), wait);
    return () => clearTimeout(timer);
  }, [planned]);
  const plan = async (body: RunBody) => {
    setBusy(true);
    await request(body, Date.now());
    setBusy(false);
  };
  return { planned, isBusy, plan };
}

/** After how many ms to repeat the request. Null: the plan is complete, or it takes too long. */
function waitOf({ plan, since, at }: Pick<Planned, "plan" | "since" | "at">): number | null {
  if (plan === null || isComplete(plan) || at - since > COMPLETING_MS) return null;
  return Math.max(SHORTEST_WAIT_MS, plan.retry_after_ms ?? plan.live?.retry_after_ms ?? 0);
}

export function isComplete({ complete, live }: PlanAnswer): boolean {
  return complete && live?.complete !== false;
}
