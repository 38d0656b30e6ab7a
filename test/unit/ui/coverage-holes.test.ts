// The pure rules of possible holes and of replayed holes on the page.
import { describe, expect, it } from "vitest";
import { judgedFrom, shownStates } from "../../../src/ui/state/possible-holes.ts";
import {
  isUnanswered,
  openHoles,
  replayedBy,
  replayedIn,
  stripesOf,
  withReplays,
} from "../../../src/ui/state/replays.ts";

const START = "2026-04-22T14:00:00Z";
const minute = (n: number) => new Date(Date.parse(START) + n * 60_000).toISOString().replace(".000Z", "Z");

it("tells a hole that only waits for answers from a hole that was not delivered", () => {
  const view = { start: START, states: "dwwdwnd" };
  expect(isUnanswered({ start: minute(5), end: minute(15) }, view)).toBe(true);
  expect(isUnanswered({ start: minute(20), end: minute(30) }, view)).toBe(false);
  // A hole may begin before the shown range.
  expect(isUnanswered({ start: minute(-10), end: minute(10) }, { ...view, states: "wwd" })).toBe(true);
});

describe("possible holes", () => {
  const view = {
    start: START,
    states: "dssssns",
    possible_holes: [
      { start: minute(5), end: minute(15), judged_at: minute(60) },
      { start: minute(20), end: minute(25), judged_at: minute(55) },
    ],
  };

  it("have a letter of their own in every cell", () => {
    expect(shownStates(view)).toBe("djjsjns");
  });

  it("are judged from the first time of the shown part", () => {
    const cells = (from: number, to: number) => ({
      startMs: Date.parse(minute(from)),
      endMs: Date.parse(minute(to)),
    });
    expect(judgedFrom(view)).toBe(minute(55));
    expect(judgedFrom(view, cells(5, 20))).toBe(minute(60));
    expect(judgedFrom(view, cells(25, 35))).toBe(null);
  });
});

function run(id: string, from: number, to: number, isDelivered = true, isDry = false) {
  const times = { start: minute(from), end: minute(to) };
  return { id, ...times, stage_code: "cleaned" as const, delivery_completed: isDelivered, dry_run: isDry };
}

function holeOf(from: number, to: number) {
  const edges = { start: minute(from), end: minute(to) };
  const facts = { kind: "not_delivered" as const, files: 1, bytes: 1, replays: [] };
  return { ...facts, ...edges, inner: edges, outer: edges };
}

describe("replayed windows", () => {
  const span = { start: minute(10), end: minute(40) };

  it.each([
    ["one delivered run covers it", [run("a", 10, 40)], ["a"]],
    ["two delivered runs cover it together", [run("b", 25, 50), run("a", 5, 25)], ["a", "b"]],
    ["there is a part between two runs", [run("b", 26, 50), run("a", 5, 25)], []],
    ["its last minute is in no run", [run("a", 0, 39)], []],
    ["the run is not delivered", [run("a", 0, 60, false)], []],
  ])("are known when %s", (_what, runs, ids) => {
    expect(replayedBy(runs, span)).toEqual(ids);
  });

  it("contain a selection when every hole of the selection is replayed", () => {
    const runs = [run("a", 10, 20)];
    expect(replayedIn({ holes: [holeOf(10, 20)], runs }, { start: minute(0), end: minute(60) })).toEqual([
      "a",
    ]);
    expect(replayedIn({ holes: [holeOf(10, 20), holeOf(30, 35)], runs }, span)).toEqual([]);
    expect(replayedIn({ holes: [], runs }, { start: minute(10), end: minute(15) })).toEqual(["a"]);
  });

  it("are drawn over the runs that did not deliver, and dry runs are not drawn", () => {
    const runs = [run("new", 0, 9), run("dry", 0, 9, false, true), run("old", 0, 9, false)];
    expect(stripesOf(runs).map(({ id }) => id)).toEqual(["old", "new"]);
  });
});

describe("holes that no run replays", () => {
  const hole = { ...holeOf(10, 20), replays: ["x"] };
  const paused = { ...run("x", 0, 60, false), stage_code: "paused" as const };

  it.each([
    ["no run covers them", { ...hole, replays: [] }, [], true],
    ["their run waits for a person, who is asked by the run", hole, [paused], false],
    ["their run was aborted", hole, [{ ...paused, stage_code: "aborted" as const }], true],
    ["their run is delivered", hole, [run("x", 0, 60)], false],
    ["only a dry run covers them", hole, [{ ...paused, dry_run: true }], true],
  ])("need a person: %s", (_, one, runs, isOpen) => {
    expect(openHoles({ holes: [one], runs }).length === 1).toBe(isOpen);
  });

  it("are painted as replayed after the delivery, cell by cell", () => {
    const view = { start: START, holes: [hole], runs: [run("x", 0, 60)] };
    expect(withReplays("ddnpdd", view)).toBe("ddrrdd");
    expect(withReplays("ddnpdd", { ...view, runs: [paused] })).toBe("ddnpdd");
  });
});
