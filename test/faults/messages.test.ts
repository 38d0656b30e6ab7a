// Queues that lose, repeat and reorder, and an object that is evicted after every step: the run ends all the same.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WholeRun, type Delivery } from "../support/run-driver.ts";
import { ALL_ONCE } from "../support/run-logs.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { expectDelivered } from "./support.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

async function ended(prepare: (whole: WholeRun) => void): Promise<WholeRun> {
  const whole = new WholeRun(run);
  await whole.prepare();
  prepare(whole);
  await run.start();
  await whole.toTheEnd();
  return whole;
}

/** Deterministic: the same numbers every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("queues", () => {
  it("that behave deliver every line once, and the run is done in seconds", async () => {
    const whole = await ended(() => undefined);
    await expectDelivered(whole, "no fault");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
    expect(whole.steps).toBeLessThan(20);
  });

  it("that deliver every message three times add nothing", async () => {
    const whole = await ended((one) => {
      one.deliver = (waiting) => [...waiting, ...waiting, ...waiting];
    });
    await expectDelivered(whole, "three times");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
  });

  it("that keep every message for later and deliver it again much later add nothing", async () => {
    const old: Parameters<Delivery>[0] = [];
    const whole = await ended((one) => {
      one.deliver = (waiting) => {
        old.push(...waiting);
        return old.toReversed();
      };
    });
    await expectDelivered(whole, "again and again");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "that drop, repeat and shuffle (seed %i) cost time and nothing else",
    async (seed) => {
      const random = seeded(seed);
      const whole = await ended((one) => {
        one.deliver = (waiting) =>
          waiting
            .flatMap((message) => (random() < 0.5 ? [] : random() < 0.5 ? [message] : [message, message]))
            .toSorted(() => random() - 0.5);
      });
      await expectDelivered(whole, seed);
      expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
    },
  );

  it("that lose everything for minutes only delay the run", async () => {
    const whole = await ended((one) => {
      one.deliver = (waiting) => (one.steps < 300 ? [] : waiting);
    });
    await expectDelivered(whole, "minutes");
    expect(whole.steps).toBeGreaterThan(300);
  });
});

describe("evictions", () => {
  it("after every step change nothing", async () => {
    const whole = await ended((one) => {
      one.afterStep = () => run.evict();
    });
    await expectDelivered(whole, "evicted");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
  });

  it("with queues that lose half of the messages change nothing", async () => {
    const random = seeded(99);
    const whole = await ended((one) => {
      one.afterStep = () => run.evict();
      one.deliver = (waiting) => waiting.filter(() => random() < 0.5);
    });
    await expectDelivered(whole, "evicted and lossy");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
  });
});

describe("the receiver", () => {
  it("that accepts and then breaks off makes duplicates, and every one of them is named", async () => {
    const random = seeded(7);
    const whole = await ended((one) => {
      one.receiver.answer = () => {
        if (random() < 0.3) throw new TypeError("Network connection lost.");
        return new Response("ok");
      };
    });
    await expectDelivered(whole, "breaks off");
    expect(whole.receiver.compare(whole.kept).twice.length).toBeGreaterThan(0);
  });

  it("that is away for twenty minutes in the middle costs time and no attempt", async () => {
    const whole = await ended((one) => {
      const awayFrom = Date.now() + 1_500;
      one.receiver.answer = () => {
        const now = Date.now();
        if (now < awayFrom || now > awayFrom + 1_200_000) return new Response("ok");
        throw new TypeError("connect ECONNREFUSED");
      };
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
    });
    expect(whole.steps).toBeGreaterThan(1_000);
    const { lost } = whole.receiver.compare(whole.kept);
    expect(lost).toEqual([]);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      uncertain_attempts: 0,
      possible_duplicate_lines: 0,
    });
  });
});
