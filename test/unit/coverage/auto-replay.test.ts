// Watching for holes, check by check, with the time as an argument: which parts are proposed, and none of them
// twice.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { CHECK_EVERY_MS, SCRAPED_MS, lastDay } from "../../../durable-objects/coverage/auto/auto-replay.ts";
import { dayMetrics } from "../../../durable-objects/coverage/views/day-metrics.ts";
import { CELL, DAY, HOUR, type SeededFile } from "../../support/coverage-bucket.ts";
import { HOLE, Watch, beginAnew, bucket, run, world } from "../../support/auto-replay-watch.ts";

beforeEach(beginAnew);

describe("mode propose", () => {
  it("records and logs a hole once, and queues nothing", async () => {
    const watch = new Watch("propose");
    expect(await watch.look()).toBe(world.now + CHECK_EVERY_MS);
    for (let n = 0; n < 3; n += 1) await watch.lookAgain();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view.proposals[0]).toMatchObject({ files: 6, window: null });
    expect(watch.view.events.map(({ kind, actor }) => [kind, actor])).toEqual([
      ["proposed", "system:auto-replay"],
    ]);
    expect(watch.log.mock.calls.map(([, event]) => event)).toEqual(["auto_replay.proposed"]);
    expect(world.requests).toEqual([]);
  });

  it("records only the new part when the hole grows", async () => {
    world.now = HOLE + 4 * CELL + HOUR;
    world.files = bucket(9);
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 0, 4]]);
    await watch.lookAgain();
    await watch.lookAgain();
    await watch.lookAgain(HOUR);
    expect(watch.shown).toEqual([
      ["proposed", 0, 4],
      ["proposed", 4, 5],
      ["proposed", 5, 6],
      ["proposed", 6, 9],
    ]);
  });

  it("leaves out a cell in which a batch of the live worker waits, until it does not", async () => {
    const waiting = (file: SeededFile, n: number) => (n === 2 ? { ...file, done: [0], waiting: [1] } : file);
    world.files = bucket(6, waiting);
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([
      ["proposed", 0, 2],
      ["proposed", 3, 6],
    ]);
    world.files = bucket(6);
    await watch.lookAgain();
    expect(watch.shown.at(-1)).toEqual(["proposed", 2, 3]);
  });

  it("closes a window that is delivered meanwhile, or that a run replays", async () => {
    const watch = new Watch("propose");
    await watch.look();
    world.files = bucket(0);
    await watch.lookAgain();
    expect(watch.shown).toEqual([["closed", 0, 6]]);
    world.files = bucket(6);
    await watch.lookAgain();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    world.runs = [run({})];
    await watch.lookAgain();
    expect(watch.shown).toEqual([["closed", 0, 6]]);
    expect(watch.view.events).toHaveLength(1);
  });

  it("proposes nothing that a run replays, and what an aborted run left", async () => {
    world.runs = [run({ endMs: HOLE + 2 * CELL }), run({ startMs: HOLE + 4 * CELL, sends: false })];
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 2, 6]]);
  });

  it("does nothing while the registry does not answer, and says so", async () => {
    const watch = new Watch("propose");
    watch.ports.covering = () => Promise.reject(new Error("away"));
    await watch.look();
    expect(watch.shown).toEqual([]);
    expect(watch.view.waits_for).toMatchObject({ code: "registry_unreachable" });
    watch.ports.covering = async () => [];
    await watch.lookAgain();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view.waits_for).toBeNull();
  });
});

describe("mode off", () => {
  it("looks at nothing", async () => {
    const watch = new Watch("off");
    expect(await watch.look()).toBeNull();
    expect(watch.shown).toEqual([]);
    expect(watch.coverage.tools.lister.lists()).toBe(0);
  });
});

describe("a scrape of the metrics", () => {
  const MINUTE = 60_000;

  it("makes a look every five minutes for an hour, also after an eviction, and proposes nothing", async () => {
    const watch = new Watch("off");
    watch.auto.scraped(world.now);
    const until = world.now + SCRAPED_MS;
    let looks = 0;
    for (let due = await watch.look(); due !== null; due = await watch.look()) {
      looks += 1;
      watch.evict();
      world.now = due;
    }
    expect(looks).toBe(SCRAPED_MS / CHECK_EVERY_MS);
    expect(world.now).toBe(until);
    expect([watch.shown, watch.view.events, watch.view.mode]).toEqual([[], [], "off"]);
    const lists = watch.coverage.tools.lister.lists();
    await watch.lookAgain(CHECK_EVERY_MS);
    expect(watch.coverage.tools.lister.lists()).toBe(lists);
  });

  it("shows the day's cells as of the newest look", async () => {
    const watch = new Watch("off");
    const shown = () => dayMetrics(watch.coverage.tools, lastDay(world.now), watch.rows.countsByState());
    expect(shown()).toMatchObject({ asOf: null, cells: { not_looked_at: 288, delivered: 0 } });
    watch.auto.scraped(world.now);
    await watch.look();
    const first = world.now;
    expect(shown()).toMatchObject({ asOf: first, cells: { not_delivered: 6, not_looked_at: 0 } });
    expect(Object.values(shown().cells).reduce((a, b) => a + b, 0)).toBe(288);
    expect(shown().holeCells).toEqual(Array.from({ length: 6 }, (_, n) => HOLE + n * CELL));
    world.files = bucket(2);
    await watch.lookAgain();
    expect(shown()).toMatchObject({ asOf: first + CHECK_EVERY_MS, cells: { not_delivered: 2 } });
  });

  it("is written at most once a minute, and at once after the clock was set back", () => {
    const watch = new Watch("off");
    const saved = vi.spyOn(watch.rows, "saveMemo");
    for (const ms of [0, 15_000, MINUTE - 1, MINUTE, MINUTE + 1, 0 - HOUR])
      watch.auto.scraped(world.now + ms);
    expect(saved.mock.calls.map(([, at]) => at)).toEqual([world.now, world.now + MINUTE, world.now - HOUR]);
  });

  it("leaves the mode as it is, so that a hole is still proposed", async () => {
    const watch = new Watch("propose");
    watch.auto.scraped(world.now);
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.rows.countsByState()).toEqual({ proposed: 1 });
  });
});

describe("the switch", () => {
  const by = { actor: "unverified:li.wei", note: "partner asks" };

  it("changes the mode at run time, with an event, and looks at once", async () => {
    const watch = new Watch("off");
    watch.auto.switchTo("propose", by, watch.config, world.now);
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view).toMatchObject({ mode: "propose", deployed: "off", switched: by });
    expect(watch.view.events.at(-1)).toMatchObject({ kind: "switched", actor: by.actor, detail: { from: "off", to: "propose" } }); // prettier-ignore
    watch.auto.switchTo("queue", by, watch.config, world.now);
    await watch.look();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    watch.auto.switchTo("off", by, watch.config, world.now);
    expect(await watch.look()).toBeNull();
  });

  it("survives an eviction, and ends with a deployment that changes the var", () => {
    const watch = new Watch("off");
    watch.auto.switchTo("queue", by, watch.config, world.now);
    watch.evict();
    expect(watch.auto.modeOf(watch.config)).toBe("queue");
    watch.vars = { ...watch.vars, AUTO_REPLAY: "propose" };
    expect(watch.auto.modeOf(watch.config)).toBe("propose");
    expect(watch.view.switched).toBeNull();
  });
});

describe("a look", () => {
  it("is made every five minutes, also after the clock was set back", async () => {
    const watch = new Watch("propose");
    await watch.look();
    const first = watch.view.looked_at;
    world.now += CHECK_EVERY_MS - 1;
    await watch.look();
    expect(watch.view.looked_at).toBe(first);
    world.now -= HOUR;
    await watch.look();
    expect(watch.view.looked_at).toBe(new Date(world.now).toISOString());
  });

  it("takes few lists for a day", async () => {
    const watch = new Watch("propose");
    await watch.look();
    const before = watch.coverage.tools.lister.lists();
    await watch.lookAgain();
    expect(watch.coverage.tools.lister.lists() - before).toBeLessThan(25);
  });

  it("forgets windows after a month", async () => {
    const watch = new Watch("propose");
    await watch.look();
    world.now += 31 * DAY;
    await watch.look();
    expect(watch.shown).toEqual([]);
  });
});
