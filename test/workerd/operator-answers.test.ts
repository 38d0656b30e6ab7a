// A 2xx that differs from the others sets its batch aside. Three of them suspend the run. An operator's decision
// settles them.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act, acted, ACTOR, eventsOf, everyRow, openedAs, statesOf } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const GOOD = '{"code":0,"message":"ok","request_id":"5f1c0c9a-2d7e-4a53-9a0c-000000000001"}';
const BAD = '{"code":500,"message":"quota exceeded"}';
const good = answered(200, { bodyStart: GOOD });
const bad = answered(200, { bodyStart: BAD });

/** Opens a file with this many batches. Sends its first batches, one for each body, and reports a 200 with this body. */
async function after(batches: number, bodies: string[]): Promise<void> {
  await openedAs(run, [Array.from({ length: batches }, () => LINES)], {});
  for (const bodyStart of bodies) await reportOutcome(run, await permitOf(run), answered(200, { bodyStart }));
}
const five = Array.from({ length: 5 }, (_, n) => GOOD.replace("0001", `000${n}`));

describe("an answer of another shape, after five of one shape", () => {
  beforeEach(() => after(12, five));

  it("holds its batch as uncertain", async () => {
    const odd = await permitOf(run);
    await reportOutcome(run, odd, bad);
    expect(
      await run.row(`SELECT state, reason_code, reason_detail FROM batches WHERE batch = ${odd.batch}`),
    ).toEqual({
      state: "held",
      reason_code: "unusual_answer",
      reason_detail: BAD,
    });
    expect(await run.rows("SELECT batch, attempt, state, cause FROM attempts")).toEqual([
      { batch: odd.batch, attempt: 1, state: "uncertain", cause: "unusual_answer" },
    ]);
    expect(await run.status()).toMatchObject({
      stage_code: "sending",
      log_lines_sent: 5 * LINES,
      uncertain_attempts: 1,
      possible_duplicate_lines: 0,
    });
    expect((await permitOf(run)).batch).toBe(odd.batch + 1);
  });

  it("stops the run with the third answer, which shows both bodies", async () => {
    for (let n = 0; n < 2; n += 1) await reportOutcome(run, await permitOf(run), bad);
    expect((await run.status()).stage_code).toBe("sending");
    await reportOutcome(run, await permitOf(run), bad);
    await run.settle();
    const { stage_code, state_reason, batches } = await run.status();
    expect([stage_code, state_reason?.code, batches.held]).toEqual(["suspended", "unusual_answers", 3]);
    expect(state_reason?.detail).toContain(BAD);
    expect(state_reason?.detail).toContain(five[0]);
    expect(await run.api.next("test.0", [], 6)).toEqual({ kind: "nothing", reason: "unusual_answers" });
    await run.wait(300_000);
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
  });

  it("is delivered after resume as success, now and later", async () => {
    for (let n = 0; n < 3; n += 1) await reportOutcome(run, await permitOf(run), bad);
    const { status } = await acted(run, { do: "resume", acceptReceiver: false, answers: "success" });
    expect(status).toMatchObject({
      stage_code: "sending",
      log_lines_sent: 8 * LINES,
      // The decision is about this kind of answer, not about these batches.
      exceptions: 0,
      uncertain_attempts: 0,
      lines: { held: 0 },
    });
    for (let n = 0; n < 4; n += 1) await reportOutcome(run, await permitOf(run), bad);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 12 * LINES,
      exceptions: 0,
      duplicate_lines: 0,
    });
    expect(await eventsOf(run, "resume")).toMatchObject([
      { actor: ACTOR, detail: { answers: "success", changed: 3 } },
    ]);
  });

  it("is refused after resume as refused, now and later, and retry sends its batches", async () => {
    for (let n = 0; n < 3; n += 1) await reportOutcome(run, await permitOf(run), bad);
    await acted(run, { do: "resume", acceptReceiver: false, answers: "refused" });
    expect(await run.status()).toMatchObject({
      log_lines_sent: 5 * LINES,
      uncertain_attempts: 0,
      exceptions: 3,
    });
    await reportOutcome(run, await permitOf(run), bad);
    expect(await run.status()).toMatchObject({ stage_code: "sending", lines: { refused: 4 * LINES } });
    await reportOutcome(run, await permitOf(run), good);
    for (let left = 2; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), good);
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", lines: { refused: 400 } });
    expect(await acted(run, { do: "retry_all" })).toMatchObject({ changed: 4 });
    for (let left = 4; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), good);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 12 * LINES,
      possible_duplicate_lines: 0,
    });
  });

  it("is unusual again when its shape is not the one decided on", async () => {
    for (let n = 0; n < 3; n += 1) await reportOutcome(run, await permitOf(run), bad);
    await acted(run, { do: "resume", acceptReceiver: false, answers: "success" });
    const odd = await permitOf(run);
    await reportOutcome(run, odd, answered(200, { bodyStart: '{"code":501}' }));
    expect((await statesOf(run))[odd.batch]).toBe("held");
  });

  it("refuses a decision while none waits for one, and changes nothing", async () => {
    const before = await everyRow(run);
    for (const answers of ["success", "refused"] as const) {
      expect(await act(run, { do: "resume", acceptReceiver: false, answers })).toMatchObject({
        ok: false,
        code: "wrong_state",
      });
    }
    expect(await everyRow(run)).toEqual(before);
  });

  it("counts once when it is reported three times", async () => {
    const odd = await permitOf(run);
    for (let times = 0; times < 3; times += 1) {
      for (let again = 0; again < 2; again += 1) await reportOutcome(run, odd, bad);
      // The run's Durable Object remembers recent reports in memory. An eviction empties the memory.
      await run.evict();
    }
    expect((await run.status()).stage_code).toBe("sending");
    expect((await permitOf(run)).batch).toBe(odd.batch + 1);
  });

  it("is usual with other ids, times and long numbers", async () => {
    for (const id of ["deadbeefdeadbeefdeadbeef", "2030-04-22T18:00:01Z", "AbCdEfGh0123456789=="]) {
      await reportOutcome(run, await permitOf(run), answered(200, { bodyStart: `{"request_id":"${id}","message":"ok","code":0}` })); // prettier-ignore
    }
    expect(await run.status()).toMatchObject({ log_lines_sent: 8 * LINES, lines: { held: 0 } });
  });

  it("is left to SUCCESS_PATTERN where one is set", async () => {
    const match = await permitOf(run);
    await reportOutcome(run, match, answered(200, { bodyStart: BAD, bodyMatches: true }));
    const other = await permitOf(run);
    await reportOutcome(run, other, answered(200, { bodyStart: GOOD, bodyMatches: false }));
    expect(await statesOf(run)).toMatchObject({ [match.batch]: "done", [other.batch]: "pending" });
    const { reason_code } = await run.row(`SELECT reason_code FROM batches WHERE batch = ${other.batch}`);
    expect(reason_code).toBe("answer_does_not_match");
    expect(await run.status()).toMatchObject({ stage_code: "sending", uncertain_attempts: 1 });
  });

  it("keeps its decision through an eviction", async () => {
    for (let n = 0; n < 3; n += 1) await reportOutcome(run, await permitOf(run), bad);
    await run.evict();
    expect((await run.status()).state_reason?.code).toBe("unusual_answers");
    await acted(run, { do: "resume", acceptReceiver: false, answers: "success" });
    await run.evict();
    await reportOutcome(run, await permitOf(run), bad);
    expect((await run.status()).log_lines_sent).toBe(9 * LINES);
  });
});

describe("what an honest receiver may repeat", () => {
  it("masks the number of lines of its own batch", async () => {
    const sizes = [100, 99, 98, 97, 96, 95, 94];
    await openedAs(run, [sizes], {});
    for (let n = 0; n < sizes.length; n += 1) {
      const permit = await permitOf(run);
      await reportOutcome(run, permit, answered(200, { bodyStart: `{"code":0,"accepted":${permit.lines}}` }));
    }
    await run.wait(1_000);
    expect((await run.status()).log_lines_sent).toBe(sizes.reduce((a, b) => a + b));
  });

  it("compares another number than its own: a batch taken in part is held", async () => {
    const sizes = [100, 99, 98, 97, 96, 95, 94];
    await openedAs(run, [sizes], {});
    for (let n = 0; n < 6; n += 1) {
      const permit = await permitOf(run);
      const accepted = n === 5 ? 7 : permit.lines;
      await reportOutcome(run, permit, answered(200, { bodyStart: `{"code":0,"accepted":${accepted}}` }));
    }
    expect((await run.status()).lines.held).toBe(95);
  });
});

describe("an answer that is reported five times", () => {
  it("makes no usual kind, because answers are compared and not reports", async () => {
    await openedAs(run, [Array.from({ length: 9 }, () => LINES)], {});
    const first = await permitOf(run);
    for (let times = 0; times < 5; times += 1) {
      await reportOutcome(run, first, bad);
      await run.evict();
    }
    await reportOutcome(run, await permitOf(run), good);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, lines: { held: LINES } });
    expect((await run.status()).answers).toMatchObject({ usual: { count: 1 }, check: "learning" });
  });
});
