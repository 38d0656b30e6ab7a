// A receiver that remembers the token of a batch: an uncertain attempt that is sent again in time is no possible
// duplicate. An attempt that is sent again later, or with another token, is a possible duplicate.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpSending } from "../../src/contract/receivers.ts";
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { act, acted, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const LINES = 100;
const HTTP: HttpSending = {
  form: "lines",
  beforeEach: null,
  token: { in: "header", name: "Idempotency-Key" },
  dedupesMs: HOUR_MS,
};

beforeEach(() => {
  run.setUp();
  Object.assign(env, { RECEIVER: JSON.stringify({ url: "http://receiver.test/log/edge" }) });
});
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

async function sums() {
  const { possible_duplicate_lines: possible, deduped_lines: deduped, uncertain_attempts: uncertain } = await run.status();
  return { possible, deduped, uncertain };
} // prettier-ignore

/** Makes a run with two batches, so that an accepted one exists. The attempt of the other one is uncertain. */
async function oneUncertain(http: HttpSending = HTTP) {
  await openedAs(run, [[LINES, LINES]], { http });
  await reportOutcome(run, await permitOf(run), OK);
  const lost = await permitOf(run);
  await reportOutcome(run, lost, TIMEOUT);
  return lost;
}

async function verified() {
  await act(run, { do: "verify" });
  await run.settle();
  return (await run.status()).verification.last?.differences;
}

describe("a run to a receiver that remembers tokens", () => {
  it("counts no possible duplicates while the receiver remembers", async () => {
    const lost = await oneUncertain();
    expect(await sums()).toEqual({ possible: 0, deduped: 0, uncertain: 1 });
    await run.wait(MINUTE_MS);
    const again = await permitOf(run);
    expect([again.batch, again.attempt]).toEqual([lost.batch, 2]);
    expect(again.http?.batchToken).toBe(lost.http?.batchToken);
    expect(await sums()).toEqual({ possible: 0, deduped: LINES, uncertain: 1 });
    await reportOutcome(run, again, OK);
    expect(await sums()).toEqual({ possible: 0, deduped: LINES, uncertain: 1 });
    expect(await verified()).toEqual([]);
  });

  it("counts an attempt once the receiver has forgotten it, although an earlier one was in time", async () => {
    await oneUncertain();
    await run.wait(MINUTE_MS);
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    expect(await sums()).toEqual({ possible: 0, deduped: LINES, uncertain: 2 });
    await act(run, { do: "pause", park: false });
    await run.wait(50 * MINUTE_MS);
    await acted(run, { do: "resume", acceptReceiver: false, answers: null });
    await run.wait(MINUTE_MS);
    // Both uncertain attempts began more than 44 minutes ago. An attempt may last 16 minutes.
    const late = await permitOf(run);
    expect(late.attempt).toBe(3);
    expect(await sums()).toEqual({ possible: 2 * LINES, deduped: 0, uncertain: 2 });
    expect(await verified()).toEqual([]);
  });

  it("takes a claim back that began no POST", async () => {
    await oneUncertain();
    await run.wait(MINUTE_MS);
    const unsent = await permitOf(run);
    expect((await sums()).deduped).toBe(LINES);
    await reportOutcome(run, unsent, { kind: "not_sent", reason: "gave_up", detail: "" });
    expect(await sums()).toEqual({ possible: 0, deduped: 0, uncertain: 1 });
  });

  it("knows the least time of an attempt whose sender vanished", async () => {
    await openedAs(run, [[LINES]], { http: HTTP });
    await permitOf(run);
    await run.wait(31_000);
    expect(await sums()).toEqual({ possible: 0, deduped: 0, uncertain: 1 });
    await run.wait(MINUTE_MS);
    await permitOf(run);
    expect(await sums()).toEqual({ possible: 0, deduped: LINES, uncertain: 1 });
  });

  it("counts the parts of a split batch, whose tokens are others", async () => {
    await openedAs(run, [[LINES, LINES]], { http: HTTP, onRefused: "split" });
    await reportOutcome(run, await permitOf(run), OK);
    const lost = await permitOf(run);
    await reportOutcome(run, lost, TIMEOUT);
    await run.wait(MINUTE_MS);
    await reportOutcome(run, await permitOf(run), answered(400));
    // Two uncertain attempts: the timeout, and the refusal that may have accepted a part.
    expect(await sums()).toEqual({ possible: 2 * LINES, deduped: 0, uncertain: 2 });
  });

  it("counts everything when the receiver is not known to remember", async () => {
    const { dedupesMs: _unknown, ...http } = HTTP;
    await oneUncertain(http);
    await run.wait(MINUTE_MS);
    await permitOf(run);
    expect(await sums()).toEqual({ possible: LINES, deduped: undefined, uncertain: 1 });
  });

  it("shows the attempt that sent the batch again in time", async () => {
    const lost = await oneUncertain();
    await run.wait(MINUTE_MS);
    await permitOf(run);
    const page = await run.api.listBatches({ states: [], cursor: null, limit: 10 });
    const shown = page.ok ? page.page.items.find(({ batch }) => batch === lost.batch) : undefined;
    expect(shown?.exceptional_attempts).toMatchObject([{ attempt: 1, followed_by: null, deduped_by: 2 }]);
    await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
      expect(sql.exec("SELECT deduped, followed FROM attempts").one()).toEqual({ deduped: 2, followed: 0 });
    });
  });
});
