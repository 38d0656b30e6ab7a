// An answer that accepts some lines of a batch: accepted lines are settled, lines for later are sent again alone, and
// refused lines wait for an operator. The ledger balances, also per file.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpSending } from "../../src/contract/receivers.ts";
import type { AnswerPart, PostOutcome, SendPermit } from "../../src/contract/sending.ts";
import { act, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
const LINES = 100;
const HTTP: HttpSending = {
  form: "lines",
  beforeEach: null,
  token: { in: "header", name: "Idempotency-Key" },
};

beforeEach(() => {
  run.setUp();
  Object.assign(env, { RECEIVER: JSON.stringify({ url: "http://receiver.test/log/edge" }) });
});
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

function inPart(...parts: AnswerPart[]): PostOutcome {
  return answered(200, { bodyMatches: false, bodyStart: '{"errors":true}', parts });
}

async function onePermit(): Promise<SendPermit> {
  await openedAs(run, [[LINES]], { http: HTTP });
  return permitOf(run);
}

async function batches() {
  return run.rows("SELECT batch, parent, state, slice_from, lines, done_attempt, digest FROM batches ORDER BY batch");
} // prettier-ignore

async function verified() {
  await act(run, { do: "verify" });
  await run.settle();
  return (await run.status()).verification.last?.differences;
}

describe("an answer that accepts a part of a batch", () => {
  it("settles the accepted lines, and sends only the rest again, with a token of its own", async () => {
    const permit = await onePermit();
    await reportOutcome(run, permit, inPart({ as: "accepted", lines: 60 }, { as: "later", lines: 40 }));
    expect(await batches()).toMatchObject([
      { batch: 1, parent: null, state: "split", lines: LINES },
      { batch: 2, parent: 1, state: "done", slice_from: 0, lines: 60, done_attempt: 0 },
      { batch: 3, parent: 1, state: "pending", slice_from: 60, lines: 40 },
    ]);
    expect(await run.status()).toMatchObject({ log_lines_sent: 60, uncertain_attempts: 0 });
    expect(await verified()).toEqual([]);
    await run.wait(60_000);
    const rest = await permitOf(run);
    expect(rest).toMatchObject({ batch: 3, lines: 40, slice: { from: 60, lines: 40 } });
    expect(rest.http?.batchToken).not.toBe(permit.http?.batchToken);
    expect(rest.http?.memberToken).toBe(permit.http?.memberToken);
    await reportOutcome(run, rest, OK);
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({
      delivery_completed: true,
      log_lines_sent: LINES,
      possible_duplicate_lines: 0,
      duplicate_lines: 0,
      exceptions: 0,
    });
    expect(await verified()).toEqual([]);
  });

  it("sets refused lines aside, and sends nothing else", async () => {
    const permit = await onePermit();
    await reportOutcome(run, permit, inPart({ as: "refused", lines: 1 }, { as: "accepted", lines: 99 }));
    await run.wait(60_000);
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      log_lines_sent: 99,
      lines: { refused: 1, pending: 0 },
    });
    expect(await run.api.next("test.0", [], 1)).toMatchObject({ kind: "nothing" });
    expect(await verified()).toEqual([]);
  });

  it("applies a repeated report once", async () => {
    const permit = await onePermit();
    const outcome = inPart({ as: "accepted", lines: 60 }, { as: "later", lines: 40 });
    await reportOutcome(run, permit, outcome);
    const before = await batches();
    await run.evict();
    await reportOutcome(run, permit, outcome);
    expect(await batches()).toEqual(before);
    expect(await run.rows("SELECT * FROM attempts")).toEqual([]);
  });

  it("divides a part again", async () => {
    const permit = await onePermit();
    await reportOutcome(run, permit, inPart({ as: "later", lines: 50 }, { as: "accepted", lines: 50 }));
    await run.wait(60_000);
    const rest = await permitOf(run);
    await reportOutcome(run, rest, inPart({ as: "accepted", lines: 20 }, { as: "later", lines: 30 }));
    await run.wait(60_000);
    const last = await permitOf(run);
    expect(last.slice).toEqual({ from: 20, lines: 30 });
    await reportOutcome(run, last, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, duplicate_lines: 0 });
    expect(await verified()).toEqual([]);
  });

  it("counts the lines of an earlier uncertain attempt as possible duplicates", async () => {
    const permit = await onePermit();
    await reportOutcome(run, permit, TIMEOUT);
    await run.wait(60_000);
    const again = await permitOf(run);
    await reportOutcome(run, again, inPart({ as: "accepted", lines: 60 }, { as: "later", lines: 40 }));
    expect(await run.status()).toMatchObject({ possible_duplicate_lines: LINES });
    // The first attempt was delivered after all: the accepted lines arrived twice, and the rest is delivered.
    await reportOutcome(run, permit, OK);
    expect(await run.status()).toMatchObject({
      log_lines_sent: LINES,
      duplicate_lines: 60,
      possible_duplicate_lines: 0,
    });
    expect(await verified()).toEqual([]);
  });

  it("is uncertain when it accepts nothing, or says nothing about some lines", async () => {
    await openedAs(run, [[LINES, LINES]], { http: HTTP });
    await reportOutcome(run, await permitOf(run), answered(200, { bodyMatches: true }));
    const permit = await permitOf(run);
    await reportOutcome(run, permit, inPart({ as: "later", lines: LINES }));
    expect(await run.rows("SELECT state, cause FROM attempts")).toEqual([
      { state: "uncertain", cause: "answer_does_not_match" },
    ]);
    await run.wait(60_000);
    const again = await permitOf(run);
    await reportOutcome(run, again, inPart({ as: "accepted", lines: 1 }));
    expect(await run.rows("SELECT count(*) AS n FROM batches")).toEqual([{ n: 2 }]);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, uncertain_attempts: 2 });
  });
});
