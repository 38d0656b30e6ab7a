// Queues lose, repeat and reorder messages, and the run's Durable Object is evicted after every step. The run must
// still be delivered.
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

/** Makes random numbers from a seed. They are the same in every test run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("queues that misbehave", () => {
  it("deliver every line once within seconds when the queues behave", async () => {
    const whole = await ended(() => undefined);
    await expectDelivered(whole, "no fault");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
    expect(whole.steps).toBeLessThan(20);
  });

  it("add nothing when every message arrives three times", async () => {
    const whole = await ended((one) => {
      one.deliver = (waiting) => [...waiting, ...waiting, ...waiting];
    });
    await expectDelivered(whole, "three times");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
  });

  it("add nothing when every message is repeated much later", async () => {
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
    "cost only time when messages are dropped, repeated and shuffled (seed %i)",
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

  it("only delay the run when they lose every message for minutes", async () => {
    const whole = await ended((one) => {
      one.deliver = (waiting) => (one.steps < 300 ? [] : waiting);
    });
    await expectDelivered(whole, "minutes");
    expect(whole.steps).toBeGreaterThan(300);
  });
});

describe("evictions", () => {
  it("change nothing when they follow every step", async () => {
    const whole = await ended((one) => {
      one.afterStep = () => run.evict();
    });
    await expectDelivered(whole, "evicted");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
  });

  it("change nothing when the queues also lose half of the messages", async () => {
    const random = seeded(99);
    const whole = await ended((one) => {
      one.afterStep = () => run.evict();
      one.deliver = (waiting) => waiting.filter(() => random() < 0.5);
    });
    await expectDelivered(whole, "evicted and lossy");
    expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
  });
});

describe("a receiver that misbehaves", () => {
  it("causes only named duplicates when it accepts and then breaks off", async () => {
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

  it("costs time and no attempt when it is away for twenty minutes", async () => {
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
