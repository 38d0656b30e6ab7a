// Rows and links of the map of a run, and the spans that need a person.
import { describe, expect, it } from "vitest";
import {
  layoutOf,
  letterCounts,
  spansForPerson,
  stateOf,
} from "../../../src/ui/pages/run-parts/map-cells.ts";

function mapOf(states: string, start = "2026-04-22T14:50:00.000Z") {
  const cells = Array.from(states);
  return {
    run: "20260422T145000Z_20260422T161000Z_20260423T010203Z",
    as_of: start,
    start,
    end: start,
    cell_seconds: 300,
    states,
    files: cells.map((letter) => (letter === "e" ? 0 : 2)),
    worst: cells.map((letter) => (letter === "e" ? 0 : 1)),
    outside: {},
  };
}

describe("the layout of a map", () => {
  it("has a row for each hour and a link for each cell, up to a day", () => {
    const { isByHour, rows } = layoutOf(mapOf("dfde"), "utc");
    expect(isByHour).toBe(true);
    expect(rows.map(({ startMs }) => new Date(startMs).toISOString())).toEqual([
      "2026-04-22T14:00:00.000Z",
      "2026-04-22T15:00:00.000Z",
    ]);
    expect(rows.map(({ links }) => links.map(({ letters }) => letters).join(""))).toEqual([
      "          df",
      "de          ",
    ]);
    expect(rows[0]?.links.map(({ files }) => files)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2]);
  });

  it("has a row for each day of the zone and a link for each hour, in a longer window", () => {
    const map = mapOf("d".repeat(2_016));
    const [utc, beijing] = [layoutOf(map, "utc"), layoutOf(map, "beijing")];
    expect([utc.isByHour, utc.rows.length, utc.rows[0]?.links.length]).toEqual([false, 8, 24]);
    expect(new Date(beijing.rows[0]?.startMs ?? 0).toISOString()).toBe("2026-04-21T16:00:00.000Z");
    for (const { rows } of [utc, beijing]) {
      const links = rows.flatMap((row) => row.links);
      expect(links.reduce((sum, { files }) => sum + files, 0)).toBe(2_016 * 2);
      expect(links.every(({ letters }) => letters.length === 12)).toBe(true);
    }
  });

  it("counts cells with the worst state first, and knows no state for an empty cell", () => {
    expect(letterCounts("edfbdoe")).toEqual([["f", 1], ["b", 1], ["o", 1], ["d", 2], ["e", 2]]); // prettier-ignore
    expect([stateOf("b"), stateOf("e")]).toEqual(["set_aside", null]);
  });
});

describe("the spans that need a person", () => {
  it("join cells of one state, up to the hour that the list of files takes", () => {
    const spans = spansForPerson(mapOf(`dff${"m".repeat(14)}obd`));
    expect(
      spans.map(({ state, startMs, endMs, worst }) => [state, (endMs - startMs) / 300_000, worst]),
    ).toEqual([
      ["failed", 2, 2],
      ["missing", 12, 12],
      ["missing", 2, 2],
      ["set_aside", 1, 1],
    ]);
  });
});
