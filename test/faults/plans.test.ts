// The n-th call of any port fails while a dry run counts and while a run made from it sends, for every n. In other
// tests, the run's Durable Object is evicted after any step. The plan is the same, and every planned line arrives.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { counted, startFrom } from "../support/plan-play.ts";
import { WholeRun } from "../support/run-driver.ts";
import { hookEverything, NthFault, type When } from "../support/run-faults.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { expectDelivered, expectOneNotice } from "./support.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const SHARDS = 2;

describe.each(["before", "after"] as const)("a fault %s the effect of one call", (when: When) => {
  it.each(Array.from({ length: SHARDS }, (_, shard) => shard))(
    "leaves the dry run counted with every line, whichever call fails (part %i)",
    async (shard) => {
      const hit = new Set<string>();
      for (let nth = shard; ; nth += SHARDS) {
        run.fresh();
        const whole = new WholeRun(run);
        const fault = new NthFault(nth, when);
        await whole.prepare();
        hookEverything(run, whole.receiver, fault.hook);
        await run.start({ dryRun: true });
        await whole.toTheEnd();
        fault.isOver = true;
        const what = { nth, when, port: fault.failed };
        expect([what, await run.status()]).toMatchObject([
          what,
          { stage_code: "counted", plan: { files: 2, batches: 9, lines: 849 }, exceptions: 0 },
        ]);
        expect([what, whole.receiver.posts]).toEqual([what, []]);
        await run.expectBalanced();
        if (fault.failed === null) break;
        hit.add(fault.failed.split(".")[0] ?? "");
      }
      expect(hit.size).toBeGreaterThan(2);
    },
    60_000,
  );

  it("leaves a run made from a plan equal to it, and with every line, whichever call of the comparison fails", async () => {
    const first = new WholeRun(run);
    await first.prepare();
    const plan = await counted(run, first);
    for (let nth = 0; ; nth += 1) {
      run.fresh();
      const whole = new WholeRun(run);
      whole.kept = first.kept;
      whole.receiver.install();
      const fault = new NthFault(nth, when);
      await startFrom(run, plan);
      hookEverything(run, whole.receiver, fault.hook);
      while (((await run.status()).plan as { compared?: string }).compared === "waiting") await whole.step();
      fault.isOver = true;
      const what = { nth, when, port: fault.failed };
      expect([what, (await run.status()).plan]).toMatchObject([what, { compared: "equal" }]);
      if (fault.failed !== null) continue;
      await whole.toTheEnd();
      await expectDelivered(whole, what);
      expect(nth).toBeGreaterThan(3);
      break;
    }
  }, 60_000);
});

it("counts and replays the same when the object is evicted after every step", async () => {
  const whole = new WholeRun(run);
  await whole.prepare();
  whole.afterStep = () => run.evict();
  const plan = await counted(run, whole);
  await startFrom(run, plan);
  await whole.toTheEnd();
  await expectDelivered(whole, "evictions");
  await expectOneNotice(run, "evictions");
});
