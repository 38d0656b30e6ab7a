// The run asks which kind of answer is the usual kind. An operator's decision settles every batch of a kind: waiting
// batches, batches that counted while the run was learning, and batches of late reports, in any number.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACTOR, act, acted, eventsOf, openedAs, statesOf } from "../support/operator-play.ts";
import { countRows } from "../support/count-rows.ts";
import { addTimeouts } from "../support/many-attempts.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, permitsOf, sendAll, reportOutcome } from "../support/run-work.ts";
import type { AnswerWords } from "../../src/contract/answers.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
/** Uncertain batches of another kind. */
const OTHERS = 20_000;
const GOOD = '{"code":0}';
const BAD = '{"code":7,"message":"quota"}';
const good = answered(200, { bodyStart: GOOD, isWhole: true });
const bad = answered(200, { bodyStart: BAD, isWhole: true });
const cut = answered(200, { bodyStart: '{"code":0', isWhole: false });

const open = (batches: number, over = {}) =>
  openedAs(run, [Array.from({ length: batches }, () => LINES)], over);
const say = (answers: AnswerWords, note: string | null = null) =>
  acted(run, { do: "resume", acceptReceiver: false, answers }, note);
async function each(...outcomes: (typeof good)[]): Promise<number[]> {
  const batches: number[] = [];
  for (const outcome of outcomes) {
    const permit = await permitOf(run);
    batches.push(permit.batch);
    await reportOutcome(run, permit, outcome);
  }
  return batches;
}
const answersOf = async () => (await run.status()).answers;

describe("one odd answer among the first five", () => {
  it("suspends the run and shows each kind, until an operator decides on each kind", async () => {
    await open(12);
    const [, , odd] = await each(good, good, bad);
    await run.settle();
    expect(await run.status()).toMatchObject({
      stage_code: "suspended",
      state_reason: { code: "unusual_answers" },
      log_lines_sent: 2 * LINES,
      lines: { held: LINES },
    });
    expect(await answersOf()).toMatchObject({
      check: "learning",
      usual: { body: GOOD, count: 2 },
      kinds: [{ id: "k1", body: BAD, count: 1, waiting: 1, word: null }],
    });
    await say({ k1: "refused" }, "asked the partner");
    expect((await statesOf(run))[odd!]).toBe("refused");
    expect(await answersOf()).toMatchObject({
      kinds: [{ id: "k1", word: "refused" }],
      words: [{ actor: ACTOR, note: "asked the partner", words: { k1: "refused" } }],
    });
    expect(await eventsOf(run, "resume")).toMatchObject([
      { actor: ACTOR, detail: { answers: { k1: "refused" } } },
    ]);
    await each(...Array.from({ length: 9 }, () => good));
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", lines: { refused: LINES } });
  });

  it("becomes the usual kind by decision: earlier batches are reversed, named and sent again", async () => {
    await open(4);
    const [first, second, third] = await each(bad, bad, good);
    expect((await run.status()).log_lines_sent).toBe(2 * LINES);
    await say({ usual: "refused", k1: "success" });
    expect(await statesOf(run)).toMatchObject({
      [first!]: "refused",
      [second!]: "refused",
      [third!]: "done",
    });
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, exceptions: 2, uncertain_attempts: 0 });
    // A report that is repeated after an eviction changes nothing.
    await run.evict();
    await reportOutcome(run, { batch: first!, attempt: 1 }, bad);
    expect((await run.status()).log_lines_sent).toBe(LINES);
    await acted(run, { do: "retry_all" });
    await each(bad, good, good);
    expect(await run.status()).toMatchObject({ lines: { refused: LINES }, log_lines_sent: 3 * LINES });
  });

  it("is the reason shown, although nothing else is left to send", async () => {
    await open(3);
    await each(good, good, bad);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "unusual_answers" },
    });
    await say("success");
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 0 });
  });
});

describe("an operator's answer about kinds", () => {
  it('sends the batches again with "resend", and counts possible duplicates', async () => {
    await open(6);
    await each(good, bad);
    await say("resend");
    expect(await run.status()).toMatchObject({ stage_code: "sending", uncertain_attempts: 1 });
    for (let left = 5; left > 0; left -= 1) await each(good);
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 6 * LINES,
      possible_duplicate_lines: LINES,
    });
  });

  it.each([
    [{ k9: "success" }, "k9"],
    [{ usual: "resend" }, "usual"],
    [{}, "no kind"],
  ] satisfies [AnswerWords, string][])(
    "is refused by name as %j, and changes nothing",
    async (answers, named) => {
      await open(4);
      await each(good, bad);
      const before = await run.rows("SELECT * FROM totals");
      const refused = await act(run, { do: "resume", acceptReceiver: false, answers });
      expect(refused).toMatchObject({ ok: false, code: "wrong_state" });
      expect("detail" in refused && refused.detail).toContain(named);
      expect(await run.rows("SELECT * FROM totals")).toEqual(before);
    },
  );

  it("counts a batch that was sent again meanwhile as delivered twice", async () => {
    await open(3);
    const permit = await permitOf(run);
    await reportOutcome(run, permit, good);
    const late = await permitOf(run);
    // The lease ends, another attempt delivers the batch, and then the first attempt's answer arrives.
    await run.wait(60_000);
    await each(good, good);
    await reportOutcome(run, late, bad);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1, possible_duplicate_lines: LINES });
    await say("success");
    expect(await run.status()).toMatchObject({
      uncertain_attempts: 0,
      possible_duplicate_lines: 0,
      duplicate_lines: LINES,
      log_lines_sent: 3 * LINES,
    });
  });

  it("reaches every batch of its kind among 20,000 others, and reads each a few times", async () => {
    await open(12);
    await each(...Array.from({ length: 5 }, () => good), bad, bad, bad);
    await addTimeouts(run, OTHERS);
    const { read } = await countRows(run.stub, async () => {
      expect((await say("success")).changed).toBe(3);
    });
    // About three rows for each of the others.
    expect(read).toBeLessThan(5 * OTHERS);
    expect(await run.status()).toMatchObject({ log_lines_sent: 8 * LINES, uncertain_attempts: OTHERS });
  });

  it("ends the canary of its run as well", async () => {
    await open(8, { canary: 2 });
    await each(good, bad);
    await run.settle();
    expect(await run.status()).toMatchObject({ stage_code: "paused", state_reason: { code: "canary" } });
    await say("success");
    expect((await run.status()).stage_code).toBe("sending");
  });

  it("comes too late for an aborted run: what waits stays uncertain and is named", async () => {
    await open(6);
    await each(good, bad);
    await run.api.abort({ force: false, actor: ACTOR });
    await run.settle();
    expect(await act(run, { do: "resume", acceptReceiver: false, answers: "success" })).toMatchObject({
      ok: false,
      code: "run_ended",
    });
    expect(await run.status()).toMatchObject({ stage_code: "aborted", uncertain_attempts: 1 });
    const { batches } = (await run.api.inheritance(0)) as { batches: { state: string }[] };
    expect(batches.map(({ state }) => state)).toEqual(["done", "uncertain"]);
  });
});

describe("a 2xx whose body breaks off", () => {
  it("counts when its beginning is the usual one, and is held where it is not", async () => {
    await open(9);
    await each(...Array.from({ length: 5 }, () => good));
    const [fits, odd] = await each(cut, answered(200, { bodyStart: '{"code":7,"mes', isWhole: false }));
    expect(await statesOf(run)).toMatchObject({ [fits!]: "done", [odd!]: "held" });
    await sendAll(run);
  });

  it("is held before anything is usual, at most three and what is in flight with them", async () => {
    await open(12);
    await each(cut, cut, cut);
    await run.settle();
    expect(await run.status()).toMatchObject({
      stage_code: "suspended",
      log_lines_sent: 0,
      uncertain_attempts: 3,
    });
    await say("success");
    await each(...Array.from({ length: 9 }, () => cut));
    await run.wait(3_600_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 12 * LINES,
    });
  });
});

describe("answers while parts of a split batch are out", () => {
  it("are compared like all others: a part is held alone", async () => {
    await open(7, { onRefused: "split" });
    await each(...Array.from({ length: 5 }, () => good), answered(413));
    const parts = await permitsOf(run, 3);
    for (const part of parts)
      await reportOutcome(run, part, part.lines === 50 && part.slice?.from === 0 ? bad : good);
    expect(await run.status()).toMatchObject({ lines: { held: 50 }, log_lines_sent: 6 * LINES + 50 });
    await say("success");
    await run.wait(3_600_000);
    expect((await run.status()).log_lines_sent).toBe(7 * LINES);
  });
});

describe("a run of older code whose check was off", () => {
  it("learns again, and a decision settles what was held before the upgrade", async () => {
    await open(12);
    await each(...Array.from({ length: 5 }, () => good), bad, bad, bad);
    const older = {
      first: [],
      usual: "200 x",
      isOff: false,
      unusual: 3,
      judged: {},
      examples: { usual: GOOD, unusual: BAD },
      bodies: [],
      otherBodies: 0,
    };
    await run.rows(`UPDATE totals SET answers_json = '${JSON.stringify(older)}'`);
    await run.rows("UPDATE attempts SET detail = '200 #', answer_kind = 'k0' WHERE cause = 'unusual_answer'");
    await run.evict();
    expect((await run.status()).state_reason?.code).toBe("unusual_answers");
    await say("refused");
    expect(await run.status()).toMatchObject({ stage_code: "sending", lines: { refused: 3 * LINES } });
    await run.rows(
      `UPDATE totals SET answers_json = '${JSON.stringify({ ...older, unusual: 0, isOff: true })}'`,
    );
    await each(good, good, bad);
    expect((await run.status()).state_reason?.code).toBe("unusual_answers");
  });
});
