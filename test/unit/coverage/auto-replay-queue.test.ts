// Watching for holes, check by check, with the time as an argument: which parts are queued, and none of them twice.
import { beforeEach, describe, expect, it } from "vitest";
import type { QueueRequest } from "../../../src/contract/windows.ts";
import type { SizeJudgement } from "../../../durable-objects/coverage/auto/proof.ts";
import { CELL, HOUR, type SeededFile } from "../../support/coverage-bucket.ts";
import {
  HOLE,
  PROVEN,
  SECRETS,
  Watch,
  beginAnew,
  bucket,
  queued,
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
      windows: [{ kind: "window", startMs: HOLE, endMs: HOLE + 6 * CELL, endExclusive: true }],
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
      { startMs: HOLE, endMs: HOLE + 4 * CELL },
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

  it("repeats the request with the same key after a lost answer and an eviction", async () => {
    const watch = new Watch("queue");
    world.answer = () => {
      throw new Error("the answer is lost");
    };
    await watch.look();
    expect(watch.shown).toEqual([["queueing", 0, 6]]);
    expect(watch.view.waits_for).toMatchObject({ code: "registry_unreachable" });
    watch.evict();
    world.answer = queued;
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(world.requests.map(({ key }) => key)).toEqual([world.requests[0]?.key, world.requests[0]?.key]);
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
