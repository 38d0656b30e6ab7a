// Notices about holes: one message for what a check finds, no repetition within 15 minutes, and nothing about a hole
// that is closed.
import { beforeEach, describe, expect, it } from "vitest";
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
