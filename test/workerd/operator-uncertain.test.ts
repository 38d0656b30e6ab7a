// on_uncertain "hold", and an operator's decision about batches that the run cannot decide.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acted, act, ACTOR, eventsOf, everyRow, openedAs, statesOf } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, OK, RESET, sendAll, reportOutcome, TIMEOUT } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;

/** Makes a run with two batches. The only attempt of the first is uncertain, so the first is held. */
async function oneHeld() {
  await openedAs(run, [[LINES, LINES]], { onUncertain: "hold" });
  const held = await permitOf(run);
  await reportOutcome(run, held, TIMEOUT);
  return held;
}

describe("a run with on_uncertain hold", () => {
  it.each([
    ["a timeout", TIMEOUT, "timeout"],
    ["a reset", RESET, "reset"],
    ["a 502", answered(502), "http_502"],
  ])("holds a batch at its first uncertain attempt: %s", async (_what, outcome, cause) => {
    await openedAs(run, [[LINES, LINES]], { onUncertain: "hold" });
    const held = await permitOf(run);
    await reportOutcome(run, held, outcome);
    expect((await statesOf(run))[held.batch]).toBe("held");
    const other = await permitOf(run);
    expect(other.batch).not.toBe(held.batch);
    await reportOutcome(run, other, OK);
    // An hour of possible retries. None may send the held batch.
    await run.wait(3_600_000);
    expect(await run.api.next("test.0", [], 1)).toMatchObject({ kind: "nothing" });
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      log_lines_sent: LINES,
      uncertain_attempts: 1,
      possible_duplicate_lines: 0,
      lines: { held: LINES },
    });
    expect(await run.rows("SELECT batch, attempt, state, cause FROM attempts")).toEqual([
      { batch: held.batch, attempt: 1, state: "uncertain", cause },
    ]);
  });

  it("holds a batch whose sender vanished", async () => {
    await openedAs(run, [[LINES]], { onUncertain: "hold" });
    const lost = await permitOf(run);
    await run.wait(31_000);
    expect((await statesOf(run))[lost.batch]).toBe("held");
    expect(await run.rows("SELECT cause FROM attempts")).toEqual([{ cause: "lost" }]);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1, possible_duplicate_lines: 0 });
  });

  it("sends again what certainly did not arrive", async () => {
    await openedAs(run, [[LINES, LINES]], { onUncertain: "hold" });
    const refused = await permitOf(run);
    await reportOutcome(run, refused, { kind: "no_connection", detail: "refused" });
    await reportOutcome(run, await permitOf(run), answered(503));
    expect(await run.status()).toMatchObject({ uncertain_attempts: 0, lines: { held: 0 } });
  });
});

describe("resolve", () => {
  it.each(["delivered", "discard"] as const)(
    "needs a note as %s, because the ledger must say how it is known",
    async (outcome) => {
      const held = await oneHeld();
      for (const note of [null, ""]) {
        const before = await everyRow(run);
        expect(await act(run, { do: "resolve_batch", batch: held.batch, outcome }, note)).toMatchObject({
          ok: false,
          code: "note_needed",
        });
        expect(await everyRow(run)).toEqual(before);
      }
    },
  );

  it("counts the lines as sent and the uncertainty as settled when delivered", async () => {
    const held = await oneHeld();
    const command = { do: "resolve_batch", batch: held.batch, outcome: "delivered" } as const;
    expect(await acted(run, command, "partner found it")).toMatchObject({
      changed: 1,
      status: { log_lines_sent: LINES, exceptions: 1, uncertain_attempts: 0, possible_duplicate_lines: 0 },
    });
    expect(await run.rows("SELECT state, done_attempt FROM batches WHERE batch = 1")).toEqual([
      { state: "done", done_attempt: null },
    ]);
    expect(await run.rows("SELECT state FROM attempts")).toEqual([{ state: "resolved" }]);
    expect(await eventsOf(run, "resolve_batch")).toMatchObject([
      { actor: ACTOR, detail: { batch: held.batch, outcome: "delivered", note: "partner found it" } },
    ]);
    await sendAll(run);
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 200 });
  });

  it('takes a late 2xx after "delivered" for that delivery, and no duplicate', async () => {
    const held = await oneHeld();
    await acted(run, { do: "resolve_batch", batch: held.batch, outcome: "delivered" }, "seen");
    for (let times = 0; times < 2; times += 1) await reportOutcome(run, held, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, duplicate_lines: 0 });
    expect(await run.row("SELECT done_attempt FROM batches WHERE batch = 1")).toEqual({ done_attempt: 1 });
  });

  it('counts the second late 2xx after "delivered" as a duplicate, the first not', async () => {
    const first = await oneHeld();
    await acted(run, { do: "resolve_batch", batch: 1, outcome: "resend" });
    const second = await permitOf(run);
    expect(second).toMatchObject({ batch: first.batch, attempt: 2 });
    await reportOutcome(run, second, RESET);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 2, possible_duplicate_lines: LINES });
    await acted(run, { do: "resolve_batch", batch: 1, outcome: "delivered" }, "seen");
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1, possible_duplicate_lines: LINES });
    await reportOutcome(run, second, OK);
    expect((await run.status()).duplicate_lines).toBe(0);
    await reportOutcome(run, first, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, duplicate_lines: LINES });
  });

  it("sends once more as resend, without a note, and then counts a possible duplicate", async () => {
    const held = await oneHeld();
    await acted(run, { do: "resolve_batch", batch: held.batch, outcome: "resend" });
    expect(await run.status()).toMatchObject({ exceptions: 0, possible_duplicate_lines: 0 });
    await sendAll(run);
    expect(await run.status()).toMatchObject({ log_lines_sent: 200, possible_duplicate_lines: LINES });
    expect(await eventsOf(run, "resolve_batch")).toMatchObject([
      { actor: ACTOR, detail: { batch: held.batch, outcome: "resend", changed: 1 } },
    ]);
  });

  it("never sends as discard, stays uncertain, and lets the run end", async () => {
    const held = await oneHeld();
    await acted(run, { do: "resolve_batch", batch: held.batch, outcome: "discard" }, "not worth it");
    await sendAll(run);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: LINES,
      exceptions: 1,
      uncertain_attempts: 1,
      lines: { discarded: LINES },
    });
    // The batch had arrived after all. The lines count as delivered, whatever was decided.
    await reportOutcome(run, held, OK);
    expect(await run.status()).toMatchObject({
      log_lines_sent: 200,
      duplicate_lines: 0,
      uncertain_attempts: 0,
    });
  });

  it.each(["delivered", "resend", "discard"] as const)(
    "is refused as %s for a batch that is done, leased or untouched",
    async (outcome) => {
      await openedAs(run, [[LINES, LINES, LINES]], {});
      await reportOutcome(run, await permitOf(run), OK);
      await permitOf(run);
      const before = await everyRow(run);
      for (const batch of [1, 2, 3]) {
        expect(await act(run, { do: "resolve_batch", batch, outcome }, "because")).toMatchObject({
          ok: false,
          code: "wrong_state",
        });
      }
      expect(await act(run, { do: "resolve_batch", batch: 4, outcome }, "because")).toMatchObject({
        code: "unknown_batch",
      });
      expect(await everyRow(run)).toEqual(before);
    },
  );

  it("settles a batch that waits for its next attempt, because it was tried", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    const tried = await permitOf(run);
    await reportOutcome(run, tried, TIMEOUT);
    expect((await statesOf(run))[tried.batch]).toBe("pending");
    await acted(run, { do: "resolve_batch", batch: tried.batch, outcome: "delivered" }, "seen");
    const next = await permitOf(run);
    expect(next.batch).not.toBe(tried.batch);
    await reportOutcome(run, next, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: 200, possible_duplicate_lines: 0 });
  });
});
