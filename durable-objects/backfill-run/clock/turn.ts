// One turn of a run's clock. It performs steps until no step is left, or until the turn has reached its longest
// time.
import { errorText, type Log } from "../../../src/platform/log.ts";
import { carryOut } from "./carry-out.ts";
import { started, type RunContext } from "../context/context.ts";
import { factsOf } from "./facts.ts";
import { plan, type Step } from "./plan.ts";
import type { Ports } from "../context/ports.ts";

/** The longest turn. The next turn follows at once. */
const MAX_TURN_MS = 5_000;
/** Steps that work on many rows without I/O. During such a step the Durable Object answers no call. */
const LETS_NO_CALL_IN: ReadonlySet<Step["do"]> = new Set(["verify", "bulk", "hash_plan", "compare_plan"]);

/** Stores the count of R2 operations of a step, if the step wrote no sums after these operations. */
function saveOperations({ store }: RunContext): void {
  if (!store.meter.hasUnsaved) return;
  store.transaction(() => store.totals.set({ work_json: store.meter.text() ?? "" }));
}

/** Returns the time of the next turn. Null: there is no next turn. A step that failed pauses before it is tried
 * again. */
export async function takeTurn(context: () => RunContext, ports: Ports, log: Log): Promise<number | null> {
  const begunAt = context().now;
  const until = begunAt + MAX_TURN_MS;
  for (;;) {
    const before = context();
    // A clock that was set back meanwhile also ends the turn.
    if (before.now >= until || before.now < begunAt) return before.now + 1;
    const run = started(before);
    if (!run) return null;
    const planned = plan(factsOf(before, run));
    if ("sleepUntil" in planned) return planned.sleepUntil;
    const { step } = planned;
    try {
      await carryOut(step, context, ports);
      before.memory.stepWorked(step.do);
      // A step without I/O lets no other call run, and the production clock stands still meanwhile. So the
      // turn ends here.
      if (LETS_NO_CALL_IN.has(step.do)) return context().now + 1;
    } catch (error) {
      before.memory.stepFailed(step.do, errorText(error), context().now);
      log("warn", "step_failed", { run: run.row.run_id, step: step.do, error: errorText(error) });
    }
    saveOperations(context());
  }
}
