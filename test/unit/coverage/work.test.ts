// The turns of Coverage continue after any failure or eviction, keep their limits, and list only outdated hours
// again.
import { beforeEach, describe, expect, it } from "vitest";
import { LISTS_PER_TURN, takeTurn } from "../../../durable-objects/coverage/work/turn.ts";
import type { RangeView } from "../../../durable-objects/coverage/views/range-view.ts";
import { CELL, DAY, HOUR, delivered, objectsOf, type SeededFile } from "../../support/coverage-bucket.ts";
import { CoverageUnderTest } from "../../support/coverage-driver.ts";
import { fakeBucket, sortedOf, type Sorted } from "../../../bench/bucket/fake-bucket.ts";

const START = Date.parse("2026-04-22T22:00:00Z");
const RANGE = { startMs: START, endMs: START + 4 * HOUR };
const FILES: SeededFile[] = delivered(START, 48).map((file, n) => {
  if (n >= 20 && n < 26) return { ...file, done: [] };
  if (n === 26) return { ...file, done: [1, 2] };
  return n % 7 === 0 ? { ...file, name: "a-b" } : file;
});
const STATES = `${"d".repeat(20)}nnnnnnp${"d".repeat(21)}`;

let now = START + 3 * DAY;
beforeEach(() => {
  now = START + 3 * DAY;
});

function underTest(
  files: () => readonly SeededFile[],
  beforeList?: (list: number) => Promise<void> | void,
  page = 5,
) {
  let sorted: { files: readonly SeededFile[]; rooms: Sorted[] } | null = null;
  const rooms = (): Sorted[] => {
    const present = files();
    if (sorted?.files !== present) sorted = { files: present, rooms: [sortedOf(objectsOf(present))] };
    return sorted.rooms;
  };
  const bucket = fakeBucket(rooms, beforeList, page);
  return { bucket, coverage: new CoverageUnderTest(bucket, () => now) };
}

function shown({ states, holes, columns, progress }: RangeView) {
  return { states, holes, columns, progress };
}

describe("a turn", () => {
  it("goes on to the same result after a failure of any list", async () => {
    const { bucket, coverage } = underTest(() => FILES);
    const whole = shown(await coverage.seen(RANGE, "exact", true));
    expect(whole.states).toBe(STATES);
    const lists = bucket.asked.length;
    expect(lists).toBeGreaterThan(40);
    for (let nth = 1; nth <= lists; nth += 1) {
      const broken = underTest(
        () => FILES,
        (list) => {
          if (list === nth) throw new Error("R2 is down");
        },
      ).coverage;
      broken.ask(RANGE, "exact");
      await expect(broken.work(), `list ${nth}`).rejects.toThrow("R2 is down");
      expect(shown(await broken.seen(RANGE, "exact", true)), `list ${nth}`).toEqual(whole);
    }
  });

  it("goes on to the same result when the object is evicted after every turn", async () => {
    const whole = shown(await underTest(() => FILES).coverage.seen(RANGE, "exact", true));
    // Each list takes a second, so that a turn ends after a few lists.
    let { coverage } = underTest(
      () => FILES,
      () => {
        now += 1_000;
      },
    );
    let turns = 0;
    for (let next: number | null = 0; next !== null; turns += 1) {
      coverage.ask(RANGE, "exact");
      next = await takeTurn(coverage.tools);
      coverage = coverage.evicted();
    }
    expect(turns).toBeGreaterThan(10);
    expect(shown(coverage.view(RANGE, "exact", true))).toEqual(whole);
  });

  it("begins no list after three seconds, and has at most five lists under way", async () => {
    let [open, most] = [0, 0];
    const { coverage, bucket } = underTest(
      () => FILES,
      async () => {
        open += 1;
        most = Math.max(most, open);
        now += 500;
        await Promise.resolve();
        open -= 1;
      },
    );
    for (let next: number | null = 0; next !== null;) {
      coverage.ask(RANGE, "exact");
      const [begun, before] = [now, bucket.asked.length];
      next = await takeTurn(coverage.tools);
      expect(now - begun).toBeLessThanOrEqual(5_500);
      expect(bucket.asked.length - before).toBeLessThanOrEqual(11);
    }
    expect(most).toBe(5);
    expect(coverage.view(RANGE, "exact").states).toBe(STATES);
  });

  it("makes no more lists than an invocation may, however fast they are", async () => {
    const files = delivered(START, 48, 200);
    const { coverage } = underTest(() => files);
    await coverage.seen(RANGE, "exact");
    const lists = coverage.turns.map((turn) => turn.lists);
    expect(Math.max(...lists)).toBeLessThanOrEqual(LISTS_PER_TURN + 4);
    expect(lists.filter((n) => n >= LISTS_PER_TURN).length).toBeGreaterThan(2);
  });

  it("does nothing without an ask of the last two minutes", async () => {
    const { bucket, coverage } = underTest(() => FILES);
    coverage.ask(RANGE);
    now += 120_001;
    expect(await takeTurn(coverage.tools)).toBeNull();
    expect(bucket.asked).toEqual([]);
  });

  it("drops an ask from the future, which a clock that was set back leaves", async () => {
    const { bucket, coverage } = underTest(() => FILES);
    coverage.ask(RANGE);
    now -= HOUR;
    expect(await takeTurn(coverage.tools)).toBeNull();
    expect(bucket.asked).toEqual([]);
  });
});

describe("what was seen", () => {
  it("stays for an hour that is older than a day, and ages in five minutes before that", async () => {
    const { bucket, coverage } = underTest(() => FILES);
    const last = RANGE.endMs + DAY - HOUR;
    // The last hour of the range is younger than a day, the others are older.
    now = last;
    await coverage.seen(RANGE);
    const lists = bucket.asked.length;
    now = last + 299_000;
    expect((await coverage.seen(RANGE)).complete).toBe(true);
    expect(bucket.asked.length).toBe(lists);
    now = last + 300_000;
    expect(coverage.view(RANGE).complete).toBe(false);
    expect(coverage.view(RANGE).progress.raw).toEqual([3, 4]);
    expect((await coverage.seen(RANGE)).complete).toBe(true);
    expect(bucket.asked.length).toBeGreaterThan(lists);
    now = last + DAY + HOUR;
    await coverage.seen(RANGE);
    const settled = bucket.asked.length;
    now += 30 * DAY;
    expect((await coverage.seen(RANGE)).complete).toBe(true);
    // Only the oldest marker is searched again.
    expect(bucket.asked.length - settled).toBeLessThanOrEqual(3);
  });

  it("follows files and markers that come later, without counting settled files again", async () => {
    let files = FILES.slice(0, 40);
    const { bucket, coverage } = underTest(() => files, undefined, 1_000);
    now = START + 40 * CELL;
    expect((await coverage.seen(RANGE, "exact")).states).toBe(`${STATES.slice(0, 37)}${"s".repeat(11)}`);
    files = FILES.map((file, n) => (n >= 20 && n < 26 ? { ...file, done: [0, 1, 2] } : file));
    now = RANGE.endMs + HOUR;
    const before = bucket.asked.length;
    expect((await coverage.seen(RANGE, "exact")).states).toBe(`${"d".repeat(26)}p${"d".repeat(21)}`);
    const exact = bucket.asked.slice(before).filter(({ prefix = "", delimiter }) => {
      return prefix.startsWith("processed/") && delimiter === undefined;
    });
    const first = exact.some(({ startAfter = "" }) => startAfter.includes("20260422T220000Z"));
    expect(first).toBe(false);
  });

  it("keeps the old figures while it looks again", async () => {
    const { coverage } = underTest(() => FILES);
    await coverage.seen(RANGE);
    coverage.store.makeDue([START / HOUR], now + 1);
    now += 2;
    coverage.ask(RANGE);
    const states = new Set<string>();
    for (let next: number | null = 0; next !== null; next = await takeTurn(coverage.tools)) {
      states.add(coverage.view(RANGE).states);
    }
    expect([...states]).toEqual([STATES]);
  });

  it("turns too recent files into missing ones as time passes, without another list", async () => {
    const files = [...delivered(START, 3), { startMs: START + 3 * CELL, uploadedAt: START + 2 * DAY }];
    const { bucket, coverage } = underTest(() => files);
    const range = { startMs: START, endMs: START + 4 * CELL };
    now = START + 2 * DAY + 60_000;
    expect((await coverage.seen(range)).states).toBe("ddds");
    const lists = bucket.asked.length;
    now = START + 2 * DAY + 900_000;
    expect(coverage.view(range).states).toBe("dddn");
    expect(bucket.asked.length).toBe(lists);
  });

  it("moves the edge of a hole as far as its edge files are partly delivered", async () => {
    // More and more files next to the hole lack a batch. Each count of markers reveals the next such file.
    const files = delivered(START, 48).map((file, n) => {
      if (n >= 20 && n < 23) return { ...file, done: [] };
      return n >= 10 && n < 20 ? { ...file, done: [0, 2] } : file;
    });
    const { coverage } = underTest(() => files);
    expect((await coverage.seen(RANGE)).states).toBe(
      `${"d".repeat(10)}${"p".repeat(10)}nnn${"d".repeat(25)}`,
    );
  });

  it("shows a file with less than half of its neighbours' batches per byte as partly delivered", async () => {
    const files = delivered(START, 48, 10).map((file, n) => {
      if (n === 20) return { ...file, done: [] };
      return n === 19 ? { ...file, done: [0, 1, 2, 3] } : file;
    });
    const { coverage } = underTest(() => files);
    expect((await coverage.seen(RANGE)).states.slice(15, 25)).toBe("ddddpndddd");
  });
});
