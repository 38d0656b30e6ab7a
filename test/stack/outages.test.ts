// A receiver that is down, at another path, or asks for a pause only costs time. The tests wait for real clocks
// (probes are 5 s apart), so they run in parallel, each with its own stack.
import { describe, test, type TestContext } from "vitest";
import type { RequestLog } from "../../local/receiver/tally.ts";
import { compare, tableOf } from "../../local/demo/compare.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import { DELIVERY_LIMIT_MS, WINDOW, keptLines, startStack, type Stack } from "../support/stack.ts";

const CAP = 2_000;
/** The six sender loops of one invocation. */
const OPEN_AT_FIRST = 6;
const PROBE_MS = 5_000;
const OUTAGE_MS = 10_000;

function expectAgreement({ expect }: TestContext, { files, receiver }: Stack, status: RunStatus): void {
  const comparison = compare(files, status, { stats: receiver.stats(), rayIds: receiver.tally.rayIds });
  // The test has set a wrong path, so these violations are expected.
  const rows = comparison.rows.filter(({ what }) => what !== "requests not as agreed");
  expect(
    rows.every(({ agrees }) => agrees),
    tableOf(comparison),
  ).toBe(true);
}

function between(requests: readonly RequestLog[], from: number, to: number): RequestLog[] {
  return requests.filter(({ headers_at: at }) => at > from && at < to);
}

function isQuietAfter404(status: RunStatus): boolean {
  return status.state_reason?.code === "receiver_http_404" && status.leases_out === 0;
}

describe.concurrent("a receiver that is absent", () => {
  test("gets only probes at a wrong URI, and the run completes once it is mended", async (context) => {
    const { expect } = context;
    const wrong = { CTYUN_URI_EDGE: "/wrong" };
    const stack = await startStack({
      logs: { files: 2, lines: 8_000 },
      vars: wrong,
      scope: context,
    });
    const { receiver } = stack;
    const run = await stack.api.startRun({ ...WINDOW, batch_size: 200 });

    const suspended = await stack.api.waitFor(run.id, isQuietAfter404, DELIVERY_LIMIT_MS);
    expect(suspended.stage_code).toBe("suspended");
    expect(suspended.state_reason?.detail).toContain("CTYUN_URI_EDGE");
    // A batch whose permit was issued before the first 404 may still be sent. After that, only one probe is sent at a
    // time.
    const before = receiver.stats().requests;
    expect(before).toBeLessThanOrEqual(OPEN_AT_FIRST);
    await expect
      .poll(() => receiver.stats().requests, { timeout: 30_000, interval: 100 })
      .toBeGreaterThanOrEqual(before + 2);
    const [last, previous] = receiver.tally.requests.toReversed();
    expect((last?.headers_at ?? 0) - (previous?.headers_at ?? 0)).toBeGreaterThan(PROBE_MS * 0.9);
    // A stop before the last probe is reported would make that probe uncertain.
    const probed = await stack.api.waitFor(run.id, isQuietAfter404, DELIVERY_LIMIT_MS);
    expect(probed.log_lines_sent).toBe(0);

    await stack.dev.stop();
    const { api } = await stack.restart({ CTYUN_URI_EDGE: "/log/edge" });
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
    expectAgreement(context, stack, status);
    expect(status).toMatchObject({ exceptions: 0, possible_duplicate_lines: 0 });
    expect(receiver.stats().duplicate_lines).toBe(0);
  });

  test("gets no request before its Retry-After of 429 is over", async (context) => {
    const { expect } = context;
    const stack = await startStack({
      logs: { files: 2, lines: 12_000 },
      vars: { MAX_LINES_PER_SECOND: String(CAP) },
      receiver: { behaviour: { latency_ms: [20, 60] } },
      scope: context,
    });
    const { receiver, api } = stack;
    const run = await api.startRun({ ...WINDOW, batch_size: 100 });
    await expect.poll(() => receiver.stats().accepted_requests, { timeout: 30_000 }).toBeGreaterThan(10);

    receiver.behave({ rules: [{ do: "status", status: 429, retry_after: "5", times: 1 }] });
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

    const backOff = receiver.tally.requests.find((request) => request.status === 429);
    const answeredAt = backOff?.answered_at ?? Number.NaN;
    expect(between(receiver.tally.requests, answeredAt + 1_000, answeredAt + 5_000)).toEqual([]);
    expect(between(receiver.tally.requests, answeredAt + 5_000, Infinity).length).toBeGreaterThan(10);
    expectAgreement(context, stack, status);
    expect(receiver.stats().duplicate_lines).toBe(0);
  });

  test("costs no batch while it refuses connections for 10 s, and soon gets the full rate", async (context) => {
    const { expect } = context;
    const stack = await startStack({
      logs: { files: 4, lines: 16_000 },
      vars: { MAX_LINES_PER_SECOND: String(CAP) },
      receiver: { behaviour: { latency_ms: [20, 60] } },
      scope: context,
    });
    const { receiver, api, files } = stack;
    const run = await api.startRun({ ...WINDOW, batch_size: 200 });
    await expect.poll(() => receiver.stats().lines_accepted, { timeout: 30_000 }).toBeGreaterThan(CAP * 2);

    const goneAt = Date.now();
    await receiver.refuseFor(OUTAGE_MS);
    const returnedAt = Date.now();
    // Open connections ended with their answers, and no new connection was accepted.
    expect(between(receiver.tally.requests, goneAt + 1_000, goneAt + OUTAGE_MS)).toEqual([]);
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

    expectAgreement(context, stack, status);
    expect(status.batches).toMatchObject({ refused: 0, failed: 0, held: 0 });
    expect(status.exceptions).toBe(0);
    const kept = keptLines(files);
    expect(status.log_lines_sent).toBe(kept);
    // Checks that enough lines were left to measure the rate. The busiest of the 15 s after the outage must reach the
    // cap.
    const after = between(receiver.tally.requests, returnedAt, returnedAt + 15_000);
    const busiest = after.map(({ headers_at: at }) =>
      between(after, at - 1, at + 1_000).reduce((sum, { lines }) => sum + lines, 0),
    );
    expect(Math.max(...busiest)).toBeGreaterThan(CAP * 0.7);
  });
});
