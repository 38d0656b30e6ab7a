// Tests the names of the live worker's markers in R2.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countOf,
  markerPrefix,
  rangesOf,
  readAnyMarker,
  readMarker,
  safeKeyOf,
} from "../../../src/contract/live.ts";

const KEY = "logs/20260422/20260422T140000Z_20260422T140030Z_ab12.log.gz";
const SAFE = "logs_20260422_20260422T140000Z_20260422T140030Z_ab12_log_gz";

describe("the names of markers", () => {
  it("replace every character outside letters, digits, underscore and hyphen", () => {
    expect(safeKeyOf(KEY)).toBe(SAFE);
    expect(safeKeyOf("a-b é/日.gz")).toBe("a-b_____gz");
  });

  it.each([
    ["0.txt", { index: 0, kind: "waiting" }],
    ["12.txt.done", { index: 12, kind: "done" }],
    ["00.txt", null],
    ["1.txt.done.bak", null],
    ["1.done", null],
    ["-1.txt", null],
    ["1-0.txt", null],
    ["", null],
  ])("read %s", (rest, marker) => {
    const prefix = markerPrefix("processed/", KEY);
    expect(readMarker(prefix, prefix + rest)).toEqual(marker);
  });

  it("are not confused with those of a key that begins alike", () => {
    const longer = markerPrefix("processed/", "logs/a-1");
    expect(readMarker(markerPrefix("processed/", "logs/a"), `${longer}0.txt.done`)).toBeNull();
    expect(readAnyMarker("processed/", `${longer}0.txt.done`)).toEqual({
      safeKey: "logs_a-1",
      index: 0,
      kind: "done",
    });
  });

  it.each(["processed/x.txt", "processed/-0.txt", "other/a-0.txt", "processed/a-b.txt"])(
    "leave the foreign key %s out",
    (key) => {
      expect(readAnyMarker("processed/", key)).toBeNull();
    },
  );
});

it("turns indexes into the fewest ranges that hold exactly them", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 })), (indexes) => {
      const ranges = rangesOf(indexes);
      const back = ranges.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, n) => first + n),
      );
      expect(back).toEqual([...new Set(indexes)].sort((a, b) => a - b));
      expect(countOf(ranges)).toBe(back.length);
      for (const [n, [first]] of ranges.entries()) {
        if (n > 0) expect(first).toBeGreaterThan((ranges[n - 1]?.[1] ?? 0) + 1);
      }
    }),
  );
});
