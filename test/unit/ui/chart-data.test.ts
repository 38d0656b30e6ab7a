import { describe, expect, it } from "vitest";
import { delivered, isDrawn, scaleOf, stepPath, timeTicks } from "../../../src/ui/pages/run/chart-data.ts";

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

describe("scaleOf", () => {
  it("shows the cap while it is near the delivered rate", () => {
    expect(scaleOf([point(0, 80_000)])).toMatchObject({ top: 12_000, isCapAbove: false });
  });

  it("leaves out a cap that would press the rate flat", () => {
    expect(scaleOf([point(0, 1_000, 10, 100_000)])).toMatchObject({ top: 120, isCapAbove: true });
  });

  it("shows the cap before anything is delivered", () => {
    expect(scaleOf([point(0, 0)])).toMatchObject({ top: 12_000, isCapAbove: false });
  });

  it("shows at least ten minutes, and a longer run from its first point to its last", () => {
    expect(scaleOf([point(0, 1)])).toMatchObject({ from: startSeconds - 590, to: startSeconds + 10 });
    expect(scaleOf([point(0, 1), point(3_600, 1, 60)]).to).toBe(startSeconds + 3_660);
  });
});

describe("the axis of a working run", () => {
  it("ends now, and of an ended run with its last point", () => {
    expect(scaleOf([point(0, 1)], startSeconds + 900)).toMatchObject({
      from: startSeconds,
      to: startSeconds + 900,
    });
    expect(scaleOf([point(0, 1)]).to).toBe(startSeconds + 10);
  });
});

it("knows which lines are outside the chart", () => {
  const points = [point(0, 1_000, 10, 100_000)];
  const scale = scaleOf(points);
  expect(isDrawn(points, delivered, scale)).toBe(true);
  expect(isDrawn(points, ({ max_lines_per_second: cap }) => cap, scale)).toBe(false);
});

describe("stepPath", () => {
  it("draws a point level for its whole interval, and divides its lines by its seconds", () => {
    const points = [point(0, 50_000), point(10, 600_000, 60)];
    expect(stepPath(points, delivered, scaleOf(points, startSeconds + 600))).toBe(
      "M0 58.33H16.67V16.67H116.67",
    );
  });

  it("leaves a gap where an interval has no point", () => {
    const points = [point(0, 50_000), point(300, 50_000)];
    expect(stepPath(points, delivered, scaleOf(points, startSeconds + 600))).toBe(
      "M0 58.33H16.67M500 58.33H516.67",
    );
  });

  it("gives an empty path for no points", () => {
    expect(stepPath([], delivered, scaleOf([]))).toBe("");
  });
});

describe("timeTicks", () => {
  it("labels full minutes of a short run, and full hours of a long one", () => {
    expect(timeTicks(scaleOf([point(30, 1)], startSeconds + 630))).toEqual(
      [120, 240, 360, 480].map((seconds) => startSeconds + seconds - (startSeconds % 120)),
    );
    const hours = timeTicks(scaleOf([point(0, 1), point(28_800, 1)]));
    expect(hours.every((at) => at % 3_600 === 0)).toBe(true);
    expect(hours).toHaveLength(7);
  });
});
