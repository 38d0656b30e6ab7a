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

it("wakes the other senders at the first 2xx, and more as soon as they have claimed", async () => {
  await opened(run, [Array.from({ length: 31 }, () => 100)]);
  expect(run.wakeUps).toBe(1);
  const [first] = await permitsOf("a.0", []);
  await run.wait(2_000);
  expect(run.wakeUps).toBe(1);
  await permitsOf("a.0", [reportOf(first!, OK, SLOW)]);
  await run.settle();
  // Thirty batches keep five senders busy. One sender answers two wake-ups.
  expect(run.wakeUps).toBe(1 + 2);
  await permitsOf("b.0", []);
  await run.settle();
  expect(run.wakeUps).toBe(3 + 4);
  await permitsOf("c.0", []);
  await run.settle();
  expect(run.wakeUps).toBe(7);
  await permitsOf("d.0", []);
  await run.settle();
  expect(run.wakeUps).toBe(7 + 2);
  await run.wait(2_000);
  expect(run.wakeUps).toBe(9);
});

it("wakes no second sender for batches that the first one sends within a second", async () => {
  await opened(run, [Array.from({ length: 31 }, () => 100)]);
  const [first] = await permitsOf("a.0", []);
  let [permit] = await permitsOf("a.0", [reportOf(first!, OK)]);
  for (let calls = 0; calls < 10; calls += 1) {
    await run.wait(500);
    [permit] = await permitsOf("a.0", [reportOf(permit!, OK)]);
  }
  expect(run.wakeUps).toBe(1);
});

it("wakes a second sender when the loops of the first one wait for answers", async () => {
  await opened(run, [Array.from({ length: 31 }, () => 100)]);
  const [first] = await permitsOf("a.0", []);
  await run.api.next("a.0", [reportOf(first!, OK)], 6);
  await run.wait(1_000);
  expect(run.wakeUps).toBe(1);
  await run.wait(6_000);
  expect(run.wakeUps).toBeGreaterThan(1);
});

it("wakes the other senders when the first one has to wait", async () => {
  await openedWith({});
  await run.api.done("a.0", [reportOf(await permitOf(run), OK, SLOW)]);
  await run.evict();
  await run.api.poke();
  await run.settle();
  const before = run.wakeUps;
  // No batch is sent until a second after the permits from before the eviction.
  expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "wait" });
  await run.settle();
  expect(run.wakeUps).toBe(before + 2);
});

it("wakes the other senders when a probe shows that the receiver is back", async () => {
  await openedWith({});
  await run.api.done("a.0", [reportOf(await permitOf(run), OK, SLOW)]);
  const [probe] = await permitsOf("a.0", []);
  await reportOutcome(run, probe!, answered(404));
  await run.wait(5_100);
  const [again] = await permitsOf("b.0", []);
  await run.settle();
  const before = run.wakeUps;
  await permitsOf("b.0", [reportOf(again!, OK, SLOW)]);
  await run.settle();
  expect(run.wakeUps).toBe(before + 2);
});

describe("a sender that gets nothing", () => {
  /** How long after this call the next alarm is due, in ms. */
  async function alarmAfter(reports: SendReport[]): Promise<number> {
    expect(await run.api.next("a.0", reports, 1)).toMatchObject({ kind: "nothing" });
    return ((await run.alarmAt()) ?? Infinity) - Date.now();
  }

  it("does not wake the clock while its reports have only delivered, and other batches are in flight", async () => {
    await opened(run, [[100, 100, 100], [100]]);
    const open = [];
    for (let n = 0; n < 4; n += 1) open.push(...(await permitsOf("a.0", [])));
    await run.wait(2_000);
    expect(await alarmAfter([])).toBeGreaterThan(500);
    expect(await alarmAfter([reportOf(open[0]!, OK)])).toBe(1);
    await run.settle();
    expect(await alarmAfter([reportOf(open[1]!, OK)])).toBeGreaterThan(500);
    // A closed file, a failure, and the last batch in flight.
    expect(await alarmAfter([reportOf(open[3]!, OK)])).toBe(1);
    await run.settle();
    expect(await alarmAfter([reportOf(open[2]!, answered(500))])).toBe(1);
  });

  it("answers no wake-up of another sender when it asks again", async () => {
    await opened(run, [Array.from({ length: 31 }, () => 100)]);
    const [first] = await permitsOf("a.0", []);
    await permitsOf("a.0", [reportOf(first!, OK, SLOW)]);
    await run.settle();
    expect(run.wakeUps).toBe(3);
    await run.api.done("a.0", []);
    await permitsOf("a.0", []);
    await run.settle();
    expect(run.wakeUps).toBe(3);
  });
});

/** With answers this slow, sixty loops are useful. */
const SLOW = { ackMs: 1_500 };

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
    await run.api.done("a.0", [reportOf(await permitOf(run), OK, SLOW)]);
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    const [alone] = await permitsOf("alone.0", []);
    await run.wait(2_500);
    const before = run.wakeUps;
    await permitsOf("alone.0", [reportOf(alone!, OK, SLOW)]);
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
