// Each change of a run's stage writes a log line, whatever caused the change.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { carryOut } from "../../durable-objects/backfill-run/clock/carry-out.ts";
import type { RunContext } from "../../durable-objects/backfill-run/context/context.ts";
import { abort } from "../../durable-objects/backfill-run/operator/lifecycle.ts";
import { enterStage } from "../../durable-objects/backfill-run/stage/enter-stage.ts";
import { RunMemory } from "../../durable-objects/backfill-run/context/run-memory.ts";
import { operate } from "../../durable-objects/backfill-run/operator/operator-verbs.ts";
import type { Ports } from "../../durable-objects/backfill-run/context/ports.ts";
import { RunStore } from "../../durable-objects/backfill-run/ledger/store.ts";
import { ACTOR, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

/** The stage log lines that are written while `change` works on the rows of the run. */
function logged(change: (context: RunContext) => unknown): Promise<string[]> {
  return runInDurableObject(run.stub, async (_object, { storage }) => {
    const lines: string[] = [];
    const log: RunContext["log"] = (_level, event, fields) => {
      const { run: id, from, stage } = fields as Record<"run" | "from" | "stage", string>;
      if (event === "stage") lines.push(`${id}: ${from} → ${stage}`);
    };
    const settings: RunContext["settings"] = { ok: false, detail: "not asked", misspelt: [] };
    const now = Date.now();
    const store = new RunStore(storage);
    await change({ store, memory: new RunMemory(null, now), settings, log, now });
    return lines;
  });
}

it("logs a pause and an abort, which change the stage within a verb", async () => {
  await openedAs(run, [[100]], {});
  const pause = { do: "pause", park: false, actor: ACTOR, note: null } as const;
  const paused = await logged((context) => {
    operate(context, pause);
    enterStage(context);
  });
  expect(paused).toEqual([`${run.id}: sending → paused`]);
  const aborted = await logged((context) => abort(context, { force: false, actor: ACTOR }));
  expect(aborted).toEqual([`${run.id}: paused → aborted`]);
});

it("logs the end of cleanup", async () => {
  await openedAs(run, [[100]], {});
  await reportOutcome(run, await permitOf(run), OK);
  await run.settle();
  const ports = { ownKeys: async () => [] as string[] } as unknown as Ports;
  const cleaned = await logged((context) => carryOut({ do: "delete" }, () => context, ports));
  expect(cleaned).toEqual([`${run.id}: sent_waiting_cleanup → cleaned`]);
});
