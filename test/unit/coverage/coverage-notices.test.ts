// Notices about holes: one message for what a check finds, no repetition within 15 minutes, and nothing about a hole
// that is closed.
import { beforeEach, describe, expect, it } from "vitest";
import type { CoverageNotice } from "../../../src/contract/notices.ts";
import { CELL, type SeededFile } from "../../support/coverage-bucket.ts";
import { HOLE, Watch, beginAnew, bucket, run, world } from "../../support/auto-replay-watch.ts";

const MINUTE = 60_000;
beforeEach(beginAnew);

function told(watch: Watch): [type: string, id: string, holes: number, states: string][] {
  return watch.told.map(({ type, id, data }) => [
    type,
    id,
    data.holes_total,
    data.holes.map(({ state }) => state).join(),
  ]);
}

async function look(watch: Watch, afterMs = 0): Promise<void> {
  await watch.lookAgain(afterMs);
  await watch.notices.handOver(() => world.now);
}

describe("a hole", () => {
  it("is told once, with its window and files, under the number of its event", async () => {
    const watch = new Watch("propose");
    await look(watch);
    await look(watch, 5 * MINUTE);
    expect(told(watch)).toEqual([["coverage.hole_found", "coverage.1", 1, "proposed"]]);
    expect(watch.told[0]?.data.holes[0]).toMatchObject({ id: 1, files: 6 });
    expect(watch.view.events.at(-1)).toMatchObject({ event: 1, kind: "proposed" });
  });

  it("that is found within 15 minutes waits, and is told with all others", async () => {
    const watch = new Watch("propose");
    await look(watch);
    world.files = bucket(8);
    await look(watch, 5 * MINUTE);
    world.files = bucket(10);
    await look(watch, 5 * MINUTE);
    expect(told(watch)).toHaveLength(1);
    world.now += 6 * MINUTE;
    await watch.notices.handOver(() => world.now);
    expect(told(watch).slice(1)).toEqual([["coverage.hole_found", "coverage.3", 2, "proposed,proposed"]]);
  });

  it("that is closed before its notice leaves is not told", async () => {
    const watch = new Watch("propose");
    await look(watch);
    world.files = bucket(8);
    await look(watch, 5 * MINUTE);
    world.runs = [run({ startMs: HOLE, endMs: HOLE + 60 * MINUTE })];
    await look(watch, 5 * MINUTE);
    world.now += 6 * MINUTE;
    expect(await watch.notices.handOver(() => world.now)).toBeNull();
    expect(told(watch)).toHaveLength(1);
  });

  it("is also told when it is queued, and never when the watch is off", async () => {
    const watch = new Watch("queue");
    await look(watch);
    expect(told(watch)).toEqual([
      ["coverage.hole_found", "coverage.1", 1, "proposed"],
      ["coverage.replay_queued", "coverage.2", 1, "queued"],
    ]);
    const off = new Watch("off");
    await look(off);
    expect(off.told).toEqual([]);
  });

  it("is handed over again with the same id after a fault of the Notifier", async () => {
    const watch = new Watch("propose");
    let isAway = true;
    watch.notify = (notice) => {
      watch.told.push(notice);
      if (isAway) throw new Error("away");
    };
    await look(watch);
    isAway = false;
    watch.evict();
    world.now += MINUTE;
    expect(await watch.notices.handOver(() => world.now)).toBeNull();
    expect(told(watch).map(([, id]) => id)).toEqual(["coverage.1", "coverage.1"]);
  });

  it("is recorded once when a channel does not get its notice", async () => {
    const watch = new Watch("propose");
    await look(watch);
    watch.notices.givenUp(1, "oncall", world.now);
    watch.notices.givenUp(1, "oncall", world.now);
    const given = watch.view.events.filter(({ kind }) => kind === "notification_given_up");
    expect(given.map(({ detail }) => detail)).toEqual([{ notification: "coverage.1", channel: "oncall" }]);
  });
});

describe("a notice that waits", () => {
  /** Every second cell before HOLE is a hole of its own. */
  function withHoles(before: number, after: number): void {
    const isHole = ({ startMs }: SeededFile) => {
      const n = (HOLE - startMs) / CELL;
      return n > 0 && n <= 2 * before && n % 2 === 0;
    };
    world.files = bucket(after).map((file) => (isHole(file) ? { ...file, done: [] } : file));
  }
  const numbers = ({ data }: CoverageNotice) => [data.holes.length, data.holes_total];

  it("shows the holes that are left after the first 20 were closed", async () => {
    const watch = new Watch("propose");
    await look(watch);
    withHoles(25, 6);
    await look(watch, 5 * MINUTE);
    // An operator replays the oldest 20 holes.
    world.runs = [run({ startMs: HOLE - 50 * CELL, endMs: HOLE - 11 * CELL })];
    await look(watch, 5 * MINUTE);
    world.now += 6 * MINUTE;
    await watch.notices.handOver(() => world.now);
    expect(watch.told.map(numbers)).toEqual([
      [1, 1],
      [5, 5],
    ]);
  });

  it("counts all holes after a later check has added one", async () => {
    const watch = new Watch("propose");
    await look(watch);
    withHoles(40, 6);
    await look(watch, 5 * MINUTE);
    withHoles(40, 7);
    await look(watch, 5 * MINUTE);
    world.now += 6 * MINUTE;
    await watch.notices.handOver(() => world.now);
    expect(watch.told.map(numbers)).toEqual([
      [1, 1],
      [20, 41],
    ]);
    expect(Object.keys(watch.told[1] ?? {}).toSorted()).toEqual(["at", "data", "id", "type"]);
  });
});

describe("a notice whose answer from the Notifier was lost", () => {
  it("keeps its holes, and a later hole is told under another id", async () => {
    const watch = new Watch("propose");
    let isLost = true;
    watch.notify = (notice) => {
      watch.told.push(notice);
      if (isLost) throw new Error("the answer was lost");
    };
    await look(watch);
    world.files = bucket(8);
    await watch.lookAgain(5 * MINUTE);
    isLost = false;
    await watch.notices.handOver(() => world.now);
    world.now += 16 * MINUTE;
    await watch.notices.handOver(() => world.now);
    expect(watch.told.map(({ id, data }) => [id, data.holes.map((hole) => hole.id)])).toEqual([
      ["coverage.1", [1]],
      ["coverage.1", [1]],
      ["coverage.2", [2]],
    ]);
    expect(Object.keys(watch.told[1] ?? {}).toSorted()).toEqual(["at", "data", "id", "type"]);
  });
});
