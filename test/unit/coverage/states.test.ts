// The letters of cells and the holes that they make, by tables.
import { describe, expect, it } from "vitest";
import { emptyCell, type CellFacts } from "../../../durable-objects/coverage/rules/cells.ts";
import { holesOf, possibleHolesOf } from "../../../durable-objects/coverage/rules/holes.ts";
import { judgedAt, statesOf } from "../../../durable-objects/coverage/rules/states.ts";
import { CELL, DAY } from "../../support/coverage-bucket.ts";

const START = Date.parse("2026-04-22T14:00:00Z");
const NOW = START + 2 * DAY;
const MOMENT = { now: NOW, settleMs: 900_000, oldestMs: START - DAY };

function cellOf(over: Partial<CellFacts>): CellFacts {
  return { ...emptyCell(), ...over };
}

describe("the letter of a cell", () => {
  const old = NOW - 900_000;
  it.each<[string, CellFacts | null, string]>([
    ["no list was made", null, "."],
    ["no raw file", cellOf({}), "e"],
    ["markers not looked at", cellOf({ verdicts: { unknown: 1 } }), "."],
    ["markers of every file", cellOf({ verdicts: { some: 2 } }), "d"],
    ["every batch of every file", cellOf({ verdicts: { full: 1, some: 1 } }), "d"],
    ["no marker", cellOf({ verdicts: { none: 2 }, missingSince: old }), "n"],
    ["markers of one file", cellOf({ verdicts: { none: 1, some: 1 }, missingSince: old }), "p"],
    ["a missing batch", cellOf({ verdicts: { part: 1 }, missingSince: old }), "p"],
    ["no marker of a fresh file", cellOf({ verdicts: { none: 1 }, missingSince: old + 1 }), "s"],
    ["a batch that waits long", cellOf({ verdicts: { wait: 1, full: 3 }, waitingSince: old }), "w"],
    ["a batch that waits shortly", cellOf({ verdicts: { wait: 1 }, waitingSince: old + 1 }), "s"],
    [
      "no marker, and a batch that waits",
      cellOf({ verdicts: { none: 1, wait: 1 }, missingSince: old, waitingSince: old }),
      "p",
    ],
    [
      "a fresh file and a batch that waits long",
      cellOf({ verdicts: { none: 1, wait: 1 }, missingSince: old + 1, waitingSince: old }),
      "w",
    ],
  ])("is right for %s", (_name, cell, letter) => {
    expect(statesOf({ startMs: START, cells: [cell] }, MOMENT)).toEqual([letter]);
  });

  it("is ? for missing markers before the oldest one, and where no marker is known", () => {
    const cells = [
      cellOf({ verdicts: { none: 1 }, missingSince: old }),
      cellOf({ verdicts: { part: 1 }, missingSince: old }),
    ];
    const row = { startMs: START, cells };
    expect(statesOf(row, { ...MOMENT, oldestMs: START + 1 }).join("")).toBe("?p");
    expect(statesOf(row, { ...MOMENT, oldestMs: null }).join("")).toBe("??");
    expect(statesOf(row, { ...MOMENT, oldestMs: START }).join("")).toBe("np");
  });

  it("is s for cells that end less than the settle time ago, whatever they hold", () => {
    const cells = [
      cellOf({ verdicts: { full: 1 } }),
      cellOf({}),
      cellOf({ verdicts: { none: 1 }, missingSince: 0 }),
    ];
    const row = { startMs: NOW - 900_000 - CELL, cells };
    expect(statesOf(row, MOMENT).join("")).toBe("dss");
  });

  it.each([
    ["less than a quarter", [8, 8, 8, 1, 8, 8, 8], "dddtddd"],
    ["a quarter", [8, 8, 8, 2, 8, 8, 8], "ddddddd"],
    ["too few neighbours", [8, 1, 8, 8], "dddd"],
  ])("compares raw files with the neighbours' median: %s", (_name, files, letters) => {
    const cells = files.map((full) => cellOf({ verdicts: { full } }));
    expect(statesOf({ startMs: START, cells }, MOMENT).join("")).toBe(letters);
  });
});

describe("a hole", () => {
  it("joins adjoining cells, and takes its edges from files", () => {
    const none = cellOf({ verdicts: { none: 1 }, missingSince: 0, openFiles: 1, openBytes: 5 });
    const at = (n: number): [number, number] => [START + n * CELL + 10_000, START + n * CELL + 40_000];
    const cells = [
      cellOf({ verdicts: { full: 1 } }),
      cellOf({ verdicts: { part: 1 }, missingSince: 0, openFiles: 1, openBytes: 3, open: at(1) }),
      { ...none, open: at(2), untouched: at(2) },
      { ...none, open: at(3), untouched: at(3) },
      cellOf({ verdicts: { full: 1 } }),
      cellOf({ verdicts: { part: 1 }, missingSince: 0, openFiles: 1, openBytes: 3, open: at(5) }),
    ];
    const row = { startMs: START, cells };
    expect(holesOf(row, statesOf(row, MOMENT))).toEqual([
      {
        startMs: START + CELL,
        endMs: START + 4 * CELL,
        files: 3,
        bytes: 13,
        inner: [at(2)[0], at(3)[1]],
        outer: [at(1)[0], at(3)[1]],
      },
      { startMs: START + 5 * CELL, endMs: START + 6 * CELL, files: 1, bytes: 3, inner: at(5), outer: at(5) },
    ]);
  });
});

describe("the time at which a cell is judged", () => {
  const RECENT = NOW - 60_000;
  const judged = (cell: Partial<CellFacts>, startMs = START, oldestMs: number | null = MOMENT.oldestMs) => {
    const row = { startMs, cells: [cellOf(cell)] };
    const moment = { ...MOMENT, oldestMs };
    return judgedAt(row, statesOf(row, moment), moment)[0];
  };

  it("is a settle time after the upload, and the cell is s until then and n from then on", () => {
    const cell = { verdicts: { none: 2 }, missingSince: RECENT };
    const at = judged(cell) ?? 0;
    expect(at).toBe(RECENT + MOMENT.settleMs);
    const row = { startMs: START, cells: [cellOf(cell)] };
    expect(statesOf(row, { ...MOMENT, now: at - 1 })).toEqual(["s"]);
    expect(statesOf(row, { ...MOMENT, now: at })).toEqual(["n"]);
  });

  it("is a settle time after the end of a cell that is younger than its files", () => {
    const startMs = NOW - CELL;
    expect(judged({ verdicts: { none: 1 }, missingSince: startMs }, startMs)).toBe(NOW + MOMENT.settleMs);
  });

  it("is unknown for every other cell", () => {
    expect(judged({ verdicts: { none: 1 }, missingSince: NOW - MOMENT.settleMs })).toBe(null);
    expect(judged({ verdicts: { none: 1, full: 1 }, missingSince: RECENT })).toBe(null);
    expect(judged({ verdicts: { wait: 1 }, waitingSince: RECENT })).toBe(null);
    expect(judged({}, NOW - CELL)).toBe(null);
    expect(judged({ verdicts: { none: 1 }, missingSince: RECENT }, START, null)).toBe(null);
  });
});

describe("possible holes", () => {
  it("join adjoining cells, and are judged when the first of them is", () => {
    expect(possibleHolesOf(START, [null, 61, 60, null, 70, null])).toEqual([
      { startMs: START + CELL, endMs: START + 3 * CELL, judgedAtMs: 60 },
      { startMs: START + 4 * CELL, endMs: START + 5 * CELL, judgedAtMs: 70 },
    ]);
  });

  it("are none without a cell that waits for its judgement", () => {
    expect(possibleHolesOf(START, [null, null])).toEqual([]);
  });
});
