// The series of a run by intervals of ten seconds, compared with a model that remembers every report.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EMPTY_SERIES,
  TEN_SECONDS_MS,
  addReported,
  merged,
  seriesSetBack,
  type Minute,
  type Reported,
  type SeriesState,
} from "../../../durable-objects/backfill-run/receiver/series.ts";
import { MINUTE_MS } from "../../../src/contract/time-units.ts";

const START = Date.parse("2030-04-22T18:00:00.250Z");

function reported(lines: number, over: Partial<Reported> = {}): Reported {
  return { lines, posts: 1, failures: 0, target: 900, cap: 1_000, ack: [0, 1], ...over };
}

/** A series and the rows that it would write. */
class Played {
  state: SeriesState = EMPTY_SERIES;
  rows: Minute[] = [];

  add(one: Reported, now: number): void {
    const { state, over } = addReported(this.state, one, now);
    if (over) this.rows.push(over);
    // As an eviction does.
    this.state = JSON.parse(JSON.stringify(state)) as SeriesState;
  }

  setBack(backMs: number, now: number): void {
    const { state, shiftMs } = seriesSetBack(this.state, backMs, now);
    this.state = state;
    this.rows = this.rows.map((row) => ({ ...row, at: row.at - shiftMs }));
  }

  /** Every interval, oldest first. */
  get points(): { at: number; lines: number; posts: number }[] {
    const { minute } = this.state;
    return [...this.rows, ...(minute ? [minute] : [])].flatMap(({ at, tens }) =>
      tens.map(({ ten, lines, posts }) => ({ at: at + ten * TEN_SECONDS_MS, lines, posts })),
    );
  }
}

describe("an interval", () => {
  it("adds the reports of its ten seconds, and shows target and cap of the newest", () => {
    const played = new Played();
    played.add(reported(100), START);
    played.add(reported(50, { failures: 1, target: 450, ack: [0, 0, 2] }), START + 9_000);
    expect(played.state.minute).toEqual({
      at: START - 250,
      tens: [{ ten: 0, lines: 150, posts: 2, failures: 1, target: 450, cap: 1_000, ack: [0, 1, 2] }],
    });
    expect(played.state.peak).toBe(150);
  });

  it("begins at each multiple of ten seconds", () => {
    const played = new Played();
    for (const [n, seconds] of [9.749, 9.75, 59.749, 59.75].entries()) {
      played.add(reported(n + 1), START + seconds * 1_000);
    }
    expect(played.points.map(({ at, lines }) => [(at - START + 250) / 1_000, lines])).toEqual([
      [0, 1],
      [10, 2],
      [50, 3],
      [60, 4],
    ]);
    expect(played.rows).toHaveLength(1);
  });

  it("takes a report that is up to a second older than the newest, and never goes back", () => {
    const played = new Played();
    played.add(reported(1), START + 60_000);
    played.add(reported(2), START + 59_400);
    expect(played.points).toMatchObject([{ at: START - 250 + 60_000, lines: 3 }]);
  });
});

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("report" as const), lines: fc.nat(5_000) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.oneof(fc.nat(12_000), fc.nat(200_000)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("set_back" as const),
      ms: fc.oneof(fc.integer({ min: 1_001, max: 90_000 }), fc.integer({ min: 1_001, max: 7_300_000 })),
      isKnown: fc.boolean(),
    }),
  },
);

it("loses no line, orders its points, and writes at most one row for a minute, whatever the clock does", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
      const played = new Played();
      let [now, lines, posts, passedMs, setBacks] = [START, 0, 0, 0, 0];
      for (const one of actions) {
        if (one.do === "pass") [now, passedMs] = [now + one.ms, passedMs + one.ms];
        else if (one.do === "report") {
          played.add(reported(one.lines), now);
          [lines, posts] = [lines + one.lines, posts + 1];
        } else {
          now -= one.ms;
          setBacks += 1;
          played.setBack(one.isKnown ? one.ms : 0, now);
        }
      }
      const { points, rows, state } = played;
      const sum = (of: (point: { lines: number; posts: number }) => number): number =>
        points.reduce((all, point) => all + of(point), 0);
      expect([sum((point) => point.lines), sum((point) => point.posts)]).toEqual([lines, posts]);
      expect(state.lines).toBe(lines);
      expect(state.peak).toBe(Math.max(0, ...points.map((point) => point.lines)));
      const times = points.map(({ at }) => at);
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
      expect(times.every((at) => at % TEN_SECONDS_MS === 0 && at <= now + MINUTE_MS)).toBe(true);
      expect(rows.length).toBeLessThanOrEqual(Math.ceil(passedMs / MINUTE_MS) + setBacks);
    }),
    { numRuns: 300 },
  );
});

it("merges intervals in any grouping to the same figures", () => {
  const interval = fc.record({
    lines: fc.nat(1_000), posts: fc.nat(9), failures: fc.nat(9), target: fc.nat(99), cap: fc.nat(99), ack: fc.array(fc.nat(9), { maxLength: 6 }),
  }); // prettier-ignore
  fc.assert(
    fc.property(fc.array(interval, { minLength: 2, maxLength: 9 }), fc.nat(8), (all, cut) => {
      const at = 1 + (cut % (all.length - 1));
      expect(merged([merged(all.slice(0, at)), merged(all.slice(at))])).toEqual(merged(all));
    }),
  );
});
