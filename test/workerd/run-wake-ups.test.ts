// Wake-ups of a run whose senders stop reporting. A lease without a report must not count as a working sender.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SendPermit, SendReport } from "../../src/contract/sending.ts";
import type { RunSpec } from "../../src/contract/run.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  OK,
  TIMEOUT,
  answered,
  claim,
  entriesOf,
  permitOf,
  manifestOf,
  opened,
  putLogs,
  reportOf,
  reportOutcome,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

it("wakes senders although a superseded sender never reports", async () => {
  await opened(run, [[100, 100]]);
  const first = await permitOf(run);
  await run.wait(31_000);
  await run.wait(2_000);
  const second = await permitOf(run);
  expect(second).toMatchObject({ batch: first.batch, attempt: 2 });
  await reportOutcome(run, first, OK);
  const before = run.wakeUps;
  await run.wait(60_000);
  await run.wait(60_000);
  expect(run.wakeUps).toBeGreaterThan(before);
});

it("wakes the other senders at the first 2xx", async () => {
  await opened(run, [Array.from({ length: 31 }, () => 100)]);
  expect(run.wakeUps).toBe(1);
  const [first] = await permitsOf("a.0", []);
  await run.wait(2_000);
  expect(run.wakeUps).toBe(1);
  await permitsOf("a.0", [reportOf(first!, OK)]);
  await run.settle();
  // Thirty batches keep five senders busy. One sender answers wake-ups that come together.
  expect(run.wakeUps).toBe(1 + 2 * 3 + 1);
  await run.wait(4_000);
  expect(run.wakeUps).toBe(8);
});

it("wakes the other senders when the first one has to wait", async () => {
  await openedWith({});
  await reportOutcome(run, await permitOf(run), OK);
  await run.evict();
  await run.api.poke();
  await run.settle();
  const before = run.wakeUps;
  // No batch is sent until a second after the permits from before the eviction.
  expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "wait" });
  await run.settle();
  expect(run.wakeUps).toBeGreaterThan(before + 10);
});

it("wakes the other senders when a probe shows that the receiver is back", async () => {
  await openedWith({});
  await reportOutcome(run, await permitOf(run), OK);
  const [probe] = await permitsOf("a.0", []);
  await reportOutcome(run, probe!, answered(404));
  await run.wait(5_100);
  const [again] = await permitsOf("a.0", []);
  await run.settle();
  const before = run.wakeUps;
  await permitsOf("a.0", [reportOf(again!, OK)]);
  await run.settle();
  expect(run.wakeUps).toBeGreaterThan(before + 10);
});

/** Sixty batches in one file. */
async function openedWith(over: Partial<RunSpec>): Promise<void> {
  await putLogs(run, 1);
  await run.start(over);
  await run.settle();
  const { attempt } = await claim(run, 1);
  await run.api.queued(manifestOf(1, attempt, entriesOf(Array.from({ length: 60 }, () => 100))));
  await run.settle();
}

async function permitsOf(lane: string, reports: SendReport[]): Promise<SendPermit[]> {
  const answer = await run.api.next(lane, reports, 1);
  if (answer.kind !== "grants") throw new Error(`no permit: ${JSON.stringify(answer)}`);
  return answer.grants;
}

/** The number of wake-ups in this many seconds, when each wakes a sender whose six loops ask and get nothing. */
async function wakeUpsIn(seconds: number, open: { batch: number; attempt: number }[]): Promise<number> {
  const before = run.wakeUps;
  let sender = before;
  for (let tenths = 0; tenths < seconds * 10; tenths += 1) {
    await run.wait(100);
    if (tenths % 100 === 0) await run.api.renew(open);
    for (; sender < run.wakeUps; sender += 1) {
      for (let lane = 0; lane < 6; lane += 1)
        expect(await run.api.next(`i${sender}.${lane}`, [], 1)).toMatchObject({ kind: "nothing" });
    }
  }
  return run.wakeUps - before;
}

describe("a batch that no claim would get", () => {
  it("wakes no sender while one batch goes alone after a timeout", async () => {
    await openedWith({});
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    const alone = await permitOf(run);
    await run.wait(10_000);
    // A batch that was tried before may be claimed too.
    const again = await permitOf(run);
    expect(again).toMatchObject({ attempt: 2 });
    await run.wait(6_000);
    expect(await wakeUpsIn(20, [alone, again])).toBe(0);
  });

  it("wakes senders soon after the batch that went alone was taken", async () => {
    await openedWith({});
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    const [alone] = await permitsOf("alone.0", []);
    await run.wait(2_500);
    const before = run.wakeUps;
    await permitsOf("alone.0", [reportOf(alone!, OK)]);
    await run.settle();
    expect(run.wakeUps).toBeGreaterThan(before);
  });

  it("wakes no sender while canary batches are in flight", async () => {
    await openedWith({ canary: 2 });
    const out = [await permitOf(run), await permitOf(run)];
    await run.wait(5_000);
    expect(await wakeUpsIn(20, out)).toBe(0);
  });

  it("wakes no sender while the receiver is another one than at the first 2xx", async () => {
    await openedWith({});
    await reportOutcome(run, await permitOf(run), OK);
    await run.rows("UPDATE run SET receiver_print = 'another'");
    await run.wait(10_000);
    expect((await run.status()).state_reason).toMatchObject({ code: "receiver_changed" });
    expect(await wakeUpsIn(20, [])).toBe(0);
  });
});
