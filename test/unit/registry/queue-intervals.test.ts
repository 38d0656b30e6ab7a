// Windows as exact intervals: unions, remainders and cuts, against a reference that looks at single instants.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contains,
  cut,
  isNear,
  overlap,
  remainderOf,
  startWithoutOld,
  unionOf,
} from "../../../durable-objects/run-registry/queue/intervals.ts";
import type { Window } from "../../../src/contract/parse-spec.ts";

/** Instants between and at whole seconds of a short time. */
const INSTANTS = Array.from({ length: 41 }, (_, n) => n * 500);

function holds({ startMs, endMs, endExclusive }: Window, at: number): boolean {
  return at >= startMs && (at < endMs || (at === endMs && !endExclusive));
}

const window = fc
  .tuple(fc.integer({ min: 0, max: 19 }), fc.integer({ min: 0, max: 6 }), fc.boolean())
  .filter(([, length, endExclusive]) => length > 0 || !endExclusive)
  .map(([start, length, endExclusive]) => ({
    startMs: start * 1_000,
    endMs: Math.min(20, start + length) * 1_000,
    endExclusive,
  }))
  .filter(({ startMs, endMs, endExclusive }) => startMs < endMs || !endExclusive);

describe("two windows", () => {
  it("contain, overlap and touch as their instants do", () => {
    fc.assert(
      fc.property(window, window, (a, b) => {
        const inA = INSTANTS.filter((at) => holds(a, at));
        const inB = INSTANTS.filter((at) => holds(b, at));
        expect(overlap(a, b)).toBe(inA.some((at) => inB.includes(at)));
        expect(contains(a, b)).toBe(inB.every((at) => inA.includes(at)));
        const union = unionOf(a, b);
        expect([...inA, ...inB].every((at) => holds(union, at))).toBe(true);
        const between = INSTANTS.filter((at) => holds(union, at) && !inA.includes(at) && !inB.includes(at));
        // Nothing lies between windows that touch. An inclusive end and a later start leave at least a second.
        if (isNear(a, b, 0)) expect(between).toEqual([]);
        else expect(between.length).toBeGreaterThan(0);
      }),
    );
  });

  it.each([
    ["adjoining", 60, 120, 0, true],
    ["a second apart", 61, 120, 0, false],
    ["within the gap", 90, 120, 30, true],
    ["beyond the gap", 91, 120, 30, false],
    ["around", -10, 300, 0, true],
  ])("%s are near or not", (_what, from, to, gap, near) => {
    const a = { startMs: 0, endMs: 60_000, endExclusive: true };
    const b = { startMs: from * 1_000, endMs: to * 1_000, endExclusive: true };
    expect([isNear(a, b, gap * 1_000), isNear(b, a, gap * 1_000)]).toEqual([near, near]);
  });
});

describe("the remainder", () => {
  it("holds exactly the instants that no other window holds, and at most their inclusive ends", () => {
    fc.assert(
      fc.property(window, fc.array(window, { maxLength: 5 }), (one, others) => {
        const parts = remainderOf(one, others);
        for (const at of INSTANTS) {
          const isLeft = holds(one, at) && !others.some((other) => holds(other, at));
          const count = parts.filter((part) => holds(part, at)).length;
          const isSharedEnd = others.some((other) => !other.endExclusive && other.endMs === at);
          if (isLeft) expect(count).toBe(1);
          else if (!isSharedEnd) expect(count).toBe(0);
        }
      }),
    );
  });

  it("is the window itself when nothing overlaps", () => {
    const one = { startMs: 0, endMs: 5_000, endExclusive: true };
    expect(remainderOf(one, [{ startMs: 5_000, endMs: 9_000, endExclusive: true }])[0]).toBe(one);
  });
});

describe("a series", () => {
  it("is cut into windows that hold every instant once, from either end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (start, length, chunk, newestFirst) => {
          const all = { startMs: start * 1_000, endMs: (start + length) * 1_000 };
          const windows: Window[] = [];
          let left: { startMs: number; endMs: number } | null = all;
          while (left !== null) {
            const next = cut({ ...left, chunkMs: chunk * 1_000, newestFirst });
            windows.push(next.window);
            left = next.left;
          }
          for (const at of INSTANTS) {
            const isIn = at >= all.startMs && at < all.endMs;
            expect(windows.filter((one) => holds(one, at))).toHaveLength(isIn ? 1 : 0);
          }
          const starts = windows.map(({ startMs }) => startMs);
          expect(starts).toEqual(starts.toSorted((a, b) => (newestFirst ? b - a : a - b)));
        },
      ),
    );
  });
});

describe("a series with drop_older_than", () => {
  const cuts = (startMs: number, endMs: number, chunkMs: number, newestFirst: boolean): Window[] => {
    const windows: Window[] = [];
    for (let left: { startMs: number; endMs: number } | null = { startMs, endMs }; left !== null;) {
      const next: ReturnType<typeof cut> = cut({ ...left, chunkMs, newestFirst });
      windows.push(next.window);
      left = next.left;
    }
    return windows;
  };

  it("has the windows of the whole series that end late enough", () => {
    const numbers = fc.tuple(
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 70 }),
    );
    fc.assert(
      fc.property(numbers, fc.boolean(), ([startMs, length, chunkMs, age], newestFirst) => {
        const endMs = startMs + length;
        const oldestEnd = endMs - age;
        const all = cuts(startMs, endMs, chunkMs, newestFirst);
        const from = startWithoutOld({ startMs, endMs, chunkMs, newestFirst }, oldestEnd);
        expect(cuts(from, endMs, chunkMs, newestFirst)).toEqual(all.filter((one) => one.endMs >= oldestEnd));
        expect(startWithoutOld({ startMs, endMs, chunkMs, newestFirst }, null)).toBe(startMs);
      }),
      { numRuns: 2_000 },
    );
  });
});
