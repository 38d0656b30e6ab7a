// Fails the n-th call of any port, for every n: before its effect, or after its effect with the answer lost. A
// fault must never lose a line, and must never repeat a line that the ledger does not list. After the fault, the
// run must continue without an operator.
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { WholeRun } from "../support/run-driver.ts";
import { hookEverything, NthFault, type When } from "../support/run-faults.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { expectDelivered, expectOneNotice } from "./support.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
/** Each test takes every k-th call, so that no test runs too long. */
const SHARDS = 6;
const ports = new Map<string, number>();

async function runWithFault(nth: number, when: When): Promise<NthFault> {
  run.fresh();
  const whole = new WholeRun(run);
  const fault = new NthFault(nth, when);
  await whole.prepare();
  hookEverything(run, whole.receiver, fault.hook);
  await run.start();
  await whole.toTheEnd();
  // The test only reads the outcome from here on, so no call fails any more.
  fault.isOver = true;
  await expectDelivered(whole, { nth, when, port: fault.failed });
  await expectOneNotice(run, { nth, when, port: fault.failed });
  return fault;
}

describe.each(["before", "after"] as const)("a fault %s the effect of one call", (when) => {
  it.each(Array.from({ length: SHARDS }, (_, shard) => shard))(
    "leaves the run delivered and the ledger true, whichever call fails (part %i)",
    async (shard) => {
      for (let nth = shard; ; nth += SHARDS) {
        const { failed } = await runWithFault(nth, when);
        if (failed === null) break;
        ports.set(failed, (ports.get(failed) ?? 0) + 1);
      }
    },
    60_000,
  );
});

afterAll(() => {
  // Checks that every kind of port was called.
  const kinds = new Set([...ports.keys()].map((port) => port.split(".")[0]));
  expect(kinds).toEqual(new Set(["fetch", "notifier", "queue", "r2", "registry", "run"]));
});
