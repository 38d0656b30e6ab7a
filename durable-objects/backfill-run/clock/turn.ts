// One turn of a run's clock: step after step, until there is nothing to do or the turn has taken long enough.
import { errorText, type Log } from "../../../src/platform/log.ts";
import { carryOut } from "./carry-out.ts";
import { started, type RunContext } from "../context/context.ts";
import { factsOf } from "./facts.ts";
import { plan } from "./plan.ts";
import type { Ports } from "../context/ports.ts";

/** A turn works so long at most, then the next turn follows at once. */
const MAX_TURN_MS = 5_000;

/** Gives the time of the next turn, null when there will never be one. A step that fails is left alone for a while. */
export async function takeTurn(context: () => RunContext, ports: Ports, log: Log): Promise<number | null> {
  const begunAt = context().now;
  const until = begunAt + MAX_TURN_MS;
  for (;;) {
    const before = context();
    // a clock that was set back meanwhile ends the turn as well
    if (before.now >= until || before.now < begunAt) return before.now + 1;
    const run = started(before);
    if (!run) return null;
    const planned = plan(factsOf(before, run));
    if ("sleepUntil" in planned) return planned.sleepUntil;
    const { step } = planned;
    try {
      await carryOut(step, context, ports);
      before.memory.stepWorked(step.do);
      // a step without I/O lets nobody in and stops the clock of production: what follows it is the next turn's
      if (step.do === "verify" || step.do === "bulk") return context().now + 1;
    } catch (error) {
      before.memory.stepFailed(step.do, errorText(error), context().now);
      log("warn", "step_failed", { run: run.row.run_id, step: step.do, error: errorText(error) });
    }
  }
}
