// One call of a sender carries the reports and the claims of several loops. Each permit and each report keeps its own
// effect, and the call costs one transaction.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PostOutcome, SendReport } from "../../src/contract/sending.ts";
import { SEND_LEASE_MS } from "../../durable-objects/backfill-run/sending/claim.ts";
import { countRows } from "../support/count-rows.ts";
import { openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  GAVE_UP,
  OK,
  TIMEOUT,
  answered,
  opened,
  permitOf,
  permitsOf,
  reportOf,
  reportOutcome,
  permitsIn,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;
const batches = (count: number): number[][] => [Array.from({ length: count }, () => LINES)];

/** What the rows say about the first `count` batches. */
async function batchRows(count: number): Promise<object[]> {
  return run.rows(
    `SELECT batch, state, attempt, reason_code, retry_at, set_aside_at, counted, done_attempt, answer_status
     FROM batches WHERE batch <= ${count} ORDER BY batch`,
  );
}

describe("a group of claims", () => {
  it("gets a permit for each loop, each with its own batch, wait and lease", async () => {
    await openedAs(run, batches(8), { maxLinesPerSecond: 4_000 });
    await reportOutcome(run, await permitOf(run), OK);
    run.pass(2_000);
    const permits = permitsIn(await run.api.next("a.1", [], 6));
    expect(permits.map((permit) => permit.batch)).toEqual([2, 3, 4, 5, 6, 7]);
    const waits = permits.map((permit) => permit.waitMs);
    // At 4,000 lines/s a batch of 100 takes 30 ms of the rate, so three of them begin together.
    expect(waits.map((wait) => Math.round(wait - waits[0]!))).toEqual([0, 0, 0, 90, 90, 90]);
    expect(Object.values(await run.leases())).toEqual(permits.map(() => Date.now() + SEND_LEASE_MS));
    await run.expectBalanced();
  });

  it("never gets more than six permits in one call", async () => {
    await opened(run, batches(9));
    expect(permitsIn(await run.api.next("a.1", [], 9))).toHaveLength(6);
  });

  it("gets what is free in flight, and the other loops wait", async () => {
    await openedAs(run, batches(8), { maxInFlight: 4 });
    const answer = await run.api.next("a.1", [], 6);
    expect(permitsIn(answer)).toHaveLength(4);
    expect(answer).toMatchObject({ rest: { kind: "wait", reason: "max_in_flight" } });
  });

  it("gets what the canary leaves, and the other loops end", async () => {
    await openedAs(run, batches(8), { canary: 3 });
    const answer = await run.api.next("a.1", [], 6);
    expect(permitsIn(answer)).toHaveLength(3);
    expect(answer).toMatchObject({ rest: { kind: "nothing", reason: "canary" } });
  });

  it("gets one permit while the run probes the receiver", async () => {
    await opened(run, batches(12));
    const reports = (await permitsOf(run, 6)).map((permit) => reportOf(permit, answered(503)));
    await run.api.done("a.1", reports);
    run.pass(120_000);
    const answer = await run.api.next("a.1", [], 6);
    expect(permitsIn(answer)).toHaveLength(1);
    expect(answer).toMatchObject({ rest: { kind: "nothing" } });
    await run.expectBalanced();
  });

  it("says nothing about a rest when each loop got a permit", async () => {
    await opened(run, batches(8));
    expect(await run.api.next("a.1", [], 2)).not.toHaveProperty("rest");
  });

  it("crosses from the last batch of a file to the next file", async () => {
    await opened(run, [[LINES, LINES], [LINES], [LINES, LINES, LINES]]);
    expect(permitsIn(await run.api.next("a.1", [], 5)).map((permit) => permit.file)).toEqual([1, 1, 2, 3, 3]);
    await run.expectBalanced();
    expect(permitsIn(await run.api.next("a.1", [], 5)).map((permit) => permit.file)).toEqual([3]);
    await run.expectBalanced();
  });

  it("leaves the rows of first claims, and shows them leased also after an eviction", async () => {
    await opened(run, batches(8));
    const permits = permitsIn(await run.api.next("a.1", [], 6));
    expect(await batchRows(1)).toMatchObject([{ state: "pending", attempt: 0 }]);
    await run.evict();
    expect(await run.status()).toMatchObject({ in_flight: 6, batches: { pending: 2 } });
    expect((await run.api.renew(permits)).refused).toEqual([]);
    await run.expectBalanced();
    await run.api.done(
      "a.1",
      permits.map((permit) => reportOf(permit, OK)),
    );
    expect(await batchRows(6)).toMatchObject(
      permits.map(() => ({ state: "done", attempt: 1, done_attempt: 1 })),
    );
    await run.expectBalanced();
  });
});

describe("a group of reports", () => {
  /** The outcomes of six loops. Before and after them come a late 2xx and a report about an unknown attempt. */
  const OUTCOMES: PostOutcome[] = [
    OK,
    answered(422),
    TIMEOUT,
    GAVE_UP,
    answered(503, { retryAfterMs: 4_000 }),
    OK,
  ];

  async function playOutcomes(together: boolean): Promise<object> {
    run.fresh();
    await opened(run, batches(14));
    await reportOutcome(run, await permitOf(run), OK);
    const late = await permitOf(run);
    await run.wait(SEND_LEASE_MS + 1);
    const permits = await permitsOf(run, OUTCOMES.length);
    const reports: SendReport[] = [
      reportOf(late, OK),
      ...permits.map((permit, n) => reportOf(permit, OUTCOMES[n] ?? OK)),
      reportOf({ batch: late.batch, attempt: 9 }, OK),
    ];
    if (together) await run.api.done("a.1", reports);
    else for (const report of reports) await run.api.done("a.1", [report]);
    await run.expectBalanced();
    const { lines, batches: states, uncertain_attempts, duplicate_lines, state_reason } = await run.status();
    const attempts = await run.rows(
      "SELECT batch, attempt, state, cause, followed FROM attempts ORDER BY 1, 2",
    );
    const rows = (await batchRows(14)).map((row) => ({ ...row, retry_at: null }));
    return { rows, attempts, lines, states, uncertain_attempts, duplicate_lines, state_reason };
  }

  it("of which some are refused, late, uncertain, unsent or unknown has the effects of single reports", async () => {
    expect(await playOutcomes(true)).toEqual(await playOutcomes(false));
  });

  it("is applied once when the call is repeated after a lost answer", async () => {
    await opened(run, batches(14));
    const permits = permitsIn(await run.api.next("a.1", [], 6));
    const reports = permits.map((permit, n) => reportOf(permit, n === 2 ? TIMEOUT : OK));
    await run.api.next("a.1", reports, 3);
    const after = await run.status();
    await run.api.next("a.1", reports, 3);
    const { lines, uncertain_attempts, batches: states } = await run.status();
    expect(lines.sent).toBe(after.lines.sent);
    expect({ uncertain_attempts, done: states.done }).toEqual({ uncertain_attempts: 1, done: 5 });
    await run.expectBalanced();
  });
});

describe("the wait before a sender's next call", () => {
  it("is what delays no POST: none at first, more when no batch waits", async () => {
    await opened(run, batches(8));
    expect(await run.api.next("a.1", [], 2)).toMatchObject({ groupWaitMs: 0 });
    expect(await run.api.next("a.1", [], 6)).toMatchObject({ groupWaitMs: 100 });
  });
});

describe("the cost of a group, in rows written", () => {
  it("is a row for each report and one for the sums: claims and the file write no row", async () => {
    await opened(run, batches(14));
    // At the first delivery, the run stores the fingerprint of the receiver, which is one more row.
    await reportOutcome(run, await permitOf(run), OK);
    const permits = permitsIn(await run.api.next("a.1", [], 6));
    run.pass(1_500);
    const reports = permits.map((permit) => reportOf(permit, OK));
    const { written } = await countRows(run.stub, () => run.api.next("a.1", reports, 6));
    expect(written).toBe(6 + 1);
    await run.expectBalanced();
  });
});

describe("a claim without a row", () => {
  it("is written when the batches of its file are held, and its report still counts", async () => {
    await opened(run, batches(8));
    const [one, two] = permitsIn(await run.api.next("a.1", [], 2));
    await runInDurableObject(run.stub, (_object, { storage }) =>
      expect(storage.sql.exec("SELECT claims_json FROM totals").one()).toEqual({ claims_json: "[1,2]" }),
    );
    await reportOutcome(run, one!, {
      kind: "not_sent",
      reason: "pack_missing",
      detail: "gone",
    });
    await run.expectBalanced();
    await reportOutcome(run, two!, OK);
    expect(await batchRows(2)).toMatchObject([{ state: "pending" }, { state: "done", attempt: 1 }]);
    await run.expectBalanced();
  });
});
