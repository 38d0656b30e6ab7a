// Tests which parts of a window have no raw file, compared with a model that looks at each cell and each minute.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CoveredMinutes, secondsOf, type TimeRange } from "../../../src/listing/covered-minutes.ts";

const START = Date.parse("2026-04-22T14:00:00Z");
const MINUTE = 60_000;
const HOUR = { startMs: START, endMs: START + 60 * MINUTE };

function minutes(from: number, to: number): TimeRange {
  return { startMs: START + from * MINUTE, endMs: START + to * MINUTE };
}

function gapsOf(window: TimeRange, files: readonly TimeRange[]): TimeRange[] {
  const covered = new CoveredMinutes(window);
  for (const file of files) covered.add(file);
  return covered.gaps();
}

describe("the gaps of a window", () => {
  it.each([
    ["all of it without a file", HOUR, [], [minutes(0, 60)]],
    ["none with files throughout", HOUR, [minutes(-3, 30), minutes(30, 61)], []],
    ["54 minutes after six minutes of logs", HOUR, [minutes(0, 6)], [minutes(6, 60)]],
    ["none between files of a quiet zone", HOUR, Array.from({ length: 12 }, (_, n) => minutes(n * 5, n * 5 + 1)), []],
    ["a whole cell between two files", HOUR, [minutes(0, 5), minutes(10, 60)], [minutes(5, 10)]],
    ["none when two cells are touched", HOUR, [minutes(0, 6), minutes(14, 60)], []],
    ["a window shorter than a cell", minutes(1, 3), [], [minutes(1, 3)]],
    ["none in a short window with a file", minutes(1, 3), [minutes(2, 2.5)], []],
    ["none in a single second with a file", minutes(1, 1), [minutes(0, 2)], []],
    ["a file of one instant touches its minute", HOUR, [minutes(0, 25), minutes(29, 29), minutes(31, 60)], []],
    ["seconds at the edges of the window", { startMs: START + 30_000, endMs: START + 20 * MINUTE + 1_000 }, [minutes(0, 1)],
      [{ startMs: START + MINUTE, endMs: START + 20 * MINUTE + 1_000 }]],
  ] satisfies [string, TimeRange, TimeRange[], TimeRange[]][])("are %s", (_what, window, files, gaps) => {
    expect(gapsOf(window, files)).toEqual(gaps);
  }); // prettier-ignore

  it("count their seconds", () => {
    expect(secondsOf([minutes(6, 60), minutes(70, 71)])).toBe(55 * 60);
  });

  it("equal those of the model, whatever the files and however often they are kept", () => {
    const time = fc.integer({ min: -20, max: 200 });
    const range = fc
      .tuple(time, fc.integer({ min: 0, max: 30 }))
      .map(([from, long]) => minutes(from, from + long));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), fc.nat(90), fc.integer({ min: 1, max: 90 }), (files, from, long) => {
        const window = minutes(from, from + long);
        let covered = new CoveredMinutes(window);
        for (const file of files) {
          covered.add(file);
          covered = new CoveredMinutes(window, covered.keep());
        }
        expect(covered.gaps()).toEqual(modelled(from, from + long, files));
      }),
      { seed: 12, numRuns: 1_000 },
    ); // prettier-ignore
  });

  it("say whether a file brought news, so that a repeated page writes nothing", () => {
    const covered = new CoveredMinutes(HOUR);
    expect([covered.add(minutes(3, 9)), covered.add(minutes(4, 8)), covered.add(minutes(-9, 0))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

/** Minutes one by one; a gap counts when a cell of five minutes, cut at the window's edges, is without a file. */
function modelled(from: number, to: number, files: readonly TimeRange[]): TimeRange[] {
  const isFree = (minute: number): boolean =>
    !files.some(({ startMs, endMs }) => {
      const [a, b] = [START + minute * MINUTE, START + (minute + 1) * MINUTE];
      return startMs < b && (endMs > a || (startMs === endMs && startMs >= a));
    });
  const gaps: number[][] = [];
  for (let minute = from; minute < to; minute += 1) {
    if (!isFree(minute)) continue;
    if (gaps.at(-1)?.at(-1) === minute - 1) gaps.at(-1)?.push(minute);
    else gaps.push([minute]);
  }
  const cells = Array.from({ length: 40 }, (_, cell) =>
    Array.from({ length: 5 }, (_unused, n) => cell * 5 + n).filter((minute) => minute >= from && minute < to),
  ).filter((cell) => cell.length > 0);
  return gaps
    .filter((gap) => cells.some((cell) => cell.every((minute) => gap.includes(minute))))
    .map((gap) => minutes(gap[0] ?? 0, (gap.at(-1) ?? 0) + 1));
}
