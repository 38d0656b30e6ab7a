// continue_of: a run takes over what an aborted run delivered, and sends only the rest.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { continued, sentBatches } from "../support/continue-play.ts";
import { acted, openedAs, openFile, statesOf } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import {
  answered,
  entriesOf,
  permitOf,
  manifestOf,
  OK,
  sendAll,
  reportOutcome,
  TIMEOUT,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;

describe("a run that continues another one", () => {
  it("sends only what the earlier run did not deliver, and ends without an exception", async () => {
    await openedAs(run, [[LINES, LINES, LINES], [LINES]], {});
    for (const batch of [1, 2]) {
      const permit = await permitOf(run);
      expect(permit.batch).toBe(batch);
      await reportOutcome(run, permit, OK);
    }
    const earlier = await continued(run);
    await openFile(run, 1, [LINES, LINES, LINES], "f0-");
    await openFile(run, 2, [LINES], "f1-");
    await run.settle();
    expect(await sentBatches(run)).toEqual([3, 4]);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 200,
      exceptions: 0,
      possible_duplicate_lines: 0,
      lines: { kept: 400, discarded: 200 },
    });
    expect(
      await run.rows("SELECT DISTINCT reason_code, reason_detail FROM batches WHERE state = 'discarded'"),
    ).toEqual([{ reason_code: "inherited_delivered", reason_detail: earlier }]);
  });

  it("holds what the earlier run left uncertain, until an operator decides", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    await run.settle();
    expect(await statesOf(run)).toEqual({ 1: "held", 2: "pending" });
    expect(await run.rows("SELECT batch, attempt, state, cause FROM attempts")).toEqual([
      { batch: 1, attempt: 0, state: "uncertain", cause: "inherited" },
    ]);
    expect(await sentBatches(run)).toEqual([2]);
    await acted(run, { do: "resolve_batch", batch: 1, outcome: "delivered" }, "partner has it");
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 200,
      uncertain_attempts: 0,
    });
  });

  it("counts an inherited uncertain batch as possible duplicate when an operator has it sent again", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    await acted(run, { do: "resolve_batch", batch: 1, outcome: "resend" });
    await sendAll(run);
    expect(await run.status()).toMatchObject({ log_lines_sent: 200, possible_duplicate_lines: LINES });
  });

  it("sends and counts uncertain batches when it was started to resend them", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await continued(run, { resendInherited: true });
    await openFile(run, 1, [LINES, LINES], "f0-");
    await run.settle();
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1, possible_duplicate_lines: 0 });
    expect((await sentBatches(run)).toSorted((a, b) => a - b)).toEqual([1, 2]);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 200,
      possible_duplicate_lines: LINES,
    });
  });

  it("inherits a lease that was out at the abort as uncertain", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await permitOf(run);
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    expect(await statesOf(run)).toEqual({ 1: "held", 2: "pending" });
  });

  it("sends what was refused to the earlier run, because nothing of it arrived", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), answered(400));
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    await run.settle();
    expect(await sentBatches(run)).toEqual([2]);
  });

  it("inherits a split batch as uncertain, because parts of it may be there", async () => {
    await openedAs(run, [[LINES, LINES]], { onRefused: "split", refusalIsAtomic: true });
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), answered(400));
    await reportOutcome(run, await permitOf(run), OK);
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    expect(await statesOf(run)).toEqual({ 1: "discarded", 2: "held" });
  });

  it("hands its inheritance on, so that a third run sends only what neither delivered", async () => {
    await openedAs(run, [[LINES, LINES, LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await continued(run);
    await openFile(run, 1, [LINES, LINES, LINES, LINES], "f0-");
    const permit = await permitOf(run);
    expect(permit.batch).toBe(3);
    await reportOutcome(run, permit, OK);
    await continued(run);
    await openFile(run, 1, [LINES, LINES, LINES, LINES], "f0-");
    await run.settle();
    expect(await statesOf(run)).toEqual({ 1: "discarded", 2: "held", 3: "discarded", 4: "pending" });
    expect(await sentBatches(run)).toEqual([4]);
  });

  it("sends to the receiver of the earlier run", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    const frozen = "SELECT receiver_key, receiver_print FROM run";
    const before = await run.row(frozen);
    expect(before).not.toMatchObject({ receiver_print: null });
    await continued(run);
    expect(await run.row(frozen)).toEqual(before);
  });

  it("parses nothing before it has the whole inheritance", async () => {
    await openedAs(run, [[LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await continued(run);
    expect(await run.row("SELECT inherit_json FROM run")).toEqual({ inherit_json: null });
    await run.evict();
    await openFile(run, 1, [LINES], "f0-");
    expect(await statesOf(run)).toEqual({ 1: "discarded" });
  });
});

describe("an object that does not give what the earlier run sent", () => {
  it("is changed and sends nothing, because lines of it may be there already", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await continued(run);
    expect(await run.api.claimFile(1)).toMatchObject({ ok: true });

    await run.api.queued(manifestOf(1, 1, entriesOf([LINES, LINES], "other-")));
    await run.settle();
    expect(await run.status()).toMatchObject({ files: { changed: 1 }, lines: { pending: 0 } });
    expect(await run.api.next("test.0", [], 1)).toMatchObject({ kind: "nothing" });
    await run.wait(HOUR);
    expect((await run.status()).stage_code).toBe("needs_attention");

    // Without permission for duplicates the operator gets the same answer again.
    for (const allowDuplicates of [false, true]) {
      await acted(run, { do: "retry_file", file: 1, allowDuplicates });
      await run.settle();
      const again = await run.api.claimFile(1);
      if (!again.ok) throw new Error(again.detail);
      await run.api.queued(manifestOf(1, again.attempt, entriesOf([LINES, LINES], "other-")));
      await run.settle();
      expect((await run.status()).files).toMatchObject({ changed: allowDuplicates ? 0 : 1 });
    }
    expect(await sentBatches(run)).toHaveLength(2);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1 });
  });
});
