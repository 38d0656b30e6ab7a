// Tests how the demo compares coverage and a run with the expected result that the generator wrote.
import { describe, expect, it } from "vitest";
import {
  complementOf,
  coverageDifferences,
  sentAgain,
  windowAround,
} from "../../../local/demo/live-compare.ts";
import type { LiveTruth } from "../../../local/generate/live-truth.ts";
import { emptyTruth } from "../../../local/generate/truth.ts";

const span = (start: string, end: string) => ({ start: `2026-04-22T${start}Z`, end: `2026-04-22T${end}Z` });
const HOLE = { outer: span("14:13:00", "15:00:00"), inner: span("14:14:00", "14:59:00"), files: 47 };
const TRUTH = {
  states: "dpnd",
  holes: [{ ...HOLE, ...span("14:10:00", "15:00:00"), states: "pn", bytes: 1 }],
  files: [{ key: "a", delivered_ray_ids: ["1", "2", "sub"], waiting_ray_ids: ["3"], missing_ray_ids: ["4"] }],
} as unknown as LiveTruth;

describe("the comparison of coverage with the expected result", () => {
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

describe("the complement of what the live worker delivered", () => {
  it("keeps the records of waiting and missing batches, and counts the others as delivered by the live worker", () => {
    const files = [
      { ...emptyTruth("a"), lines: 5, kept: 4, kept_ray_ids: ["1", "2", "3", "4"] },
      { ...emptyTruth("b"), lines: 1, kept: 1, kept_ray_ids: ["5"] },
    ];
    const [a, b] = complementOf(files, TRUTH);
    expect(a).toMatchObject({ lines: 5, kept: 2, kept_ray_ids: ["3", "4"], dropped: { delivered_live: 2 } });
    expect(b).toMatchObject({ kept: 1, kept_ray_ids: ["5"], dropped: { delivered_live: 0 } });
  });

  it("finds what arrived although the live worker had delivered it", () => {
    expect(sentAgain(TRUTH, new Map([["2", 1], ["3", 1], ["x", 1]]))).toEqual(["2"]); // prettier-ignore
  });

  it("takes a minute more on both sides of the outer edges", () => {
    expect(windowAround(HOLE)).toEqual(span("14:12:00", "15:01:00"));
  });
});
