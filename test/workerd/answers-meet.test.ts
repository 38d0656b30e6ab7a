// Unusual answers together with other features and commands: canary, split batches, abort, continue_of, kill switch,
// pattern, and bulk commands under way.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act, acted, openedAs, openFile, statesOf } from "../support/operator-play.ts";
import { continued } from "../support/continue-play.ts";
import { addBatches } from "../support/many-rows.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, permitsOf, OK, sendAll, reportOutcome } from "../support/run-work.ts";
import type { AnswerWords } from "../../src/contract/answers.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const good = answered(200, { bodyStart: '{"code":0}', isWhole: true });
const bad = answered(200, { bodyStart: '{"code":7}', isWhole: true });
const say = (answers: AnswerWords | null, note = "asked the partner") =>
  acted(run, { do: "resume", acceptReceiver: false, answers }, note);
const now = async () => {
  const { stage_code, state_reason } = await run.status();
  return [stage_code, state_reason?.code];
};
async function verified(): Promise<void> {
  await acted(run, { do: "verify" });
  await run.settle();
  expect((await run.status()).verification).toMatchObject({ last: { differences: [] } });
}

const splitRun = () => openedAs(run, [[LINES, LINES]], { onRefused: "split" });
const many = async () => {
  await openedAs(run, [[LINES, LINES]], {});
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(400));
  await addBatches(run, { state: "refused", file: "open" });
  const { underWay } = await acted(run, { do: "retry_all" }, "again");
  expect(underWay).toBe(true);
};

describe("an unusual answer among the canaries", () => {
  it("stays a question after the canary, and its decision does not send the rest unasked", async () => {
    await openedAs(run, [[LINES, LINES, LINES, LINES, LINES]], { canary: 2 });
    await reportOutcome(run, await permitOf(run), good);
    await reportOutcome(run, await permitOf(run), bad);
    await run.settle();
    expect(await now()).toEqual(["paused", "canary"]);
    await say(null, "go on");
    expect(await now()).toEqual(["suspended", "unusual_answers"]);
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
    await say({ k1: "resend" });
    for (let left = 4; left > 0; left -= 1) await reportOutcome(run, await permitOf(run), good);
    expect(await run.status()).toMatchObject({ log_lines_sent: 5 * LINES, possible_duplicate_lines: LINES });
    await verified();
  });

  it("is inherited as uncertain by a continuing run, and held there", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], { canary: 2 });
    await reportOutcome(run, await permitOf(run), good);
    await reportOutcome(run, await permitOf(run), bad);
    await continued(run);
    await openFile(run, 1, [LINES, LINES, LINES]);
    expect(Object.values(await statesOf(run))).toEqual(["discarded", "held", "pending"]);
    await sendAll(run);
    await run.wait(3_600_000);
    expect(await now()).toEqual(["needs_attention", "held_batches"]);
    await acted(run, { do: "resolve_batch", batch: 2, outcome: "resend" });
    await sendAll(run);
    await run.wait(60_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      possible_duplicate_lines: LINES,
    });
    await verified();
  });
});

describe("an unusual answer to a part of a split batch", () => {
  it("is settled by a decision, and inherited as uncertain by a continuing run", async () => {
    await splitRun();
    await reportOutcome(run, await permitOf(run), good);
    await reportOutcome(run, await permitOf(run), answered(413));
    const [one, two] = await permitsOf(run, 2);
    await reportOutcome(run, one!, bad);
    await reportOutcome(run, two!, good);
    await run.settle();
    expect((await now())[1]).toBe("unusual_answers");
    await verified();
    await continued(run);
    await openFile(run, 1, [LINES, LINES]);
    // The receiver may have some parts of the second batch. So the whole second batch is held, and no part on its
    // own.
    expect(Object.values(await statesOf(run))).toEqual(["discarded", "held"]);
    await run.wait(3_600_000);
    expect(await now()).toEqual(["needs_attention", "held_batches"]);
    await verified();
  });

  it("is refused by decision: the part is refused, the other part is done", async () => {
    await splitRun();
    await reportOutcome(run, await permitOf(run), good);
    await reportOutcome(run, await permitOf(run), answered(413));
    const [one, two] = await permitsOf(run, 2);
    await reportOutcome(run, one!, bad);
    await reportOutcome(run, two!, good);
    await say({ k1: "refused" });
    await run.wait(3_600_000);
    expect(await now()).toEqual(["needs_attention", "refused_batches"]);
    const states = await statesOf(run);
    const refused = Object.entries(states).find(([, state]) => state === "refused");
    await acted(run, { do: "resolve_batch", batch: Number(refused?.[0]), outcome: "discard" }, "known");
    await run.wait(60_000);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 2 });
    await verified();
  });
});

describe("a decision about the usual answer", () => {
  it("reverses what a delivered run counted, and the run waits for an operator again", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), good);
    await reportOutcome(run, await permitOf(run), good);
    await run.wait(3_600_000);
    expect((await now())[0]).toBe("sent_waiting_cleanup");
    await say({ usual: "refused" });
    await run.settle();
    expect(await now()).toEqual(["needs_attention", "refused_batches"]);
    expect(await run.status()).toMatchObject({ log_lines_sent: 0, delivery_completed: false });
    await acted(run, { do: "retry_all" });
    await reportOutcome(run, await permitOf(run), answered(200, { bodyStart: "fine", isWhole: true }));
    await reportOutcome(run, await permitOf(run), answered(200, { bodyStart: "fine", isWhole: true }));
    await run.wait(60_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 2 * LINES,
    });
    await verified();
  });
});

describe("a command over many rows that is under way", () => {
  it("goes on while the run is paused, evicted and verified, and the sums agree after it", async () => {
    await many();
    await acted(run, { do: "pause", park: false }, "a look");
    await acted(run, { do: "verify" });
    await run.evict();
    await run.settle();
    const status = await run.status();
    expect(status.stage_code).toBe("paused");
    expect(status.batches).toMatchObject({ refused: 0 });
    expect(status.verification).toMatchObject({ under_way: false });
    await verified();
  });

  it("is stopped by an abort, which names what was done", async () => {
    await many();
    await run.api.abort({ force: false, actor: "token" });
    await run.wait(60_000);
    expect(await run.stage()).toBe("aborted");
    expect(await run.rows("SELECT kind FROM events WHERE kind = 'retry_all_ended'")).toHaveLength(1);
    await verified();
  });
});

describe("a question about the pattern", () => {
  const miss = answered(200, { bodyStart: "no", bodyMatches: false });

  it("survives eviction, pause and abort, and a continuing run holds what it left", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    for (const permit of await permitsOf(run, 2)) await reportOutcome(run, permit, miss);
    await run.settle();
    expect(await now()).toEqual(["suspended", "receiver_answer_does_not_match"]);
    await acted(run, { do: "pause", park: true }, "a look");
    await run.wait(60_000);
    expect(await now()).toEqual(["paused", "operator"]);
    await run.evict();
    await say(null, "go on");
    expect(await now()).toEqual(["suspended", "receiver_answer_does_not_match"]);
    expect(await act(run, { do: "resume", acceptReceiver: false, answers: null })).toMatchObject({
      ok: false,
    });
    await continued(run);
    await openFile(run, 1, [LINES, LINES, LINES]);
    expect(Object.values(await statesOf(run))).toEqual(["held", "held", "pending"]);
    await verified();
  });

  it("is settled by a decision while the run is paused and was evicted", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), miss);
    await acted(run, { do: "pause", park: false }, "a look");
    await run.evict();
    await say("refused");
    await run.settle();
    expect((await statesOf(run))[1]).toBe("refused");
    expect((await run.status()).state_reason?.code).not.toBe("receiver_answer_does_not_match");
  });
});

describe("limits that change while batches wait", () => {
  it("are refused below the largest batch, work at it, and let late files leave", async () => {
    await openedAs(run, [[LINES, 70], [LINES]], {});
    const limits = (maxLinesPerSecond: number) => act(run, { do: "patch", limits: { maxLinesPerSecond } });
    expect(await limits(LINES - 1)).toMatchObject({ ok: false, limit: "maxLinesPerSecond" });
    expect(await limits(LINES)).toMatchObject({ ok: true });
    expect(
      await act(run, { do: "patch", limits: { maxBytesPerSecond: 500, maxRequestsPerSecond: 1 } }),
    ).toMatchObject({ ok: true });
    await sendAll(run);
    await run.wait(3_600_000);
    expect((await now())[0]).toBe("sent_waiting_cleanup");
  });
});
