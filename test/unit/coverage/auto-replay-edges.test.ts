// The edges of the parts of holes that are proposed, and of the windows that are queued for them: no second is left
// out, and nothing overlaps.
import { beforeEach, describe, expect, it } from "vitest";
import type { CoveringRun } from "../../../src/contract/registry.ts";
import { CELL, HOUR, type SeededFile } from "../../support/coverage-bucket.ts";
import { HOLE, Watch, beginAnew, bucket, run, world } from "../../support/auto-replay-watch.ts";

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

describe("the window that is queued for a part", () => {
  /** The queued windows, in minutes from HOLE. */
  const windows = () =>
    world.requests
      .flatMap(({ request }) => request.windows)
      .map((one) =>
        one.kind === "window" ? [one.startMs, one.endMs].map((ms) => (ms - HOLE) / MINUTE) : [],
      );

  it("begins a minute before the first file, whose first records began before its time range", async () => {
    const watch = new Watch("queue");
    await watch.look();
    await watch.lookAgain();
    expect(windows()).toEqual([[-1, 30]]);
    expect(watch.shown).toEqual([["queued", 0, 6]]);
  });

  it("begins where the window before it ends, when a hole grows", async () => {
    world.now = HOLE + HOUR + 2 * CELL;
    const watch = new Watch("queue");
    await watch.look();
    await watch.lookAgain();
    await watch.lookAgain();
    expect(windows()).toEqual([
      [-1, 10],
      [10, 15],
      [15, 20],
    ]);
  });

  it.each<[string, Partial<CoveringRun>, number]>([
    ["a delivered run ends at the hole", { delivered: true, endMs: HOLE }, 0],
    ["a run that may still send ends at the hole", { endMs: HOLE }, 0],
    ["an aborted run, which may have sent lines, ends at the hole", { sends: false, endMs: HOLE }, 0],
    // The end of the run may be inside its window. So the window begins a second later.
    ["a run ends within the minute", { delivered: true, endMs: HOLE - 20 * SECOND }, -19 / 60],
    ["only a dry run ends there", { dryRun: true, sends: false, endMs: HOLE }, -1],
    ["a run ends earlier", { delivered: true, endMs: HOLE - 2 * MINUTE }, -1],
  ])("shares no time with an earlier run: %s", async (_name, over, from) => {
    world.runs = [run({ startMs: HOLE - HOUR, ...over })];
    const watch = new Watch("queue");
    await watch.look();
    expect(windows()).toEqual([[from, 30]]);
  });

  it("does not begin before the oldest marker, because older markers may have been deleted", async () => {
    world.files = bucket(6).map((file) => {
      if (file.startMs === HOLE) return { ...file, done: [1] };
      return file.startMs < HOLE ? { ...file, done: [] } : file;
    });
    const watch = new Watch("queue");
    await watch.look();
    expect(windows()).toEqual([[0, 30]]);
  });
});
