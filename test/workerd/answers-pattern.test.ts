// With SUCCESS_PATTERN, an answer that does not match proves nothing about the lines. Before the first match nothing
// is retried. An operator's decision settles each such attempt, in any state of its batch.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACTOR, act, acted, openedAs, statesOf } from "../support/operator-play.ts";
import { addTimeouts } from "../support/many-attempts.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, permitsOf, reportOutcome } from "../support/run-work.ts";
import type { AnswerWords } from "../../src/contract/answers.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const MISS = '{"code":"0","message":"SUCCESS"}';
// The deployment under test has no SUCCESS_PATTERN. A report without the name of a pattern refers to "no pattern".
const miss = answered(200, { bodyStart: MISS, bodyMatches: false });
const match = answered(200, { bodyStart: '{"code":0}', bodyMatches: true });
const otherMiss = answered(200, { bodyStart: MISS, bodyMatches: false, pattern: "of other code" });

const open = (batches: number, over = {}) =>
  openedAs(run, [Array.from({ length: batches }, () => LINES)], over);
const say = (answers: AnswerWords, note = "asked the partner") =>
  acted(run, { do: "resume", acceptReceiver: false, answers }, note);
const code = async () => (await run.status()).state_reason?.code;

describe("an answer that does not match, before the first match", () => {
  it.each(["resend", "hold"] as const)(
    "leaves its attempt uncertain and the run waiting, with on_uncertain %s",
    async (onUncertain) => {
      await open(8, { onUncertain });
      const permits = await permitsOf(run, 3);
      for (const permit of permits) await reportOutcome(run, permit, miss);
      await run.settle();
      expect(await run.status()).toMatchObject({
        stage_code: "suspended",
        state_reason: { code: "receiver_answer_does_not_match" },
        uncertain_attempts: 3,
        possible_duplicate_lines: 0,
        log_lines_sent: 0,
        failures: { answer_does_not_match: 3 },
      });
      expect((await run.status()).answers).toMatchObject({
        bodies: [{ status: 200, body: MISS, count: 3 }],
      });
      for (let hours = 0; hours < 3; hours += 1) {
        await run.wait(3_600_000);
        expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
      }
    },
  );

  it("counts as one when it is a 204 or a body that broke off", async () => {
    await open(3);
    const [one, two] = await permitsOf(run, 2);
    await reportOutcome(run, one!, answered(204, { bodyMatches: false }));
    await reportOutcome(run, two!, answered(200, { bodyStart: "o", bodyMatches: false, isWhole: false }));
    expect(await run.status()).toMatchObject({ uncertain_attempts: 2, log_lines_sent: 0 });
    expect(await code()).toBe("receiver_answer_does_not_match");
  });

  it('is settled by "success": each attempt is done and an exception', async () => {
    await open(8);
    for (const permit of await permitsOf(run, 3)) await reportOutcome(run, permit, miss);
    expect(await say("success")).toMatchObject({ changed: 3 });
    expect(await run.status()).toMatchObject({
      log_lines_sent: 3 * LINES,
      uncertain_attempts: 0,
      exceptions: 3,
    });
    for (let left = 5; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), miss);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 8 * LINES,
      exceptions: 3,
      duplicate_lines: 0,
      possible_duplicate_lines: 0,
    });
    expect((await run.status()).answers).toMatchObject({
      pattern: { word: "success" },
      words: [{ actor: ACTOR, note: "asked the partner", words: { no_match: "success" } }],
    });
  });

  it('is settled by "refused": each batch is refused, and so is the next one', async () => {
    await open(4);
    for (const permit of await permitsOf(run, 2)) await reportOutcome(run, permit, miss);
    await say("refused");
    await reportOutcome(run, await permitOf(run), miss);
    expect(await run.status()).toMatchObject({ lines: { refused: 3 * LINES }, uncertain_attempts: 0 });
    await reportOutcome(run, await permitOf(run), match);
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", log_lines_sent: LINES });
  });

  it.each(["resend", "hold"] as const)(
    'is settled by "resend" as a possible duplicate (on_uncertain %s)',
    async (onUncertain) => {
      await open(3, { onUncertain });
      for (const permit of await permitsOf(run, 2)) await reportOutcome(run, permit, miss);
      await say("resend");
      for (let left = 3; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), match);
      await run.wait(3_600_000);
      expect(await run.status()).toMatchObject({
        stage_code: "sent_waiting_cleanup",
        log_lines_sent: 3 * LINES,
        possible_duplicate_lines: 2 * LINES,
        exceptions: 0,
      });
    },
  );

  it("is no question any more under another pattern: then on_uncertain decides", async () => {
    await open(3);
    await reportOutcome(run, await permitOf(run), otherMiss);
    // This is not the pattern that is set now.
    expect((await run.status()).stage_code).toBe("sending");
    for (let left = 3; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), match);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({ log_lines_sent: 3 * LINES, possible_duplicate_lines: LINES });
  });

  it("stays held for a decision, also under another pattern", async () => {
    await open(3, { onUncertain: "hold" });
    await reportOutcome(run, await permitOf(run), otherMiss);
    for (let left = 2; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), match);
    await run.wait(1_000);
    expect(await code()).toBe("held_batches");
    await say({ no_match: "success" });
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 3 * LINES,
    });
  });

  it("survives an eviction, and a repeated report changes nothing", async () => {
    await open(4);
    const permit = await permitOf(run);
    await reportOutcome(run, permit, miss);
    await run.evict();
    await reportOutcome(run, permit, miss);
    expect(await code()).toBe("receiver_answer_does_not_match");
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1 });
    await say("success");
    await run.evict();
    await reportOutcome(run, permit, miss);
    expect(await run.status()).toMatchObject({
      log_lines_sent: LINES,
      uncertain_attempts: 0,
      duplicate_lines: 0,
    });
  });

  it("is the reason shown when nothing else is left to do", async () => {
    await open(2, { onUncertain: "hold" });
    for (const permit of await permitsOf(run, 2)) await reportOutcome(run, permit, miss);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "receiver_answer_does_not_match" },
    });
  });

  it("is named as uncertain by an aborted run, for a continuing run", async () => {
    await open(4);
    await reportOutcome(run, await permitOf(run), miss);
    await run.api.abort({ force: false, actor: ACTOR });
    await run.settle();
    expect(await run.status()).toMatchObject({ stage_code: "aborted", uncertain_attempts: 1 });
    const { batches } = (await run.api.inheritance(0)) as { batches: { state: string }[] };
    expect(batches.map(({ state }) => state)).toEqual(["uncertain"]);
  });

  it("is left to on_uncertain once an answer matched", async () => {
    await open(3);
    const [one, two] = await permitsOf(run, 2);
    await reportOutcome(run, one!, miss);
    await reportOutcome(run, two!, match);
    expect((await run.status()).stage_code).toBe("sending");
  });
});

describe("an answer that does not match, after a match", () => {
  it("holds its batch after eight attempts, while the others go on", async () => {
    await open(30);
    await reportOutcome(run, await permitOf(run), match);
    const bad = await permitOf(run);
    await reportOutcome(run, bad, miss);
    for (let tries = 0; tries < 60 && (await statesOf(run))[bad.batch] !== "held"; tries += 1) {
      const permit = await permitOf(run);
      await reportOutcome(run, permit, permit.batch === bad.batch ? miss : match);
    }
    expect(await run.status()).toMatchObject({ uncertain_attempts: 8, possible_duplicate_lines: 7 * LINES });
  });

  it("suspends the run after five in a row from several batches, without probes", async () => {
    await open(12);
    await reportOutcome(run, await permitOf(run), match);
    for (let n = 0; n < 5; n += 1) await reportOutcome(run, await permitOf(run), miss);
    await run.settle();
    expect(await code()).toBe("receiver_answer_does_not_match");
    await run.wait(3_600_000);
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
  });

  it("leaves a late attempt uncertain, until a decision settles it", async () => {
    await open(3);
    await reportOutcome(run, await permitOf(run), match);
    const late = await permitOf(run);
    await run.wait(60_000);
    for (let left = 2; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), match);
    await reportOutcome(run, late, miss);
    expect(await run.rows("SELECT state, cause FROM attempts")).toEqual([
      { state: "uncertain", cause: "answer_does_not_match" },
    ]);
    await say("success");
    expect(await run.status()).toMatchObject({ duplicate_lines: LINES, uncertain_attempts: 0 });
  });
});

it("is settled in bounded turns, 3,000 attempts among 20,000 of another cause", async () => {
  await open(3_200, { onUncertain: "hold", maxInFlight: 60 });
  await reportOutcome(run, await permitOf(run), match);
  await run.rows(
    `INSERT INTO attempts (batch, attempt, state, cause, detail, lines, started_at, ended_at, followed)
     SELECT batch, 1, 'uncertain', 'answer_does_not_match', '', lines, 0, 0, 0 FROM batches WHERE batch > 100 AND batch <= 3100`,
  );
  await run.rows(
    "UPDATE batches SET state = 'held', set_aside_at = 1, attempt = 1 WHERE batch > 100 AND batch <= 3100",
  );
  await run.rows(
    `UPDATE totals SET batches_pending = batches_pending - 3000, batches_held = batches_held + 3000,
       lines_pending = lines_pending - 300000, lines_held = lines_held + 300000, backlog_bytes = backlog_bytes - 3000000,
       uncertain_attempts = uncertain_attempts + 3000`,
  );
  await addTimeouts(run, 20_000);
  await run.evict();
  const { changed } = await say("success");
  expect(changed).toBeLessThan(3_000);
  await run.settle();
  expect(await run.status()).toMatchObject({
    lines: { held: 0 },
    uncertain_attempts: 20_000,
    exceptions: 3_000,
  });
  expect(await act(run, { do: "resume", acceptReceiver: false, answers: "success" })).toMatchObject({
    ok: false,
  });
});
