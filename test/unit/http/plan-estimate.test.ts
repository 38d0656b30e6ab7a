// The estimates that a plan computes from bytes: lines, batches, minutes and US$.
import { describe, expect, it } from "vitest";
import {
  bytesPerLineOf,
  closestRun,
  estimateOf,
  NO_EARLIER_RUN,
} from "../../../src/http/plan/plan-estimate.ts";
import type { FileView } from "../../../src/contract/views.ts";

const RUN = { maxLinesPerSecond: 1_000, batchLines: 500 };

function fileOf(size: number, kept: number | null): FileView {
  return { size, lines: kept === null ? null : { kept } } as FileView;
}

describe("bytes for each line", () => {
  it("are the middle four fifths of an earlier run's files", () => {
    const files = Array.from({ length: 10 }, (_, n) => fileOf((n + 1) * 100_000, 1_000));
    expect(bytesPerLineOf("r", files)).toEqual({ low: 200, high: 1_000, from: { run: "r", files: 10 } });
  });

  it("are the default range without enough files with enough lines", () => {
    const files = [
      fileOf(1_000, 500),
      fileOf(1_000, 500),
      fileOf(1_000, 99),
      fileOf(1_000, 0),
      fileOf(9, null),
    ];
    expect(bytesPerLineOf("r", files)).toEqual(NO_EARLIER_RUN);
    expect(bytesPerLineOf("r", [])).toEqual(NO_EARLIER_RUN);
  });
});

describe("an estimate", () => {
  it("spans from the longest to the shortest lines", () => {
    const bytesPerLine = { low: 100, high: 200, from: { run: "r", files: 9 } };
    expect(estimateOf({ files: 10, bytes: 60_000_000, lists: 3 }, bytesPerLine, RUN)).toEqual({
      lines: { low: 300_000, high: 600_000, bytes_per_line: bytesPerLine },
      batches: { low: 600, high: 1_210 },
      minutes_at_cap: { low: 5, high: 10 },
      cost_usd: { low: 0.0052, high: 0.0101 },
    });
  });

  it("counts a batch or more for each file, because a batch has lines of one file", () => {
    const bytesPerLine = { low: 100, high: 200, from: null };
    expect(estimateOf({ files: 40, bytes: 60_000, lists: 1 }, bytesPerLine, RUN)).toMatchObject({
      lines: { low: 300, high: 600 },
      batches: { low: 40, high: 41 },
    });
    expect(estimateOf({ files: 40, bytes: 2_000, lists: 1 }, bytesPerLine, RUN)).toMatchObject({
      batches: { low: 10, high: 20 },
    });
  });

  it("is nothing for a window without a file", () => {
    expect(estimateOf({ files: 0, bytes: 0, lists: 2 }, NO_EARLIER_RUN, RUN)).toMatchObject({
      lines: { low: 0, high: 0 },
      batches: { low: 0, high: 0 },
      minutes_at_cap: { low: 0, high: 0 },
      cost_usd: { low: 0, high: 0 },
    });
  });
});

describe("the earlier run of an estimate", () => {
  const run = (id: string, from: number, to: number) => ({
    id,
    start: new Date(Date.UTC(2026, 3, 22, from)).toISOString(),
    end: new Date(Date.UTC(2026, 3, 22, to)).toISOString(),
  });
  const window = { startMs: Date.UTC(2026, 3, 22, 14), endMs: Date.UTC(2026, 3, 22, 18) };

  it("is the one with the longest common time, and else the newest", () => {
    const runs = [run("small", 14, 15), run("near", 13, 17), run("long", 0, 10)];
    expect(closestRun(runs, window)).toBe("near");
    expect(closestRun([run("b", 14, 16), run("a", 16, 18)], window)).toBe("b");
    expect(closestRun([run("newest", 0, 1), run("older", 2, 3)], window)).toBe("newest");
    expect(closestRun([], window)).toBeNull();
  });
});
