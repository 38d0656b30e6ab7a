// The edges of the parts of holes that are proposed and queued: no second is left out, and no two parts overlap.
import { beforeEach, describe, expect, it } from "vitest";
import { CELL, HOUR, type SeededFile } from "../../support/coverage-bucket.ts";
import { HOLE, Watch, beginAnew, bucket, world } from "../../support/auto-replay-watch.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
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

describe("the parts of two holes", () => {
  it("do not overlap when a long file is uploaded late and reaches into both", async () => {
    const isOpen = ({ startMs }: SeededFile) => [0, 2].includes((startMs - HOLE) / CELL);
    const long = { startMs: HOLE + 4 * MINUTE, endMs: HOLE + 3 * HOUR - CELL, name: "long", done: [] };
    world.files = [...bucket(0).map((file) => (isOpen(file) ? { ...file, done: [] } : file)), long];
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([
      ["proposed", 0, 1],
      ["proposed", 2, 3],
    ]);
    // The cell between the two holes, and the cells behind them, are judged when the long file is old enough.
    await watch.lookAgain(HOUR);
    const spans = watch.shown.toSorted((a, b) => a[1] - b[1]);
    expect(spans.slice(0, 3)).toEqual([
      ["proposed", 0, 1],
      ["proposed", 1, 2],
      ["proposed", 2, 3],
    ]);
    for (const [n, [, , end]] of spans.entries())
      expect(end).toBeLessThanOrEqual(spans[n + 1]?.[1] ?? Infinity);
  });
});
