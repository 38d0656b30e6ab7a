// Watching for holes, check by check, with the time as an argument: which parts are queued, none of them
// twice, and none after the switch to "off".
import { beforeEach, describe, expect, it } from "vitest";
import type { QueueRequest } from "../../../src/contract/windows.ts";
import type { SizeJudgement } from "../../../durable-objects/coverage/auto/proof.ts";
import { CELL, DAY, HOUR, type SeededFile } from "../../support/coverage-bucket.ts";
import {
  HOLE,
  PROVEN,
  SECRETS,
  Watch,
  beginAnew,
  bucket,
  queued,
  run,
  world,
} from "../../support/auto-replay-watch.ts";

beforeEach(beginAnew);

describe("mode queue", () => {
  it("queues a hole once, under its own cap, and leaves out what was delivered", async () => {
    const watch = new Watch("queue");
    await watch.look();
    for (let n = 0; n < 3; n += 1) await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(world.requests).toHaveLength(1);
    expect(world.requests[0]?.request).toMatchObject({
      actor: "system:auto-replay",
      skipSent: true,
      windows: [{ kind: "window", startMs: HOLE - 60_000, endMs: HOLE + 6 * CELL, endExclusive: true }],
      wanted: { maxLinesPerSecond: 10_000, live: { batchSize: 1_000, waiting: "hold" } },
    });
    expect(watch.view).toMatchObject({ proven_by: "proving-run", waits_for: null });
    expect(watch.view.events.map(({ kind }) => kind)).toEqual(["queued", "proposed"]);
  });

  it("queues only the new part when the hole grows", async () => {
    world.now = HOLE + 4 * CELL + HOUR;
    world.files = bucket(6);
    const watch = new Watch("queue");
    await watch.look();
    await watch.lookAgain(HOUR);
    const windows = world.requests.flatMap(({ request }) => request.windows);
    expect(windows).toMatchObject([
      { startMs: HOLE - 60_000, endMs: HOLE + 4 * CELL },
      { startMs: HOLE + 4 * CELL, endMs: HOLE + 6 * CELL },
    ]);
  });

  it.each<[string, Record<string, string>, SizeJudgement[], string]>([
    [
      "the size of the live worker's batches is not set",
      { LIVE_BATCH_SIZE: "" },
      [PROVEN],
      "live_batch_size_needed",
    ],
    ["no run proves the size", {}, [], "live_batch_size_unproven"],
    [
      "a run contradicts the size",
      {},
      [{ ...PROVEN, doubt: "contradicted" }, PROVEN],
      "live_batch_size_unproven",
    ],
    ["the kill switch is off", { BACKFILL_ENABLED: "false" }, [PROVEN], "disabled"],
    ["no receiver is set", { CTYUN_PRIVATE_KEY: "" }, [PROVEN], "receiver_not_configured"],
    [
      "new runs send to another receiver",
      { RECEIVER: '{"url":"https://l.example"}' },
      [PROVEN],
      "other_receiver",
    ],
  ])("only proposes while %s", async (_name, vars, known, code) => {
    const watch = new Watch("queue", vars);
    world.judgements = known;
    await watch.look();
    expect(world.requests).toEqual([]);
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view.waits_for).toMatchObject({ code });
    world.judgements = [PROVEN];
    watch.vars = {
      ...watch.vars,
      LIVE_BATCH_SIZE: "1000",
      BACKFILL_ENABLED: "true",
      RECEIVER: "",
      ...SECRETS,
    };
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(watch.view.waits_for).toBeNull();
  });

  it("waits while the queue is full", async () => {
    const watch = new Watch("queue");
    world.answer = () => ({ ok: false, code: "queue_full", detail: "10,000 windows wait" });
    await watch.look();
    expect([watch.shown, watch.view.waits_for?.code]).toEqual([[["queueing", 0, 6]], "queue_full"]);
    world.answer = queued;
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
  });

  it("queues the part of a proposed window that is still a hole", async () => {
    const watch = new Watch("queue");
    world.judgements = [];
    await watch.look();
    world.judgements = [PROVEN];
    const waiting = (file: SeededFile, n: number) => (n === 0 ? { ...file, done: [0], waiting: [1] } : file);
    world.files = bucket(6, waiting);
    await watch.lookAgain();
    expect(watch.shown).toEqual([
      ["taken_up", 0, 6],
      ["queued", 1, 6],
    ]);
  });

  it.each<[string, (request: QueueRequest) => object, string, number | null]>([
    ["another window takes it in", () => ({ outcome: "coalesced", into: 7 }), "coalesced", 7],
    ["the queue holds it", () => ({ outcome: "duplicate", of: { window: 8 } }), "duplicate", 8],
    ["a run sent it", () => ({ outcome: "duplicate", of: { run: "r" } }), "duplicate", null],
    [
      "an operator must decide",
      () => ({ outcome: "queued", id: 9, state: "blocked", overlaps: [] }),
      "blocked",
      9,
    ],
    [
      "the queue refuses it",
      () => ({ outcome: "dropped", reason: "invalid", detail: "x", errors: [] }),
      "refused",
      null,
    ],
  ])("asks no second time when %s", async (_name, outcome, state, window) => {
    const watch = new Watch("queue");
    world.answer = (request) => {
      const known = queued(request);
      return known.ok ? { ...known, outcomes: [{ index: 0, ...outcome(request) } as never] } : known;
    };
    await watch.look();
    await watch.lookAgain();
    expect(watch.view.proposals).toMatchObject([{ state, window }]);
    expect(world.requests).toHaveLength(1);
  });
});

describe("a request whose answer is unknown", () => {
  it("is not repeated when the queue took it, also after an eviction", async () => {
    const watch = new Watch("queue");
    loseAnswers(watch);
    await watch.look();
    expect(watch.shown).toEqual([["queueing", 0, 6]]);
    expect(watch.view.waits_for).toMatchObject({ code: "registry_unreachable" });
    watch.evict();
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(watch.view.events.map(({ kind }) => kind)).toEqual(["queued", "proposed"]);
    expect(world.requests).toHaveLength(1);
  });

  it("is repeated with the same key when the queue did not take it", async () => {
    const watch = new Watch("queue");
    const queue = watch.ports.queue.bind(watch.ports);
    const keys: string[] = [];
    watch.ports.queue = async (config, request, idempotency) => {
      keys.push(idempotency.key);
      if (keys.length === 1) throw new Error("away");
      return queue(config, request, idempotency);
    };
    await watch.look();
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  it("is recorded as queued when its part is no hole any more", async () => {
    const watch = new Watch("queue");
    loseAnswers(watch);
    await watch.look();
    world.files = bucket(0);
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
  });

  it("is recorded in the mode propose too", async () => {
    const watch = new Watch("queue");
    loseAnswers(watch);
    await watch.look();
    watch.auto.switchTo("propose", { actor: "op", note: null }, watch.config, world.now);
    await watch.look();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
  });

  it.each<[string, () => void]>([
    ["the live worker delivered the hole", () => (world.files = bucket(0))],
    ["a run replayed the hole", () => (world.runs = [run({ delivered: true })])],
  ])("is not repeated after %s", async (_name, happens) => {
    const watch = new Watch("queue");
    const queue = watch.ports.queue.bind(watch.ports);
    watch.ports.queue = () => Promise.reject(new Error("away"));
    await watch.look();
    watch.ports.queue = queue;
    happens();
    await watch.lookAgain();
    expect(watch.shown).toEqual([["closed", 0, 6]]);
    expect(world.requests).toEqual([]);
  });

  it("expires when the queue did not take it within the day", async () => {
    const watch = new Watch("queue");
    watch.ports.queue = () => Promise.reject(new Error("away"));
    await watch.look();
    await watch.lookAgain(DAY);
    expect(watch.shown).toEqual([["expired", 0, 6]]);
  });

  it("makes the check wait while the queue cannot be asked", async () => {
    const watch = new Watch("queue");
    loseAnswers(watch);
    await watch.look();
    const recall = watch.ports.recall.bind(watch.ports);
    watch.ports.recall = () => Promise.reject(new Error("away"));
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queueing", 0, 6]]);
    watch.ports.recall = recall;
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(watch.view.waits_for).toBeNull();
  });
});

describe("the switch to off", () => {
  const off = (watch: Watch) =>
    watch.auto.switchTo("off", { actor: "op", note: "the partner asked" }, watch.config, world.now);

  it.each(["covering", "judgements"] as const)(
    "ends a check that waits for an answer about runs (%s)",
    async (port) => {
      const watch = new Watch("queue");
      const ask = watch.ports[port].bind(watch.ports) as (...args: unknown[]) => Promise<never>;
      watch.ports[port] = async (...args: unknown[]) => {
        off(watch);
        return ask(...args);
      };
      expect(await watch.look()).toBeNull();
      expect(world.requests).toEqual([]);
    },
  );

  it("lets no further request follow the one that is under way", async () => {
    const parts = (file: SeededFile, n: number) => (n === 3 ? { ...file, done: [0, 1, 2] } : file);
    world.files = bucket(6, parts);
    const watch = new Watch("queue");
    world.answer = (request) => {
      off(watch);
      return queued(request);
    };
    await watch.look();
    expect(watch.shown).toEqual([
      ["queued", 0, 3],
      ["proposed", 4, 6],
    ]);
    expect(world.requests).toHaveLength(1);
  });
});

/** The queue takes every request, and no answer arrives. */
function loseAnswers(watch: Watch): void {
  const queue = watch.ports.queue.bind(watch.ports);
  watch.ports.queue = async (...args) => {
    await queue(...args);
    throw new Error("the answer is lost");
  };
}
