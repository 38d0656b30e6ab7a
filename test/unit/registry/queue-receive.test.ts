// The outcomes of the windows of a request: a table of cases for each rule, in the order of the checks.
import { describe, expect, it } from "vitest";
import {
  ActiveWindowIndex,
  type ActiveWindow,
  type KnownRun,
} from "../../../durable-objects/run-registry/queue/decide-window.ts";
import { receive } from "../../../durable-objects/run-registry/queue/receive.ts";
import type { AskedWindow } from "../../../src/contract/windows.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_000 * DAY;
const KEY = "options";

/** Hours of a day, half-open. */
function hours(from: number, to: number): AskedWindow & { kind: "window" } {
  return { kind: "window", startMs: from * HOUR, endMs: to * HOUR, endExclusive: true };
}

function queued(id: number, from: number, to: number, over: Partial<ActiveWindow> = {}): ActiveWindow {
  return { id, startMs: from * HOUR, endMs: to * HOUR, endExclusive: true, key: KEY, mayGrow: true, ...over };
}

function run(runId: string, from: number, to: number, over: Partial<KnownRun> = {}): KnownRun {
  const window = { startMs: from * HOUR, endMs: to * HOUR, endExclusive: true };
  return { runId, window, covers: true, delivered: true, sent: true, ...over };
}

function series(from: number, to: number): AskedWindow {
  const [startMs, endMs] = [from * HOUR, to * HOUR];
  return { kind: "series", startMs, endMs, chunkMs: DAY, order: "newest_first" };
}

interface Case {
  asked: AskedWindow[];
  book?: ActiveWindow[];
  runs?: KnownRun[];
  rules?: Partial<Parameters<typeof receive>[2]>;
  taken?: { at: number; count: number }[];
}

function received({ asked, book = [], runs = [], rules = {}, taken = [] }: Case) {
  const nextId = Math.max(0, ...book.map(({ id }) => id)) + 1;
  const all = {
    source: null, oldestEnd: null, skipSent: false, coalesceMs: 0, perSourcePerMinute: 30, replay: false, key: KEY,
    ...rules,
  }; // prettier-ignore
  return receive(asked, { book: new ActiveWindowIndex(book), runs, taken, nextId }, all, NOW);
}

function outcomesOf(one: Case) {
  return received(one).outcomes.map(({ outcome, ...more }) => {
    if ("id" in more) return more.state === "blocked" ? `blocked ${more.id}` : `queued ${more.id}`;
    if ("into" in more) return `coalesced ${more.into}`;
    if ("of" in more) return `duplicate ${Object.values(more.of).flat().join("+")}`;
    return `${outcome} ${more.reason}`;
  });
}

describe("duplicates", () => {
  it.each<[string, Case, string[]]>([
    ["inside a queued window", { asked: [hours(2, 3)], book: [queued(7, 1, 4)] }, ["duplicate 7"]],
    ["equal to a queued window", { asked: [hours(1, 4)], book: [queued(7, 1, 4)] }, ["duplicate 7"]],
    [
      "inside one with other options",
      { asked: [hours(2, 3)], book: [queued(7, 1, 4, { key: "x" })] },
      ["duplicate 7"],
    ],
    [
      "inside a started window",
      { asked: [hours(2, 3)], book: [queued(7, 1, 4, { mayGrow: false })] },
      ["duplicate 7"],
    ],
    [
      "inside the rest of a series",
      { asked: [hours(2, 3)], book: [queued(7, 0, 900, { mayGrow: false })] },
      ["duplicate 7"],
    ],
    ["inside a run", { asked: [hours(2, 3)], runs: [run("r", 1, 4)] }, ["duplicate r"]],
    [
      "inside a run that has not sent yet",
      { asked: [hours(2, 3)], runs: [run("r", 1, 4, { sent: false })] },
      ["duplicate r"],
    ],
    [
      "inside an earlier window of the request",
      { asked: [hours(1, 4), hours(2, 3)] },
      ["queued 1", "duplicate 1"],
    ],
    [
      "inside an aborted run",
      { asked: [hours(2, 3)], runs: [run("r", 1, 4, { covers: false, sent: false })] },
      ["queued 1"],
    ],
    [
      "inside a run, with replay",
      { asked: [hours(2, 3)], runs: [run("r", 1, 4)], rules: { replay: true } },
      ["queued 1"],
    ],
    [
      "an inclusive end at the end of a half-open run",
      { asked: [{ ...hours(2, 4), endExclusive: false }], runs: [run("r", 1, 4, { sent: false })] },
      ["queued 1"],
    ],
  ])("a window %s", (_what, one, outcomes) => {
    expect(outcomesOf(one)).toEqual(outcomes);
  });
});

describe("overlaps with lines that were sent", () => {
  it.each<[string, Case, string[]]>([
    ["block a window", { asked: [hours(3, 6)], runs: [run("r", 1, 4)] }, ["blocked 1"]],
    [
      "block it for an aborted run that sent lines",
      { asked: [hours(1, 4)], runs: [run("r", 1, 4, { covers: false })] },
      ["blocked 1"],
    ],
    [
      "do not block with replay",
      { asked: [hours(3, 6)], runs: [run("r", 1, 4)], rules: { replay: true } },
      ["queued 1"],
    ],
    [
      "are left out later with skip_sent",
      { asked: [hours(3, 6)], runs: [run("r", 1, 4)], rules: { skipSent: true } },
      ["queued 1"],
    ],
    [
      "leave nothing with skip_sent when several runs cover all",
      { asked: [hours(3, 6)], runs: [run("r", 1, 4), run("s", 4, 7)], rules: { skipSent: true } },
      ["duplicate r+s"],
    ],
    [
      "never coalesce",
      { asked: [hours(3, 6), hours(6, 7)], runs: [run("r", 1, 4)] },
      ["blocked 1", "queued 2"],
    ],
    ["touching is no overlap", { asked: [hours(4, 6)], runs: [run("r", 1, 4)] }, ["queued 1"]],
  ])("%s", (_what, one, outcomes) => {
    expect(outcomesOf(one)).toEqual(outcomes);
  });

  it("name the run and the shared part of a blocked window", () => {
    const [outcome] = received({ asked: [hours(3, 6)], runs: [run("r", 1, 4)] }).outcomes;
    expect(outcome).toMatchObject({
      overlaps: [{ run: "r", start: "1970-01-01T03:00:00Z", end: "1970-01-01T04:00:00Z" }],
    });
  });
});

describe("coalescing", () => {
  it.each<[string, Case, string[]]>([
    ["overlapping windows", { asked: [hours(1, 3), hours(2, 4)] }, ["queued 1", "coalesced 1"]],
    ["adjoining windows", { asked: [hours(1, 2), hours(2, 3)] }, ["queued 1", "coalesced 1"]],
    ["a window around a queued one", { asked: [hours(0, 9)], book: [queued(7, 1, 4)] }, ["coalesced 7"]],
    ["not over a gap", { asked: [hours(1, 2), hours(2.05, 3)] }, ["queued 1", "queued 2"]],
    [
      "over a gap that may be closed",
      { asked: [hours(1, 2), hours(2.05, 3)], rules: { coalesceMs: 300_000 } },
      ["queued 1", "coalesced 1"],
    ],
    [
      "not over a longer gap",
      { asked: [hours(1, 2), hours(2.1, 3)], rules: { coalesceMs: 300_000 } },
      ["queued 1", "queued 2"],
    ],
    ["not with other options", { asked: [hours(3, 6)], book: [queued(7, 1, 4, { key: "x" })] }, ["queued 8"]],
    [
      "not with a started window",
      { asked: [hours(3, 6)], book: [queued(7, 1, 4, { mayGrow: false })] },
      ["queued 8"],
    ],
    ["up to 7 days", { asked: [hours(0, 160), hours(160, 168)] }, ["queued 1", "coalesced 1"]],
    ["not beyond 7 days", { asked: [hours(0, 160), hours(160, 169)] }, ["queued 1", "queued 2"]],
    [
      "not over a gap that a run sent",
      { asked: [hours(1, 2), hours(2.05, 3)], runs: [run("r", 2, 2.05)], rules: { coalesceMs: 300_000 } },
      ["queued 1", "queued 2"],
    ],
    [
      "two queued windows that a third joins",
      { asked: [hours(2, 3)], book: [queued(7, 1, 2), queued(8, 3, 4)] },
      ["coalesced 7"],
    ],
    [
      "nothing when two windows that may not grow further cover all",
      { asked: [hours(100, 200)], book: [queued(7, 0, 168), queued(8, 168, 300)] },
      ["duplicate 7+8"],
    ],
  ])("%s", (_what, one, outcomes) => {
    expect(outcomesOf(one)).toEqual(outcomes);
  });

  it("grows the oldest window to the union, and takes the other in", () => {
    const { grown, joined, outcomes } = received({
      asked: [hours(2, 3)],
      book: [queued(7, 1, 2), queued(8, 3, 4)],
    });
    expect(grown).toMatchObject([{ id: 7, startMs: HOUR, endMs: 4 * HOUR, endExclusive: true }]);
    expect(joined).toEqual([{ id: 8, into: 7 }]);
    expect(outcomes).toMatchObject([{ start: "1970-01-01T01:00:00Z", end: "1970-01-01T04:00:00Z" }]);
  });

  it("gives up the part that a window shares with one which may not grow so far", () => {
    const { added } = received({ asked: [hours(100, 200)], book: [queued(7, 0, 150)] });
    expect(added).toMatchObject([{ startMs: 150 * HOUR, endMs: 200 * HOUR }]);
  });

  it("lets later windows of a request see what earlier ones changed", () => {
    const { added, grown, joined } = received({
      asked: [hours(5, 6), hours(1, 2), hours(2, 5), hours(0, 6)],
    });
    expect(grown).toMatchObject([{ id: 1, startMs: 0, endMs: 6 * HOUR }]);
    expect(joined).toEqual([{ id: 2, into: 1 }]);
    expect(added.map(({ id }) => id)).toEqual([1, 2]);
  });
});

describe("the order of checks", () => {
  const invalid: AskedWindow = {
    kind: "invalid",
    errors: [{ pointer: "#/windows/0/end", detail: "is wrong" }],
  };

  it("drops invalid, old and too many windows before it looks for duplicates", () => {
    const one: Case = {
      asked: [invalid, hours(1, 2), hours(48, 49), hours(48, 49), hours(60, 61), hours(48, 49)],
      rules: { oldestEnd: DAY, source: "live", perSourcePerMinute: 3 },
    };
    expect(outcomesOf(one)).toEqual([
      "dropped invalid",
      "dropped too_old",
      "queued 1",
      "duplicate 1",
      "queued 2",
      "dropped rate_limited",
    ]);
    expect(received(one).counted).toBe(3);
  });

  it("names the seconds after which the source may ask again", () => {
    const one: Case = {
      asked: [hours(1, 2)],
      rules: { source: "live", perSourcePerMinute: 2 },
      taken: [{ at: NOW - 20_500, count: 2 }],
    };
    expect(received(one).outcomes).toMatchObject([{ reason: "rate_limited", retry_after_seconds: 40 }]);
  });

  it("has no cap for a request that names no source", () => {
    const asked = Array.from({ length: 50 }, (_, n) => hours(2 * n, 2 * n + 1));
    expect(received({ asked, rules: { perSourcePerMinute: 1 } }).added).toHaveLength(50);
  });
});

describe("a series", () => {
  it.each<[string, Case, string[]]>([
    ["is queued, however long", { asked: [series(0, 90_000)] }, ["queued 1"]],
    [
      "is a duplicate inside another series",
      { asked: [series(0, 90_000), series(5, 40_000)] },
      ["queued 1", "duplicate 1"],
    ],
    [
      "holds windows of later requests",
      { asked: [series(0, 90_000), hours(5, 6)] },
      ["queued 1", "duplicate 1"],
    ],
    ["never grows", { asked: [series(0, 48), hours(47, 50)] }, ["queued 1", "queued 2"]],
    [
      "is a duplicate with skip_sent when runs cover all of it",
      {
        asked: [series(0, 48)],
        runs: [run("r", 0, 24), run("s", 24, 48), run("t", 48, 50)],
        rules: { skipSent: true },
      },
      ["duplicate r+s"],
    ],
    [
      "is queued when runs cover only a part",
      { asked: [series(0, 48)], runs: [run("r", 0, 24)], rules: { skipSent: true } },
      ["queued 1"],
    ],
  ])("%s", (_what, one, outcomes) => {
    expect(outcomesOf(one)).toEqual(outcomes);
  });
});
