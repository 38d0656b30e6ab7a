// The cells of a run's map: which files they count, and their worst state.
import { describe, expect, it } from "vitest";
import { MapCells } from "../../../durable-objects/backfill-run/views/map-view.ts";

const START = Date.parse("2030-04-22T14:00:00Z");
const MINUTE = 60_000;

function cellsOf(minutes: number, fromMinute = 0): MapCells {
  return new MapCells({ startMs: START + fromMinute * MINUTE, endMs: START + minutes * MINUTE });
}

const range = (from: number, until: number) => ({
  range_start: START + from * MINUTE,
  range_end: START + until * MINUTE,
});

describe("the cells of a map", () => {
  it("show the worst state, and count its files and all files", () => {
    const cells = cellsOf(15);
    cells.add(range(0, 5), "closed", 30);
    cells.add(range(1, 2), "failed", 2);
    cells.add(range(2, 3), "failed", 1);
    cells.add(range(5, 10), "open", 4);
    expect(cells.view()).toEqual({
      start: "2030-04-22T14:00:00.000Z",
      end: "2030-04-22T14:15:00.000Z",
      cell_seconds: 300,
      states: "foe",
      files: [33, 4, 0],
      worst: [3, 4, 0],
      outside: {},
    });
  });

  it("count a file in every cell that its range meets, without the end of the range", () => {
    const cells = cellsOf(20);
    cells.add(range(4, 11), "closed", 1);
    cells.add(range(15, 15), "listed", 1);
    expect(cells.view()).toMatchObject({ states: "dddl", files: [1, 1, 1, 1] });
  });

  it("begin and end on full five minutes, and keep at least one cell", () => {
    expect(cellsOf(12, 3).view()).toMatchObject({ start: "2030-04-22T14:00:00.000Z", states: "eee" });
    expect(cellsOf(0).view().states).toBe("e");
  });

  it("count files before and after the window apart", () => {
    const cells = cellsOf(10);
    cells.add(range(-5, 0), "closed", 2);
    cells.add(range(10, 15), "missing", 1);
    cells.add(range(-9, 1), "closed", 1);
    expect(cells.view()).toMatchObject({ states: "de", outside: { closed: 2, missing: 1 } });
  });

  it("mark a file with a set-aside batch without counting it again", () => {
    const cells = cellsOf(10);
    cells.add(range(0, 5), "open", 3);
    cells.add(range(5, 10), "failed", 1);
    cells.mark(range(0, 10), "set_aside");
    expect(cells.view()).toMatchObject({ states: "bf", files: [3, 1], worst: [1, 1] });
  });
});
