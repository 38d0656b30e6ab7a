// kill -9 in mid-run. Queues are in memory and die with it; what must not die is the run. The time of this test is the
// lease of what was being sent: 30 s until the object may take it back.
import { expect, test } from "vitest";
import { compare, tableOf } from "../../local/demo/compare.ts";
import { DELIVERY_LIMIT_MS, startStack, WINDOW, type Stack } from "../support/stack.ts";

const KILLS = {
  "the whole process group": (stack: Stack) => stack.dev.killGroup(),
  "the top process alone": (stack: Stack) => stack.dev.killTop(),
};

async function survives(what: string, kill: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await startStack({
    logs: { files: 3, lines: [6_000, 4_000, 4_000] },
    // Slow enough that the kill hits a run with open POSTs.
    receiver: { behaviour: { latency_ms: [100, 300] } },
  });
  const { receiver, files } = stack;
  const run = await stack.api.startRun({ ...WINDOW, batch_size: 200 });
  await expect
    .poll(() => receiver.stats().accepted_requests, { timeout: 30_000, interval: 20 })
    .toBeGreaterThan(8);

  await kill(stack);
  const atKill = receiver.stats();
  expect(atKill.lines_accepted, what).toBeLessThan(files.reduce((sum, file) => sum + file.kept, 0));
  const { api } = await stack.restart();
  // Nothing but the object's clock sets it going again: the only requests are those that look.
  const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

  const comparison = compare(files, status, { stats: receiver.stats(), rayIds: receiver.tally.rayIds });
  expect(comparison.agrees, `${what}\n${tableOf(comparison)}`).toBe(true);
  expect(receiver.stats().duplicate_lines, what).toBeLessThanOrEqual(
    status.duplicate_lines + status.possible_duplicate_lines,
  );
}

test("a run goes on by itself after a kill -9 in mid-send and a restart: nothing lost, nothing sent twice without being named", async () => {
  // Side by side, because both only wait for the same 30 s.
  await Promise.all(Object.entries(KILLS).map(([what, kill]) => survives(what, kill)));
});
