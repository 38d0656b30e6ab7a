// Coverage as text: the holes with a careful next step, and the windows that may become holes.
import { describe, expect, it } from "vitest";
import type { CoverageAnswer } from "../../../src/contract/api/api-types.ts";
import { coverageText } from "../../../src/cli/text/coverage-text.ts";

const START = "2026-04-22T14:00:00Z";
const at = (minutes: number) => `2026-04-22T14:${String(minutes).padStart(2, "0")}:00Z`;
const span = (from: number, to: number) => ({ start: at(from), end: at(to) });

function textOf(changes: object): string {
  const view = {
    start: START,
    end: at(30),
    states: "dddddd",
    holes: [],
    possible_holes: [],
    runs: [],
    complete: true,
    as_of: START,
    oldest_evidence: START,
    live: { seen: true, note: null, foreign_keys: {} },
    ...changes,
  };
  return coverageText(view as unknown as CoverageAnswer, "UTC").join("\n");
}

describe("coverage as text", () => {
  it("recommends the outer window, and starts it with a canary that skips and holds", () => {
    const hole = { ...span(5, 20), files: 3, bytes: 10, inner: span(7, 18), outer: span(6, 19), replays: [] };
    const text = textOf({ holes: [{ ...hole, kind: "not_delivered" }] });
    expect(text).toMatch(/outer \(recommended\) .*14:06:00Z.*14:19:00Z/);
    expect(text).toContain(
      `start --start ${at(6)} --end ${at(19)} --exclusive --live skip_delivered --canary 3 --on-uncertain hold`,
    );
    expect(text).not.toContain("no holes");
  });

  it("names what is not delivered so far, with the time of its judgement", () => {
    const text = textOf({ states: "dssddd", possible_holes: [{ ...span(5, 15), judged_at: at(45) }] });
    expect(text).toMatch(/possible hole 1 +2026-04-22T14:05:00Z.*14:15:00Z.*not delivered so far/);
    expect(text).toMatch(/judged at +2026-04-22T14:45:00Z/);
    expect(text).not.toContain("no holes");
  });

  it("says that there is no hole only when there is none, not even a possible one", () => {
    expect(textOf({})).toContain("no holes");
  });
});
