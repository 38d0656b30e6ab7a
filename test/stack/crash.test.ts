// The stack ends in the middle of a run, by kill -9 or by the kill switch. The queues are in memory and are lost. The
// run must not be lost. Each test waits 30 s for the lease of an open POST to end. So the tests run in parallel, each
// with its own stack.
import { describe, test, type TestContext } from "vitest";
import type { RunStatus } from "../../src/contract/views.ts";
import { compare, multisetDifference, tableOf } from "../../local/demo/compare.ts";
import { DELIVERY_LIMIT_MS, WINDOW, expectedRayIds, startStack, type Stack } from "../support/stack.ts";

const KILLS = {
  "the whole process group": (stack: Stack) => stack.dev.killGroup(),
  "the top process alone": (stack: Stack) => stack.dev.killTop(),
};

async function survives({ kill, context }: { kill: (stack: Stack) => Promise<void>; context: TestContext }) {
  const { expect } = context;
  const stack = await startStack({
    logs: { files: 3, lines: [6_000, 4_000, 4_000] },
    // Slow enough that the kill hits a run with open POSTs.
    receiver: { behaviour: { latency_ms: [100, 300] } },
    scope: context,
  });
  const { receiver, files } = stack;
  const run = await stack.api.startRun({ ...WINDOW, batch_size: 200 });
  await expect
    .poll(() => receiver.stats().accepted_requests, { timeout: 30_000, interval: 20 })
    .toBeGreaterThan(8);

  await kill(stack);
  const atKill = receiver.stats();
  expect(atKill.lines_accepted).toBeLessThan(files.reduce((sum, file) => sum + file.kept, 0));
  const { api } = await stack.restart();
  // Only the run's own alarm may continue the run. The test makes only requests that read.
  const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

  const comparison = compare(files, status, { stats: receiver.stats(), rayIds: receiver.tally.rayIds });
  expect(comparison.agrees, tableOf(comparison)).toBe(true);
  expect(receiver.stats().duplicate_lines).toBeLessThanOrEqual(
    status.duplicate_lines + status.possible_duplicate_lines,
  );
}

function isDisabled({ stage_code: stage, state_reason: reason }: RunStatus): boolean {
  return stage === "suspended" && reason?.code === "disabled";
}

describe.concurrent("a stack that ends in the middle of a run", () => {
  for (const [what, kill] of Object.entries(KILLS)) {
    test(`goes on by itself after a kill -9 of ${what}, and names each line sent twice`, (context) =>
      survives({ kill, context }));
  }

  test("suspends as disabled while BACKFILL_ENABLED is not true, and goes on once it is", async (context) => {
    const { expect } = context;
    const stack = await startStack({
      logs: { files: 2, lines: 10_000 },
      vars: { MAX_LINES_PER_SECOND: "2000" },
      scope: context,
    });
    const { receiver, files } = stack;
    const run = await stack.api.startRun({ ...WINDOW, batch_size: 200 });
    await expect.poll(() => receiver.stats().accepted_requests, { timeout: 30_000 }).toBeGreaterThan(5);

    await stack.dev.stop();
    const off = await stack.restart({ BACKFILL_ENABLED: "false" });
    const requestsAtSwitch = receiver.stats().requests;
    await off.api.waitFor(run.id, isDisabled, DELIVERY_LIMIT_MS);
    const refused = await off.operator.call("POST", "/runs", { ...WINDOW, replay: true });
    expect([refused.status, refused.body["code"]]).toEqual([503, "disabled"]);
    expect(receiver.stats().requests).toBe(requestsAtSwitch);
    await off.dev.stop();

    const { api } = await stack.restart();
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
    const { missing, unknown, extra } = multisetDifference(expectedRayIds(files), receiver.tally.rayIds);
    expect([missing, unknown]).toEqual([0, 0]);
    expect(extra).toBeLessThanOrEqual(status.possible_duplicate_lines + status.duplicate_lines);
  });
});
