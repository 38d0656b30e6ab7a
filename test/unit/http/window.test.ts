import { assert, boolean, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_WINDOW_MS } from "../../../src/contract/windows.ts";
import { intervalOf, refuseWindow, splitWindow } from "../../../src/http/requests/window.ts";
import type { Window } from "../../../src/contract/parse-spec.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-04-01T00:00:00Z");
const NOW = Date.parse("2026-06-01T00:00:00.999Z");

function codeOf(endMs: number, endExclusive = false, startMs = START): string | undefined {
  return refuseWindow({ startMs, endMs, endExclusive }, NOW)?.code;
}

describe("a run's window", () => {
  it("takes a single second, because both edges are inside", () => {
    expect(codeOf(START)).toBeUndefined();
    expect(codeOf(START, true)).toBe("window_empty");
  });

  it("refuses an end before the start", () => {
    expect(codeOf(START - 1_000)).toBe("window_reversed");
  });

  it("takes an end that is now, and refuses one in the future", () => {
    const now = NOW - 999;
    expect(codeOf(now, false, now - DAY)).toBeUndefined();
    expect(codeOf(now + 1_000, false, now - DAY)).toBe("window_in_future");
  });

  it("takes exactly seven days and not a second longer", () => {
    expect(codeOf(START + MAX_WINDOW_MS)).toBeUndefined();
    expect(codeOf(START + MAX_WINDOW_MS + 1_000)).toBe("window_too_long");
  });

  it("names the runs to split a long window into, ready to be used", () => {
    const refusal = refuseWindow({ startMs: START, endMs: START + 15 * DAY, endExclusive: false }, NOW);
    expect(refusal).toMatchObject({
      code: "window_too_long",
      split: [
        { start: "2026-04-01T00:00:00Z", end: "2026-04-08T00:00:00Z", end_exclusive: true },
        { start: "2026-04-08T00:00:00Z", end: "2026-04-15T00:00:00Z", end_exclusive: true },
        { start: "2026-04-15T00:00:00Z", end: "2026-04-16T00:00:00Z", end_exclusive: false },
      ],
    });
    expect(refusal && "detail" in refusal && refusal.detail).toContain(
      "[2026-04-15T00:00:00Z, 2026-04-16T00:00:00Z]",
    );
  });

  it("splits so that every instant is in exactly one part", () => {
    const seconds = integer({ min: 1, max: 60 * 86_400 });
    assert(
      property(seconds, boolean(), integer({ min: -2, max: 2 }), (length, endExclusive, offMs) => {
        const window = { startMs: START, endMs: START + length * 1_000, endExclusive };
        const parts = splitWindow(window);
        for (const part of parts) expect(part.endMs - part.startMs).toBeLessThanOrEqual(MAX_WINDOW_MS);
        // Milliseconds stand for the fractions of a second in records.
        const edges = parts.flatMap((part) => [part.startMs, part.endMs, part.endMs - 1_000]);
        for (const instant of edges.map((edge) => edge + offMs)) {
          const holders = parts.filter((part) => isInside(part, instant)).length;
          expect(holders, new Date(instant).toISOString()).toBe(isInside(window, instant) ? 1 : 0);
        }
      }),
    );
  });

  it("writes an interval whose bracket says whether the end is inside", () => {
    const window = { startMs: START, endMs: START + DAY };
    expect(intervalOf({ ...window, endExclusive: false })).toBe(
      "[2026-04-01T00:00:00Z, 2026-04-02T00:00:00Z]",
    );
    expect(intervalOf({ ...window, endExclusive: true })).toBe(
      "[2026-04-01T00:00:00Z, 2026-04-02T00:00:00Z)",
    );
  });
});

function isInside({ startMs, endMs, endExclusive }: Window, instant: number): boolean {
  return instant >= startMs && (endExclusive ? instant < endMs : instant <= endMs);
}
