// How the demo compares coverage with the truth about a live worker.
import { describe, expect, it } from "vitest";
import { coverageDifferences } from "../../../local/demo/live-compare.ts";
import type { LiveTruth } from "../../../local/generate/live-truth.ts";

const span = (start: string, end: string) => ({ start: `2026-04-22T${start}Z`, end: `2026-04-22T${end}Z` });
const HOLE = { outer: span("14:13:00", "15:00:00"), inner: span("14:14:00", "14:59:00"), files: 47 };
const TRUTH = {
  states: "dpnd",
  holes: [{ ...HOLE, ...span("14:10:00", "15:00:00"), states: "pn", bytes: 1 }],
  files: [],
} as unknown as LiveTruth;

describe("the comparison of coverage with the truth", () => {
  it("finds no difference where states and edges are equal", () => {
    expect(coverageDifferences({ states: "dpnd", holes: [HOLE] }, TRUTH)).toEqual([]);
  });

  it("names wrong states, a missing hole and a hole that is none", () => {
    const holes = [{ ...HOLE, files: 46 }];
    expect(coverageDifferences({ states: "dpdd", holes }, TRUTH)).toEqual([
      "the states are dpdd, not dpnd",
      expect.stringMatching(/47 files\) is not shown$/),
      expect.stringMatching(/46 files\) is no hole$/),
    ]);
  });

  it("expects the outer edges where no file is wholly missing", () => {
    const truth = { ...TRUTH, holes: TRUTH.holes.map((hole) => ({ ...hole, inner: null })) };
    const shown = (inner: typeof HOLE.inner) => ({ states: "dpnd", holes: [{ ...HOLE, inner }] });
    expect(coverageDifferences(shown(HOLE.outer), truth)).toEqual([]);
    expect(coverageDifferences(shown(HOLE.inner), truth)).toHaveLength(2);
  });
});
