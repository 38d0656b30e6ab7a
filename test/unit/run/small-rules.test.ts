// Small rules: when a file is suspicious, acknowledgement latencies, and the clock's alarm.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANSWER_BOUNDS_MS } from "../../../src/contract/run-metrics.ts";
import { AckHistogram } from "../../../durable-objects/backfill-run/receiver/latency.ts";
import { Clock } from "../../../src/platform/clock.ts";
import { suspiciousBecause } from "../../../durable-objects/backfill-run/stage/suspicion.ts";
import type { FileCounts } from "../../../src/contract/file-counts.ts";

function counts(over: Partial<FileCounts>, dropped: Partial<FileCounts["dropped"]> = {}): FileCounts {
  return {
    bytesRead: 0,
    rawBytes: 0,
    linesRead: 10,
    emptyLines: 0,
    kept: 0,
    malformed: 0,
    dropped: { not_top_level: 0, invalid_timestamp: 0, outside_window: 0, repeated_ray_id: 0, ...dropped },
    sanitizedFields: 0,
    repeatedRayIds: 0,
    untrackedRayIds: 0,
    firstKeptMs: null,
    lastKeptMs: null,
    readableTimestamps: 0,
    parentRayIdAbsent: 0,
    samples: [],
    ...over,
  };
}

describe("a file that drops everything, in a run older than the ratio", () => {
  it.each([
    ["all_malformed", counts({ malformed: 10 })],
    ["parent_ray_id_absent", counts({ parentRayIdAbsent: 10 }, { not_top_level: 10 })],
    ["parent_ray_id_absent", counts({ malformed: 3, parentRayIdAbsent: 7 }, { not_top_level: 7 })],
    ["no_readable_timestamp", counts({}, { invalid_timestamp: 10 })],
    ["no_readable_timestamp", counts({}, { invalid_timestamp: 1, not_top_level: 9 })],
  ])("is suspicious as %s", (code, seen) => {
    expect(suspiciousBecause(seen, {})?.code).toBe(code);
  });

  it.each([
    ["it is empty", counts({ linesRead: 0 })],
    ["one line was kept", counts({ kept: 1, malformed: 9 })],
    ["all lies outside the window", counts({ readableTimestamps: 10 }, { outside_window: 10 })],
    ["subrequests have parents", counts({ parentRayIdAbsent: 9 }, { not_top_level: 10 })],
    [
      "some timestamps could be read",
      counts({ readableTimestamps: 1 }, { invalid_timestamp: 9, outside_window: 1 }),
    ],
  ])("is no cause for concern when %s", (_why, seen) => {
    expect(suspiciousBecause(seen, {})).toBeNull();
  });
});

describe("ack latencies", () => {
  it("are shown at most a bucket too high, and never too low", () => {
    const sample = fc.integer({ min: 0, max: 900_000 });
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.95, 0.99),
        (ms, q) => {
          const histogram = new AckHistogram([]);
          for (const one of ms) histogram.add(one);
          const again = new AckHistogram(histogram.buckets);
          const exact = ms.toSorted((a, b) => a - b)[Math.ceil(q * ms.length) - 1] ?? 0;
          const shown = again.quantile(q) ?? 0;
          // Rounded to whole milliseconds.
          expect(shown).toBeGreaterThanOrEqual(Math.max(1, exact) - 1);
          expect(shown).toBeLessThanOrEqual(Math.max(2, exact) * Math.SQRT2 + 1);
        },
      ),
      { seed: 2, numRuns: 500 },
    );
  });

  it("are unknown before the first", () => {
    expect(new AckHistogram([]).quantile(0.5)).toBeNull();
  });

  it("are counted exactly within every bound of the metrics, and their sum survives an eviction", () => {
    const sample = fc.oneof(fc.integer({ min: 0, max: 900_000 }), fc.constantFrom(...ANSWER_BOUNDS_MS));
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 100 }), (ms) => {
        const histogram = new AckHistogram([]);
        for (const one of ms) histogram.add(one);
        const again = new AckHistogram(histogram.buckets, histogram.sumMs);
        expect([again.count, again.sumMs]).toEqual([ms.length, ms.reduce((sum, one) => sum + one, 0)]);
        for (const bound of ANSWER_BOUNDS_MS)
          expect(again.countWithin(bound)).toBe(ms.filter((one) => one <= bound).length);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it("have an estimated sum in rows that older code wrote, which is at most a fifth wrong", () => {
    const histogram = new AckHistogram([]);
    for (let ms = 20; ms < 2_000; ms += 7) histogram.add(ms);
    const older = new AckHistogram(histogram.buckets);
    expect(Math.abs(older.sumMs / histogram.sumMs - 1)).toBeLessThan(0.2);
    older.add(30);
    expect(older.sumMs).toBe(new AckHistogram(histogram.buckets).sumMs + 30);
  });
});

function aClock(turn: () => Promise<number | null>, alarm: number | null = null) {
  const set: number[] = [];
  const failures: unknown[] = [];
  let current = alarm;
  const clock = new Clock({
    storage: {
      getAlarm: async () => current,
      setAlarm: async (at: number | Date) => {
        current = Number(at);
        set.push(current);
      },
    },
    now: () => 1_000,
    turn,
    failed: (error) => failures.push(error),
  });
  return { clock, set, failures };
}

describe("the clock", () => {
  it("is set again for when the turn says, but never for now or earlier", async () => {
    const { clock, set } = aClock(async () => 500);
    await clock.tick();
    expect(set).toEqual([1_001]);
    const later = aClock(async () => 9_000);
    await later.clock.tick();
    expect(later.set).toEqual([9_000]);
  });

  it("is set again after a turn that threw", async () => {
    const { clock, set, failures } = aClock(() => Promise.reject(new Error("storage")));
    await clock.tick();
    expect(set).toEqual([2_000]);
    expect(failures).toHaveLength(1);
  });

  it("keeps an earlier tick that was requested during the turn", async () => {
    const wakes: (() => void)[] = [];
    const { clock, set } = aClock(async () => {
      for (const wake of wakes) wake();
      return 60_000;
    });
    wakes.push(() => clock.wakeBy(5_000));
    await clock.tick();
    expect(set.at(-1)).toBe(5_000);
  });

  it("keeps an earlier tick when a later one is requested", () => {
    const { clock, set } = aClock(async () => null);
    clock.wakeBy(5_000);
    clock.wakeBy(9_000);
    clock.wakeBy(3_000);
    expect(set).toEqual([5_000, 3_000]);
  });

  it.each([
    ["missing", null, [1_001]],
    ["overdue", 999, [1_001]],
    ["set", 7_000, []],
  ])("is set again when it is %s as the object wakes", async (_what, alarm, expected) => {
    const { clock, set } = aClock(async () => null, alarm);
    await clock.rearm();
    expect(set).toEqual(expected);
  });

  it("stops only when the turn returns that no work can come", async () => {
    const { clock, set } = aClock(async () => null);
    await clock.tick();
    expect(set).toEqual([]);
  });
});
