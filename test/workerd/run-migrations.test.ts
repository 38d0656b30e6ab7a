// Migrations of runs under way: a run with rows of older code must continue as if the present code had written them.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SEND_LEASE_MS } from "../../durable-objects/backfill-run/sending/claim.ts";
import { leftBy } from "../support/earlier-schema.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, answered, permitsOf, opened, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;

describe("a database that was written before leases stood in one row", () => {
  it("keeps every lease and wait: expired ones are named and reclaimed, others renewed", async () => {
    await opened(run, [Array.from({ length: 5 }, () => LINES)]);
    const [expired, waiting] = await permitsOf(run, 2);
    await reportOutcome(run, waiting!, answered(503));
    run.pass(20_000);
    const [renewed, reported] = await permitsOf(run, 2);
    const before = await run.leases();
    expect(Object.keys(before)).toHaveLength(3);
    await leftBy(run, "0001-run");
    expect(
      await run.rows("SELECT batch FROM batches WHERE state = 'leased' AND due_at IS NOT NULL"),
    ).toHaveLength(3);
    await run.evict();

    expect(await run.leases()).toEqual(before);
    await run.expectBalanced();
    // The first lease runs out, the other leases do not.
    await run.wait(before[expired!.batch]! - Date.now() + 1);
    expect(await run.status()).toMatchObject({ in_flight: 2, uncertain_attempts: 1 });
    expect((await run.api.renew([expired!, renewed!])).refused).toMatchObject([{ batch: expired!.batch }]);
    await reportOutcome(run, reported!, OK);
    expect(await run.leases()).toEqual({ [renewed!.batch]: Date.now() + SEND_LEASE_MS });
    await run.expectBalanced();
    await run.wait(SEND_LEASE_MS + 1);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 2, log_lines_sent: LINES });
    await run.expectBalanced();
  });

  it("keeps the limits that stood in the specification alone", async () => {
    const limits = {
      maxRequestsPerSecond: 7,
      maxBytesPerSecond: null,
      polite: true,
      onUncertain: "hold",
    } as const;
    await run.start({ ...limits, maxInFlight: 3, maxLinesPerSecond: 5_000, rate: 9 });
    await leftBy(run, "0001-run");
    await run.evict();
    expect(await run.api.limits()).toEqual({
      ok: true,
      limits: {
        ...limits,
        maxInFlight: 3,
        maxLinesPerSecond: 5_000,
        rate: 9,
        sendBetween: null,
        dailyLines: null,
      },
    });
  });

  it("has no lease afterwards when it had none", async () => {
    await opened(run, [[LINES]]);
    await leftBy(run, "0001-run");
    await run.evict();
    expect(await run.leases()).toEqual({});
    await run.expectBalanced();
  });
});
