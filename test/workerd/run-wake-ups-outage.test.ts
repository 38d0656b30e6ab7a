// Wake-ups while POSTs hang, senders have died, packs are lost, or the clock was set back. A sender is woken within
// seconds for a batch that can be sent, and never for another batch.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SendPermit } from "../../src/contract/sending.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  OK,
  PACK_MISSING,
  RESET,
  answered,
  claim,
  entriesOf,
  permitOf,
  permitsOf,
  listed,
  manifestOf,
  opened,
  reportOf,
  reportOutcome,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const batches = (count: number): number[] => Array.from({ length: count }, () => 100);

/** Milliseconds until a sender is woken while `open` POSTs continue. Infinity when none is woken in time. */
async function wokenAfter(seconds: number, open: SendPermit[] = []): Promise<number> {
  const [before, from] = [run.wakeUps, Date.now()];
  for (let second = 0; second < seconds; second += 1) {
    await run.wait(1_000);
    if (second % 10 === 0) await run.api.renew(open);
    if (run.wakeUps > before) return Date.now() - from;
  }
  return Infinity;
}

/** The number of wake-ups in this many seconds, when each wakes a sender whose six loops ask once. */
async function wakeUpsIn(seconds: number): Promise<number> {
  const before = run.wakeUps;
  let sender = before;
  for (let tenths = 0; tenths < seconds * 10; tenths += 1) {
    await run.wait(100);
    for (; sender < run.wakeUps; sender += 1)
      for (let lane = 0; lane < 6; lane += 1) await run.api.next(`i${sender}.${lane}`, [], 1);
  }
  return run.wakeUps - before;
}

describe("a run whose POSTs hang", () => {
  it.each([0, 1, 6])(
    "wakes a sender to probe while %i of them hang, because an outage may end first",
    async (hanging) => {
      await opened(run, [batches(300)]);
      await reportOutcome(run, await permitOf(run), OK);
      const open = await permitsOf(run, hanging);
      for (const permit of await permitsOf(run, 6)) await reportOutcome(run, permit, answered(500));
      expect(await wokenAfter(60, open)).toBeLessThan(11_000);
    },
  );

  it.each([
    ["that claimed just now", 500],
    ["that has not claimed for 20 s", 20_000],
  ])(
    "wakes a sender for a few new batches, because a sender %s may have no free sender loop",
    async (_who, ms) => {
      await listed(run, 2);
      const first = await claim(run, 1);
      await run.api.queued(manifestOf(1, first.attempt, entriesOf([100, 100])));
      await run.settle();
      const [one] = await permitsOf(run, 1);
      // The run has forgotten earlier wake-ups by then.
      await run.wait(6_000);
      const answer = await run.api.next("test.0", [reportOf(one!, OK)], 1);
      const open = answer.kind === "grants" ? answer.grants : [];
      expect(open).toHaveLength(1);
      await run.wait(ms);
      const second = await claim(run, 2);
      await run.api.queued(manifestOf(2, second.attempt, entriesOf(batches(5), "b")));
      expect(await wokenAfter(60, open)).toBeLessThan(6_000);
    },
  );

  it("wakes senders for the other batches, once the receiver took one", async () => {
    await opened(run, [batches(12)]);
    await reportOutcome(run, await permitOf(run), OK);
    expect(await wokenAfter(60, await permitsOf(run, 6))).toBeLessThan(6_000);
  });
});

it("wakes senders for retries of a sender that died, while its lease runs", async () => {
  await opened(run, [batches(6)]);
  const [, ...reported] = await permitsOf(run, 6);
  for (const permit of reported) await run.api.done("test.1", [reportOf(permit, RESET)]);
  expect(await wokenAfter(60)).toBeLessThan(8_000);
});

describe("batches of a file whose pack was lost", () => {
  it("wake no sender until it is parsed again, because no claim would get them", async () => {
    await opened(run, [batches(30)]);
    await reportOutcome(run, await permitOf(run), PACK_MISSING);
    expect(await wakeUpsIn(20)).toBeLessThan(10);
  });

  it("wake no sender either when they were out as the loss was seen", async () => {
    await opened(run, [batches(30)]);
    for (const permit of await permitsOf(run, 12))
      await run.api.done("test.0", [reportOf(permit, PACK_MISSING)]);
    expect(await wakeUpsIn(30)).toBeLessThan(15);
  });

  it("never delay a retry of another file", async () => {
    await opened(run, [batches(30), batches(1)]);
    const lost = await permitsOf(run, 30);
    const [other] = await permitsOf(run, 1);
    for (const permit of lost) await run.api.done("test.0", [reportOf(permit, PACK_MISSING)]);
    await run.api.done("test.0", [reportOf(other!, { kind: "not_sent", reason: "gave_up", detail: "" })]);
    expect(await run.api.next("test.0", [], 1)).toMatchObject({ grants: [{ batch: other!.batch }] });
  });
});

describe("a clock that is set back", () => {
  it.each([
    ["a wake-up is out", async () => undefined],
    ["a sender was here", () => permitsOf(run, 1)],
  ])("keeps waking senders while %s", async (_when, meanwhile) => {
    await listed(run, 2);
    const first = await claim(run, 1);
    await run.api.queued(manifestOf(1, first.attempt, entriesOf([100, 100])));
    await run.settle();
    await meanwhile();
    run.pass(-3_600_000);
    const second = await claim(run, 2);
    await run.api.queued(manifestOf(2, second.attempt, entriesOf(batches(3), "b")));
    const before = run.wakeUps;
    await run.settle();
    if (run.wakeUps === before) expect(await wokenAfter(60)).toBeLessThan(20_000);
  });
});
