// A refused command changes nothing, the receiver's slot included: with `replay`, the slot would make the run send lines
// that another run sent.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SlotAnswer } from "../../src/contract/registry.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { act, openedAs } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { OK, answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
const LINES = 100;
const RESUME = { do: "resume", acceptReceiver: false, answers: null } as const;
const OVERLAP: SlotAnswer = {
  ok: false,
  code: "overlap",
  detail: "sent before",
  overlaps: [{ run: "other", start: "a", end: "b" }],
};
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** The registry as it answers after another run has sent the window. Returns the `replay` of each request. */
function otherRunSent(): boolean[] {
  const replays: boolean[] = [];
  vi.spyOn(RunRegistry.prototype, "acquire").mockImplementation(async (_id, replay = false) => {
    replays.push(replay);
    if (replay) return { ok: true, fence: 9, notBefore: 0 };
    return OVERLAP;
  });
  return replays;
}

async function slot(): Promise<unknown> {
  return (await run.row("SELECT slot FROM run"))["slot"];
}

describe("a refused command", () => {
  it("does not get the slot that an overlap refuses", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await act(run, { do: "pause", park: true });
    await run.wait(60_000);
    expect(await slot()).toBe("none");
    const replays = otherRunSent();
    expect(await act(run, RESUME)).toMatchObject({ ok: false, code: "overlap" });
    const unknown = await act(run, { do: "retry_batch", batch: 999, replay: true });
    expect(unknown).toMatchObject({ ok: false, code: "unknown_batch" });
    const delivered = await act(run, { do: "retry_batch", batch: 1, replay: true });
    expect(delivered).toMatchObject({ ok: false, code: "wrong_state" });
    expect(replays).toEqual([false]);
    expect(await slot()).toBe("none");
    expect(await act(run, RESUME)).toMatchObject({ ok: false, code: "overlap" });
  });

  it("does not make a run send that waits because of an overlap", async () => {
    await overlapsAfterRest();
    otherRunSent();
    await opensAgain();
    const unknown = await act(run, { do: "retry_batch", batch: 999, replay: true });
    expect(unknown).toMatchObject({ ok: false, code: "unknown_batch" });
    await stillWaits();
  });

  it("gives the slot back when its batch was discarded while the registry answered", async () => {
    await overlapsAfterRest();
    otherRunSent();
    await opensAgain();
    vi.spyOn(RunRegistry.prototype, "acquire").mockImplementation(async (_id, replay = false) => {
      if (!replay) return OVERLAP;
      await scheduler.wait(200);
      return { ok: true, fence: 9, notBefore: 0 };
    });
    const retried = act(run, { do: "retry_batch", batch: 2, replay: true });
    await scheduler.wait(20);
    const discard = { do: "resolve_batch", batch: 2, outcome: "discard" } as const;
    expect(await act(run, discard, "not needed")).toMatchObject({ ok: true });
    expect(await retried).toMatchObject({ ok: false, code: "wrong_state" });
    await stillWaits();
  });
});

const CLOSES = Date.parse("2030-04-22T19:00:00Z");

async function until(at: number): Promise<void> {
  vi.setSystemTime(Math.max(Date.now(), at - 40_000));
  await run.settle();
  await run.wait(at - Date.now());
}

/** The run delivered batch 1, the receiver refused batch 2, and batch 3 waits. Its hours of sending are over. */
async function overlapsAfterRest(): Promise<void> {
  await openedAs(run, [[LINES, LINES, LINES]], {
    sendBetween: [{ from: "01:00", to: "03:00", zone: "Asia/Shanghai" }],
  });
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(400));
  await until(CLOSES + 1_000);
  await run.settle();
  expect(await slot()).toBe("none");
}

/** The hours of sending begin again, and the registry refuses the slot. */
async function opensAgain(): Promise<void> {
  await until(CLOSES + 22 * HOUR + 1_000);
  await stillWaits();
}

async function stillWaits(): Promise<void> {
  await run.settle();
  const waits = { stage_code: "needs_attention", state_reason: { code: "overlap" } };
  expect(await run.status()).toMatchObject(waits);
  expect((await run.api.next("test.0", [], 1)).kind).toBe("nothing");
}

describe("a command that is repeated before it is answered", () => {
  const GRANTED: SlotAnswer = { ok: true, fence: 7, notBefore: 0 };

  /** The registry answers a request with `replay` or of a paused run when the test says so. */
  function answersLater(refusesWithoutReplay: boolean): (() => void)[] {
    const waiting: (() => void)[] = [];
    vi.spyOn(RunRegistry.prototype, "acquire").mockImplementation(async (_id, replay = false) => {
      if (refusesWithoutReplay && !replay) return OVERLAP;
      const answers: SlotAnswer[] = [];
      waiting.push(() => void answers.push(GRANTED));
      for (;;) {
        const [answer] = answers;
        if (answer) return answer;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    });
    return waiting;
  }

  async function twice(waiting: (() => void)[], command: Parameters<typeof act>[1]): Promise<void> {
    const first = act(run, command);
    await vi.waitUntil(() => waiting.length === 1);
    const second = act(run, command);
    await vi.waitUntil(() => waiting.length === 2);
    waiting[0]?.();
    expect(await first).toMatchObject({ ok: true });
    waiting[1]?.();
    expect(await second).toMatchObject({ ok: false, code: "wrong_state" });
    await run.settle();
    expect(await slot()).toBe("owned");
  }

  it("keeps the slot of the first one when it resumes the run", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await act(run, { do: "pause", park: true });
    await run.wait(60_000);
    await twice(answersLater(false), RESUME);
  });

  it("keeps the slot of the first one when it sends a batch in spite of an overlap", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), answered(400));
    await run.settle();
    expect(await slot()).toBe("none");
    await twice(answersLater(true), { do: "retry_batch", batch: 2, replay: true });
    expect(await permitOf(run)).toMatchObject({ batch: 2 });
  });
});
