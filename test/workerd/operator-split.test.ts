// on_refused "split": a refused batch is halved until only the refused line is left. No other line is lost.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunSpec } from "../../src/contract/run.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { acted, openedAs } from "../support/operator-play.ts";
import { FakeReceiver, putRaw } from "../support/run-logs.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const REFUSED = answered(413);
const split = (over: Partial<RunSpec> = {}): Partial<RunSpec> => ({ onRefused: "split", ...over });

/** Makes a run with one accepted batch, and one refused batch. */
async function oneSplit(lines: number, over: Partial<RunSpec> = {}) {
  await openedAs(run, [[10, lines]], split(over));
  await reportOutcome(run, await permitOf(run), OK);
  const parent = await permitOf(run);
  await reportOutcome(run, parent, REFUSED);
  return parent;
}

/** Answers as a receiver that refuses every body with a bad line. Returns the number of POSTs. */
async function play(bad: ReadonlySet<number>): Promise<number> {
  let posts = 0;
  for (; posts < 200; posts += 1) {
    const { pending, refused } = (await run.status()).lines;
    if (pending === 0 && (await run.status()).in_flight === 0) return posts;
    const permit = await permitOf(run);
    const from = permit.slice?.from ?? 0;
    const isBad = [...bad].some((line) => line >= from && line < from + permit.lines && permit.batch !== 1);
    await reportOutcome(run, permit, isBad ? REFUSED : OK);
    expect(refused).toBeLessThanOrEqual(1_000);
  }
  throw new Error("there is no end of it");
}

describe("a refused batch", () => {
  it.each([0, 499, 500, 999])(
    "is halved down to line %i of 1,000 alone, with at most 24 POSTs",
    async (line) => {
      await oneSplit(1_000);
      const posts = 1 + (await play(new Set([line])));
      expect(posts).toBeLessThanOrEqual(24);
      const refused = await run.rows("SELECT slice_from, lines FROM batches WHERE state = 'refused'");
      expect(refused).toEqual([{ slice_from: line, lines: 1 }]);
      await run.wait(1_000);
      expect(await run.status()).toMatchObject({
        stage_code: "needs_attention",
        log_lines_sent: 1_009,
        lines: { kept: 1_010, refused: 1, pending: 0 },
      });
    },
  );

  it("stops after 24 POSTs with many bad lines, and lists what is left as refused", async () => {
    await oneSplit(64);
    const bad = new Set(Array.from({ length: 32 }, (_, n) => 2 * n));
    // Other batches are accepted in between, so the settings are not the cause.
    const posts = 1 + (await play(bad));
    expect(posts).toBeLessThanOrEqual(24);
    const { lines } = await run.status();
    expect([lines.sent + lines.refused, lines.pending]).toEqual([74, 0]);
    expect(lines.refused).toBeGreaterThanOrEqual(32);
  });

  it("is never split before the first 2xx, because the settings may be wrong", async () => {
    await openedAs(run, [[10, 10]], split());
    for (let n = 0; n < 4; n += 1) {
      await reportOutcome(run, await permitOf(run), REFUSED);
      await run.wait(6_000);
    }
    expect(await run.status()).toMatchObject({ stage_code: "suspended", batches: { split: 0, refused: 0 } });
  });

  it("is kept whole without the option, because halving sends lines again", async () => {
    await openedAs(run, [[10, 10]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), REFUSED);
    expect((await run.status()).batches).toMatchObject({ split: 0, refused: 1 });
  });

  it("stays refused when it is one line", async () => {
    await oneSplit(1);
    expect((await run.status()).batches).toMatchObject({ split: 0, refused: 1, pending: 0 });
  });

  it("gives parts that cover its lines exactly, also of an odd number, after an eviction", async () => {
    const parent = await oneSplit(7);
    await run.evict();
    const parts = await run.rows(
      "SELECT parent, slice_from, lines, offset, length, state FROM batches WHERE is_part = 1 ORDER BY batch",
    );
    const { offset, length } = parent;
    const common = { parent: parent.batch, offset, length, state: "pending" };
    expect(parts).toEqual([
      { ...common, slice_from: 0, lines: 3 },
      { ...common, slice_from: 3, lines: 4 },
    ]);
    expect(await run.status()).toMatchObject({ lines: { kept: 17, pending: 7 }, batches: { split: 1 } });
  });
});

describe("what is sent again after a refusal", () => {
  it("counts as a possible duplicate, because a refusal may come after some lines", async () => {
    await oneSplit(100);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1, possible_duplicate_lines: 100 });
    expect(await run.rows("SELECT state, cause FROM attempts")).toEqual([
      { state: "uncertain", cause: "http_413_in_part" },
    ]);
  });

  it("counts as sent once with refusal_is_atomic", async () => {
    await oneSplit(100, { refusalIsAtomic: true });
    await play(new Set([3]));
    expect(await run.status()).toMatchObject({
      uncertain_attempts: 0,
      possible_duplicate_lines: 0,
      log_lines_sent: 109,
    });
  });

  it("inherits an earlier uncertain attempt of the whole batch, even with refusal_is_atomic", async () => {
    await openedAs(run, [[10, 100]], split({ refusalIsAtomic: true }));
    await reportOutcome(run, await permitOf(run), OK);
    const first = await permitOf(run);
    await reportOutcome(run, first, TIMEOUT);
    const second = await permitOf(run);
    expect(second).toMatchObject({ batch: first.batch, attempt: 2 });
    await reportOutcome(run, second, REFUSED);
    expect(await run.status()).toMatchObject({
      uncertain_attempts: 1,
      possible_duplicate_lines: 100,
      batches: { split: 1 },
    });
  });
});

describe("a late 2xx of the whole batch", () => {
  it("settles its parts, and counts those already done as duplicates once", async () => {
    await openedAs(run, [[10, 100]], split({ refusalIsAtomic: true }));
    await reportOutcome(run, await permitOf(run), OK);
    const late = await permitOf(run);
    await reportOutcome(run, late, TIMEOUT);
    await reportOutcome(run, await permitOf(run), REFUSED);
    const part = await permitOf(run);
    expect(part).toMatchObject({ lines: 50, slice: { from: 0, lines: 50 } });
    await reportOutcome(run, part, OK);
    expect((await run.status()).log_lines_sent).toBe(60);
    for (let times = 0; times < 2; times += 1) {
      await reportOutcome(run, late, OK);
      await run.evict();
    }
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 110,
      duplicate_lines: 50,
      uncertain_attempts: 0,
    });
  });

  it("reaches parts of parts, and leaves a part that is out uncertain until its report", async () => {
    const parent = await oneSplit(100);
    const left = await permitOf(run);
    await reportOutcome(run, left, REFUSED);
    const right = await permitOf(run);
    await reportOutcome(run, parent, OK);
    await run.settle();
    expect(await run.status()).toMatchObject({
      log_lines_sent: 110,
      duplicate_lines: 0,
      lines: { pending: 0 },
    });
    await reportOutcome(run, right, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: 110, duplicate_lines: right.lines });
  });
});

describe("a split through the real consumers", () => {
  it("leaves only the refused line out, and retry sends it, each line once", async () => {
    const raw = await putRaw(run, 0, 230);
    const receiver = new FakeReceiver();
    for (const level of ["log", "warn", "error", "debug"] as const)
      vi.spyOn(console, level).mockReturnValue();
    await run.start(split({ refusalIsAtomic: true }));
    await run.settle();
    const handle = async (queue: string, body: unknown) => {
      const message = [{ id: "m", timestamp: new Date(), attempts: 1, body }];
      await handleQueue(createMessageBatch(queue, message), env);
      await run.settle();
    };
    await handle("parse-queue-backfill", { v: 1, run: run.id, file: 1 });
    receiver.install();
    const bad = raw.kept[137] ?? "";
    let isMended = false;
    const taken: string[] = [];
    receiver.answer = ({ rayIds }) => {
      if (!isMended && rayIds.includes(bad)) return new Response("too odd", { status: 422 });
      taken.push(...rayIds);
      return new Response("ok");
    };
    for (let wakeUps = 0; wakeUps < 30 && (await run.stage()) !== "needs_attention"; wakeUps += 1) {
      await handle("send-queue-backfill", { v: 1, run: run.id });
      await run.wait(2_000);
    }
    expect(taken.toSorted()).toEqual(raw.kept.filter((id) => id !== bad).toSorted());
    isMended = true;
    await acted(run, { do: "retry_all" });
    await handle("send-queue-backfill", { v: 1, run: run.id });
    await run.wait(2_000);
    expect(taken.toSorted()).toEqual(raw.kept.toSorted());
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 230,
      duplicate_lines: 0,
      possible_duplicate_lines: 0,
    });
  });
});
