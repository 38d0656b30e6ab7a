// The edges of the parts of holes that are proposed and queued: no second is left out.
import { beforeEach, describe, expect, it } from "vitest";
import { CELL } from "../../support/coverage-bucket.ts";
import { HOLE, Watch, beginAnew, bucket, world } from "../../support/auto-replay-watch.ts";

const SECOND = 1_000;
beforeEach(beginAnew);

describe("a file that begins and ends in the same second", () => {
  it("is proposed with this second when it is the whole hole", async () => {
    const others = bucket(0).filter(({ startMs }) => startMs !== HOLE);
    world.files = [...others, { startMs: HOLE, endMs: HOLE, done: [] }];
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 0, SECOND / CELL]]);
  });

  it("is proposed with this second at the end of a longer hole", async () => {
    const endMs = HOLE + CELL;
    world.files = [...bucket(1), { startMs: endMs, endMs, name: "one-second", done: [] }];
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 0, 1 + SECOND / CELL]]);
  });
});
