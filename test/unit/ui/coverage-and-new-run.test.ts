// The pure rules of the pages Coverage and New run: days of a zone, selections, forms, and the address of a new run.
import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import {
  CELLS_PER_DAY,
  DAY_MS,
  dayRows,
  midnight,
  readRange,
  shifted,
} from "../../../src/ui/pages/coverage/day-rows.ts";
import { moved, selectionOf, spanOf, statesIn, stepOf } from "../../../src/ui/pages/coverage/selection.ts";
import { LINE_FORMATS } from "../../../src/contract/line-formats.ts";
import { MORE_OPTIONS } from "../../../src/ui/pages/new/run-options.ts";
import { bodyOf, formOf, queryOf, queueOptionsOf } from "../../../src/ui/pages/new/run-form.ts";
import { ZONES, wallClock } from "../../../src/ui/text/time.ts";

const CELL_MS = 300_000;
const NOW = Date.parse("2026-04-22T16:02:00Z");

/** Cells from the year 2000 on, because Beijing had daylight saving until 1991. */
const cells = fc.integer({ min: 3_156_000, max: 8_000_000 });
const ranges = fc
  .record({ first: cells, length: fc.integer({ min: 1, max: 2_016 }), zone: fc.constantFrom(...ZONES) })
  .map(({ first, length, zone }) => ({
    range: { startMs: first * CELL_MS, endMs: (first + length) * CELL_MS },
    zone,
  }));

describe("rows of days", () => {
  it("hold every cell of the range once, in order, and begin at midnight of the zone", () => {
    fc.assert(
      fc.property(ranges, ({ range, zone }) => {
        const count = (range.endMs - range.startMs) / CELL_MS;
        const states = Array.from({ length: count }, (_, n) => "dpn"[n % 3]).join("");
        const rows = dayRows(states, range, zone);
        expect(
          rows
            .map((row) => row.states)
            .join("")
            .trim(),
        ).toBe(states);
        for (const row of rows) {
          expect(row.states).toHaveLength(CELLS_PER_DAY);
          expect(wallClock(row.startMs, zone)?.time).toBe("00:00:00");
        }
        const first = rows[0];
        expect(first && (range.startMs - first.startMs) / CELL_MS).toBe(first?.states.search(/\S/));
      }),
    );
  });
});

describe("the shown range", () => {
  it("is the last seven days of the zone, up to the present cell", () => {
    const beijing = readRange(new URLSearchParams(), NOW, "beijing");
    expect(new Date(beijing.startMs).toISOString()).toBe("2026-04-16T16:00:00.000Z");
    expect(new Date(beijing.endMs).toISOString()).toBe("2026-04-22T16:05:00.000Z");
    const utc = readRange(new URLSearchParams("days=1"), NOW, "utc");
    expect(new Date(utc.startMs).toISOString()).toBe("2026-04-22T00:00:00.000Z");
  });

  it("is never longer than the API takes, whatever the address says", () => {
    for (const query of [
      "days=90",
      "days=-1",
      "days=x",
      "start=2026-01-01T00:00:00Z&end=2026-04-01T00:00:00Z",
    ]) {
      const range = readRange(new URLSearchParams(query), NOW, "beijing");
      expect(range.endMs - range.startMs, query).toBeGreaterThan(0);
      expect(range.endMs - range.startMs, query).toBeLessThanOrEqual(7 * DAY_MS);
    }
  });

  it("moves by as many days as it shows, and not beyond now", () => {
    const range = readRange(new URLSearchParams("days=3"), NOW, "beijing");
    const before = shifted(range, -1, NOW, "beijing");
    expect(before.endMs).toBe(range.startMs);
    expect(before.endMs - before.startMs).toBe(3 * DAY_MS);
    expect(shifted(before, 1, NOW, "beijing")).toEqual(range);
  });

  it("has one midnight in each zone", () => {
    expect(midnight(NOW, "beijing")).toBe(Date.parse("2026-04-22T16:00:00Z"));
    expect(midnight(NOW, "utc")).toBe(Date.parse("2026-04-22T00:00:00Z"));
  });
});

describe("a selection", () => {
  const range = { startMs: 0, endMs: 10 * CELL_MS };

  it("includes both of its ends, in either direction", () => {
    expect(spanOf({ anchor: 3 * CELL_MS, cursor: CELL_MS })).toEqual({
      startMs: CELL_MS,
      endMs: 4 * CELL_MS,
    });
    expect(spanOf(selectionOf({ startMs: CELL_MS, endMs: 4 * CELL_MS }))).toEqual({
      startMs: CELL_MS,
      endMs: 4 * CELL_MS,
    });
  });

  it("moves and extends by keys inside the range", () => {
    const from = { anchor: 0, cursor: 0 };
    expect(moved(from, 2, range, true)).toEqual({ anchor: 0, cursor: 2 * CELL_MS });
    expect(moved(from, 2, range, false)).toEqual({ anchor: 2 * CELL_MS, cursor: 2 * CELL_MS });
    expect(moved(from, 300, range, true).cursor).toBe(9 * CELL_MS);
    expect(moved(from, -1, range, true).cursor).toBe(0);
    expect([stepOf("ArrowDown", false), stepOf("ArrowLeft", true), stepOf("a", false)]).toEqual([
      288,
      -12,
      null,
    ]);
  });

  it("has the letters of its cells", () => {
    expect(statesIn("dpnwets?.d", range, { startMs: 2 * CELL_MS, endMs: 4 * CELL_MS })).toBe("nw");
  });
});

describe("the form of a new run", () => {
  it("survives the address", () => {
    const query =
      "start=2026-04-22T14:00:00Z&end=2026-04-22T15:00:00Z&end_exclusive=true&canary=2&note=a+%26+b&polite=true";
    const form = formOf(new URLSearchParams(query));
    const kept = Object.entries(queryOf(form)).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    );
    expect(formOf(new URLSearchParams(kept))).toEqual(form);
    expect(bodyOf(form)).toMatchObject({ canary: 2, note: "a & b", polite: true, end_exclusive: true });
  });

  it("leaves out what a plan decides, and what the queue refuses", () => {
    const form = formOf(
      new URLSearchParams("from_plan=p&start=x&batch_size=7&live=skip_delivered&canary=1&polite=true"),
    );
    expect(bodyOf(form, "hash")).toEqual({ from_plan: "p", plan_hash: "hash", canary: 1, polite: true });
    const body = { start: "a", end: "b", end_exclusive: true, canary: 1, note: "n", polite: true };
    expect(queueOptionsOf(body)).toEqual({ polite: true });
  });

  it("sends what is no number as it is, so that the API says what it expects", () => {
    expect(bodyOf(formOf(new URLSearchParams("canary=many")))["canary"]).toBe("many");
  });
});

it("offers every format of the lines, and leaves out a format that the person did not choose", () => {
  const row = MORE_OPTIONS.find(({ name }) => name === "format");
  expect(row).toMatchObject({ values: LINE_FORMATS, defaultVar: "LINE_FORMAT" });
  const form = formOf(new URLSearchParams("format=edge-3.0-2026-05"));
  expect(bodyOf(form)).toMatchObject({ format: "edge-3.0-2026-05" });
  expect(bodyOf(formOf(new URLSearchParams()))).not.toHaveProperty("format");
});
