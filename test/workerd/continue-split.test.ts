// A continuation of a run with batches that were divided: lines that the receiver is known to have are not sent again.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpSending } from "../../src/contract/receivers.ts";
import type { AnswerPart, PostOutcome } from "../../src/contract/sending.ts";
import { continued, sentBatches } from "../support/continue-play.ts";
import { openedAs, openFile, statesOf } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
const LINES = 100;
const HTTP: HttpSending = { form: "lines", beforeEach: null, token: null };
beforeEach(() => {
  run.setUp();
  Object.assign(env, { RECEIVER: JSON.stringify({ url: "http://receiver.test/log/edge" }) });
});
afterEach(() => run.tearDown());

function inPart(...parts: AnswerPart[]): PostOutcome {
  return answered(200, { bodyMatches: false, bodyStart: '{"errors":true}', parts });
}

/** Batch 1 is accepted in part. Its second part, of 40 lines, gets the outcome `rest`. Batch 2 is not sent. */
async function dividedBatch(rest: PostOutcome): Promise<void> {
  await openedAs(run, [[LINES, LINES]], { http: HTTP });
  const parts = inPart({ as: "accepted", lines: 60 }, { as: "later", lines: 40 });
  await reportOutcome(run, await permitOf(run), parts);
  await run.wait(60_000);
  const later = await permitOf(run);
  expect(later).toMatchObject({ lines: 40 });
  await reportOutcome(run, later, rest);
}

async function continueIt(resendInherited: boolean): Promise<void> {
  await continued(run, { resendInherited, http: HTTP });
  await openFile(run, 1, [LINES, LINES], "f0-");
  await run.settle();
}

describe("a continuation", () => {
  it.each([true, false])(
    "leaves out a batch of which every part is delivered (resend: %s)",
    async (resend) => {
      await dividedBatch(OK);
      expect(await statesOf(run)).toEqual({ 1: "split", 2: "pending", 3: "done", 4: "done" });
      await continueIt(resend);
      expect(await statesOf(run)).toEqual({ 1: "discarded", 2: "pending" });
      expect(await sentBatches(run)).toEqual([2]);
    },
  );

  it("holds a batch of which a part was delivered two runs ago", async () => {
    await dividedBatch(TIMEOUT);
    await continueIt(false);
    await continueIt(true);
    expect(await statesOf(run)).toEqual({ 1: "held", 2: "pending" });
    expect(await sentBatches(run)).toEqual([2]);
  });

  it.each([true, false])("holds a batch of which a part is delivered (resend: %s)", async (resend) => {
    await dividedBatch(TIMEOUT);
    await continueIt(resend);
    expect(await statesOf(run)).toEqual({ 1: "held", 2: "pending" });
  });
});
