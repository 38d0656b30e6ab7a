import { describe, expect, it } from "vitest";
import { chartData, chartScale, chartSpan } from "../../../src/ui/pages/run/chart-data.ts";

const START = "2026-04-23T02:10:00.000Z";
const startSeconds = Date.parse(START) / 1_000;

function point(afterSeconds: number, lines: number, seconds = 10, cap = 10_000) {
  return {
    at: new Date((startSeconds + afterSeconds) * 1_000).toISOString(),
    seconds,
    lines,
    posts: 1,
    failures: 0,
    target_lines_per_second: 9_000,
    max_lines_per_second: cap,
    ack_ms: { p50: null, p95: null },
  };
}

describe("chartData", () => {
  it("divides the lines of a point by its seconds", () => {
    expect(chartData([point(0, 80_000), point(10, 600_000, 60)])).toEqual([
      [startSeconds, startSeconds + 10],
      [8_000, 10_000],
      [9_000, 9_000],
      [10_000, 10_000],
    ]);
  });

  it("breaks the line where an interval has no point", () => {
    const [at, delivered] = chartData([point(0, 10), point(30, 20)]);
    expect(at).toEqual([startSeconds, startSeconds + 10, startSeconds + 30]);
    expect(delivered).toEqual([1, null, 2]);
  });

  it("gives empty columns for no points", () => {
    expect(chartData([])).toEqual([[], [], [], []]);
  });
});

describe("chartScale", () => {
  it("shows the cap while it is near the delivered rate", () => {
    expect(chartScale(chartData([point(0, 80_000)]))).toEqual({ top: 11_000, isCapAbove: false });
  });

  it("leaves out a cap that would press the rate flat", () => {
    const { top, isCapAbove } = chartScale(chartData([point(0, 1_000, 10, 100_000)]));
    expect(isCapAbove).toBe(true);
    expect(top).toBeCloseTo(110);
  });

  it("shows the cap before anything is delivered", () => {
    expect(chartScale(chartData([point(0, 0)])).isCapAbove).toBe(false);
  });
});

describe("chartSpan", () => {
  it("shows at least ten minutes", () => {
    expect(chartSpan(chartData([point(0, 1)]))).toEqual([startSeconds - 60, startSeconds + 540]);
  });

  it("shows a longer run from its first point to its last", () => {
    expect(chartSpan(chartData([point(0, 1), point(3_600, 1)]))).toEqual([
      startSeconds,
      startSeconds + 3_600,
    ]);
  });
});
