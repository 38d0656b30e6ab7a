// One run from POST /runs to its cleanup, over HTTP only. The logs, the ledger and the receiver must agree on every
// line. The tests run in parallel, each with its own stack.
import { describe, expect, test } from "vitest";
import { compare, multisetDifference, tableOf } from "../../local/demo/compare.ts";
import { DELIVERY_LIMIT_MS, expectedRayIds, startStack, WINDOW } from "../support/stack.ts";

describe.concurrent("one run", () => {
  test("delivers exactly the lines of its window once, and its ledger agrees with the receiver", async (context) => {
    const { api, receiver, files } = await startStack({
      logs: { files: 3, lines: [12_000, 300, 4_000], malformedShare: 0.001, invalidTimestampShare: 0.001 },
      vars: { CLEANUP_GRACE_MS: "500" },
      scope: context,
    });

    const run = await api.startRun({ ...WINDOW, batch_size: 500, note: "stack test" });
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

    const comparison = compare(files, status, { stats: receiver.stats(), rayIds: receiver.tally.rayIds });
    expect(comparison.agrees, tableOf(comparison)).toBe(true);
    expect(multisetDifference(expectedRayIds(files), receiver.tally.rayIds)).toEqual({
      missing: 0,
      extra: 0,
      unknown: 0,
    });
    expect(status).toMatchObject({
      exceptions: 0,
      duplicate_lines: 0,
      possible_duplicate_lines: 0,
      problems: [],
    });

    const cleaned = await api.waitFor(run.id, ({ fully_completed: done }) => done, DELIVERY_LIMIT_MS);
    expect(cleaned).toMatchObject({
      stage_code: "cleaned",
      delivery_completed: true,
      log_lines_sent: status.log_lines_sent,
    });
  });

  test("delivers every line to a failing receiver, and repeats only named ones", async (context) => {
    const { api, receiver, files } = await startStack({
      logs: { files: 2, lines: 6_000 },
      vars: { SEND_TIMEOUT_MS: "1500" },
      scope: context,
      receiver: {
        behaviour: {
          latency_ms: [0, 20],
          // Four failures in total. Five in a row would open the circuit breaker, and the test would wait for probes.
          rules: [
            { do: "status", status: 503, retry_after: "1", times: 1 },
            { do: "status", status: 504, accept: true, times: 1 },
            { do: "reset", when: "after_body", accept: true, times: 1 },
            { do: "hang", times: 1 },
          ],
        },
      },
    });

    const run = await api.startRun({ ...WINDOW, batch_size: 250 });
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

    const comparison = compare(files, status, { stats: receiver.stats(), rayIds: receiver.tally.rayIds });
    expect(comparison.agrees, tableOf(comparison)).toBe(true);
    expect(receiver.stats().duplicate_lines).toBeGreaterThan(0);
    expect(status.possible_duplicate_lines + status.duplicate_lines).toBeGreaterThanOrEqual(
      receiver.stats().duplicate_lines,
    );
  });
});
