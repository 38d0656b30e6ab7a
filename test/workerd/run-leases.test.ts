// Send leases are stored in the totals row and in memory. Both agree after evictions, rollbacks and superseded
// attempts. No lease is lost, and none outlives its attempt.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BackfillRunApi } from "../../src/contract/run.ts";
import { SEND_LEASE_MS } from "../../durable-objects/backfill-run/sending/claim.ts";
import { TotalsRow } from "../../durable-objects/backfill-run/ledger/totals.ts";
import { countRows } from "../support/count-rows.ts";
import { openedAs } from "../support/operator-play.ts";
import { NOW, RunUnderTest } from "../support/run-under-test.ts";
import {
  OK,
  TIMEOUT,
  answered,
  permitOf,
  permitsOf,
  opened,
  reportOf,
  reportOutcome,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;

/** The next transaction does all its work and then fails, so that everything is rolled back. */
function failNextTransaction(): void {
  vi.spyOn(TotalsRow.prototype, "flush").mockImplementationOnce(() => {
    throw new Error("injected: the transaction's end");
  });
}

/** A call whose transaction fails. It runs inside the Durable Object, where the error can be caught before it
 * leaves the Durable Object. */
async function failing(call: (object: BackfillRunApi) => Promise<unknown>): Promise<void> {
  failNextTransaction();
  const said = await runInDurableObject(run.stub, (object) =>
    call(object as unknown as BackfillRunApi).then(() => "no error", String),
  );
  expect(said).toContain("injected");
}

describe("the cost of a lease, in rows written", () => {
  it("is no row: a report with a first claim writes one batch and the sums", async () => {
    await opened(run, [[LINES, LINES, LINES, LINES]]);
    const first = await permitOf(run);
    const second = await permitOf(run, [reportOf(first, OK)]);
    run.pass(1_500);
    const reports = [reportOf(second, OK)];
    const { written } = await countRows(run.stub, () => run.api.next("test.0", reports, 1));
    expect(written).toBe(2);
    await run.expectBalanced();
  });

  it("is one row for the renewal of all attempts of a sender", async () => {
    await opened(run, [Array.from({ length: 6 }, () => LINES)]);
    const permits = await permitsOf(run, 6);
    run.pass(10_000);
    expect((await countRows(run.stub, () => run.api.renew(permits))).written).toBe(1);
    expect(Object.values(await run.leases())).toEqual(
      Array.from({ length: 6 }, () => Date.now() + SEND_LEASE_MS),
    );
  });
});

describe("an eviction", () => {
  it("costs the sender nothing between claim and report", async () => {
    await opened(run, [[LINES, LINES]]);
    const [one, two] = await permitsOf(run, 2);
    await run.evict();
    await reportOutcome(run, one!, OK);
    await run.expectBalanced();
    await run.evict();
    expect(await run.api.renew([one!, two!])).toMatchObject({ refused: [one].map((permit) => ({ batch: permit!.batch })) }); // prettier-ignore
    expect(Object.keys(await run.leases())).toEqual([String(two!.batch)]);
    await run.expectBalanced();
  });

  it("does not move the end of a lease, which is reclaimed in its time", async () => {
    await opened(run, [[LINES]]);
    const permit = await permitOf(run);
    const end = (await run.leases())[permit.batch]!;
    await run.evict();
    await run.wait(end - 1 - Date.now());
    expect(await run.status()).toMatchObject({ in_flight: 1, uncertain_attempts: 0 });
    await run.wait(2);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 1 });
    expect(await run.leases()).toEqual({});
    await run.expectBalanced();
  });
});

describe("a transaction that fails at its end", () => {
  it("leaves no lease of what it claimed, in memory or in the row", async () => {
    await opened(run, [[LINES, LINES]]);
    await failing((object) => object.next("test.0", [], 2));
    expect(await run.leases()).toEqual({});
    // A lease that stayed in memory would be written with the next lease.
    const permit = await permitOf(run);
    expect(Object.keys(await run.leases())).toEqual([String(permit.batch)]);
    await run.expectBalanced();
  });

  it("leaves the lease of what it settled: the batch is still out, and reclaimed in its time", async () => {
    await opened(run, [[LINES, LINES]]);
    const [one, two] = await permitsOf(run, 2);
    await failing((object) => object.done("test.0", [reportOf(one!, OK)]));
    expect(await run.status()).toMatchObject({ in_flight: 2, log_lines_sent: 0 });
    await reportOutcome(run, two!, OK);
    await run.expectBalanced();
    await run.wait(SEND_LEASE_MS + 1_000);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 1 });
    await run.expectBalanced();
  });

  it("renews nothing: its sender holds its lease no longer", async () => {
    await opened(run, [[LINES]]);
    const permit = await permitOf(run);
    const before = await run.leases();
    run.pass(10_000);
    await failing((object) => object.renew([permit]));
    await run.wait(before[permit.batch]! - Date.now() + 1);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 1 });
    await run.expectBalanced();
  });

  it("reclaims leases later when it was reclaiming them", async () => {
    await opened(run, [[LINES]]);
    const permit = await permitOf(run);
    run.pass(SEND_LEASE_MS + 1);
    failNextTransaction();
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await run.wait(5_000);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 1 });
    await reportOutcome(run, permit, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, uncertain_attempts: 0 });
    await run.expectBalanced();
  });
});

describe("the older of two attempts of a batch", () => {
  it("renews nothing and gets no permit, so that the newer lease stands", async () => {
    await opened(run, [[LINES]]);
    const older = await permitOf(run);
    await run.wait(SEND_LEASE_MS + 1_000);
    const newer = await permitOf(run);
    expect(newer).toMatchObject({ batch: older.batch, attempt: 2 });
    const before = await run.leases();
    run.pass(10_000);
    const { refused } = await run.api.renew([older]);
    expect(refused).toMatchObject([{ batch: older.batch, attempt: 1 }]);
    expect(await run.api.regrant(older)).toMatchObject({ ok: false, code: "superseded" });
    expect(await run.leases()).toEqual(before);
    // The same call also reports the newer attempt. Each report is judged alone.
    expect((await run.api.renew([older, newer])).refused).toMatchObject([{ attempt: 1 }]);
    expect(await run.leases()).toEqual({ [newer.batch]: Date.now() + SEND_LEASE_MS });
    await run.expectBalanced();
  });

  it("ends the newer lease with its 2xx, and an abort waits for the newer lease's end", async () => {
    await opened(run, [[LINES, LINES]]);
    const older = await permitOf(run);
    await run.wait(SEND_LEASE_MS + 1_000);
    const newer = await permitOf(run);
    expect(newer.batch).toBe(older.batch);
    const end = (await run.leases())[newer.batch]!;
    await reportOutcome(run, older, OK);
    expect(await run.leases()).toEqual({});
    await run.expectBalanced();
    await run.api.abort({ force: true, actor: "token" });
    await run.evict();
    await run.wait(end - 1 - Date.now());
    expect(await run.stage()).toBe("aborting");
    await run.wait(20_000);
    expect(await run.stage()).toBe("aborted");
    await run.expectBalanced();
  });
});

describe("a split batch", () => {
  it("ends the leases of its parts when it arrived after all, and an abort waits for them", async () => {
    await openedAs(run, [[10, LINES, LINES]], { onRefused: "split" });
    await reportOutcome(run, await permitOf(run), OK);
    const lost = await permitOf(run);
    await reportOutcome(run, lost, TIMEOUT);
    // A tried batch comes before an untried batch when its wait is over.
    run.pass(2_000);
    await reportOutcome(run, await permitOf(run), answered(413));
    const part = await permitOf(run);
    expect(part.slice).not.toBeNull();
    const end = (await run.leases())[part.batch]!;
    await reportOutcome(run, lost, OK);
    expect(await run.leases()).toEqual({});
    await run.expectBalanced();
    expect((await run.api.renew([part])).refused).toHaveLength(1);
    await run.api.abort({ force: true, actor: "token" });
    await run.evict();
    await run.wait(end - 1 - Date.now());
    expect(await run.stage()).toBe("aborting");
    await run.wait(20_000);
    expect(await run.status()).toMatchObject({ stage_code: "aborted", log_lines_sent: 10 + LINES });
    await run.expectBalanced();
  });
});

describe("an abort", () => {
  it("reclaims every lease of an evicted run with force, before it is over", async () => {
    await opened(run, [Array.from({ length: 4 }, () => LINES)]);
    const permits = await permitsOf(run, 3);
    await run.api.abort({ force: true, actor: "token" });
    await run.evict();
    expect((await run.api.renew(permits)).refused).toHaveLength(3);
    expect(await run.stage()).toBe("aborting");
    await run.wait(SEND_LEASE_MS);
    expect(await run.status()).toMatchObject({ stage_code: "aborted", uncertain_attempts: 3, leases_out: 0 });
    expect(await run.leases()).toEqual({});
    await run.expectBalanced();
  });
});

describe("a lease without a batch", () => {
  it("ends and names no attempt, so that the clock does not spin", async () => {
    await opened(run, [[LINES, LINES]]);
    await runInDurableObject(run.stub, (_object, { storage }) =>
      storage.sql.exec(`UPDATE totals SET leases_json = '{"1": ${NOW}, "99": ${NOW}}'`),
    );
    await run.evict();
    // The clock's longest sleep.
    await run.wait(16_000);
    expect(await run.leases()).toEqual({});
    expect(await run.status()).toMatchObject({ uncertain_attempts: 0, batches: { pending: 2 } });
    await run.expectBalanced();
  });
});
