// kill -9 of everything in mid-run. Queues are in memory and die with it; what must not die is the run.
import { expect, test } from "vitest";
import { compare, tableOf } from "../../local/demo/compare.ts";
import { DELIVERY_LIMIT_MS, startStack, WINDOW } from "../support/stack.ts";

test("a run whose whole stack is killed in mid-send goes on by itself after a restart: nothing lost, nothing twice unnamed", async () => {
  const stack = await startStack({
    logs: { files: 3, lines: [10_000, 8_000, 8_000] },
    // Slow enough that the kill hits a run with open POSTs.
    receiver: { behaviour: { latency_ms: [50, 150] } },
  });
  const { receiver, files } = stack;
  const run = await stack.api.startRun({ ...WINDOW, batch_size: 200 });
  await expect
    .poll(() => receiver.stats().accepted_requests, { timeout: 30_000, interval: 20 })
    .toBeGreaterThan(8);
  const atKill = receiver.stats();

  await stack.dev.killGroup();
  const total = files.reduce((sum, file) => sum + file.kept, 0);
  expect(atKill.lines_accepted).toBeLessThan(total);
  const { api } = await stack.restart();
  // Nothing but the clock: no request but the ones that look.
  const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

  const comparison = compare(files, status, { stats: receiver.stats(), rayIds: receiver.tally.rayIds });
  expect(comparison.agrees, tableOf(comparison)).toBe(true);
  expect(receiver.stats().duplicate_lines).toBeLessThanOrEqual(
    status.duplicate_lines + status.possible_duplicate_lines,
  );
});
