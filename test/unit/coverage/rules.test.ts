// The pure rules of coverage, each by a table or against a plain reference.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factsOf, packFacts, unpackFacts } from "../../../durable-objects/coverage/rules/cells.ts";
import {
  byStart,
  packFile,
  unpackFile,
  verdictsOf,
  type CoveredFile,
  type Marks,
} from "../../../durable-objects/coverage/rules/covered-files.ts";
import {
  evidenceOf,
  joined,
  missingRanges,
  type SeenMarker,
} from "../../../durable-objects/coverage/rules/evidence.ts";
import { gather, nothingGathered } from "../../../durable-objects/coverage/rules/gather.ts";
import { cellIn, hoursOf, newestRun, staleness } from "../../../durable-objects/coverage/rules/hours.ts";
import {
  markerListsOf,
  readMarkerPage,
  type MarkerList,
} from "../../../durable-objects/coverage/rules/marker-lists.ts";
import { probePrefixes, readProbe } from "../../../durable-objects/coverage/rules/probe.ts";
import { safeKeyOf } from "../../../src/contract/live.ts";
import { CELL, DAY, HOUR, keyOf } from "../../support/coverage-bucket.ts";

const START = Date.parse("2026-04-22T14:00:00Z");
const NOW = START + 2 * DAY;

describe("evidence", () => {
  const markers: fc.Arbitrary<SeenMarker[]> = fc.array(
    fc.record({
      index: fc.nat({ max: 12 }),
      kind: fc.constantFrom("done" as const, "waiting" as const),
      uploadedAt: fc.nat(),
    }),
  );
  const expand = (ranges: readonly (readonly [number, number])[]): number[] =>
    ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));

  it("is the same for markers of one page and of two", () => {
    fc.assert(
      fc.property(markers, markers, (one, other) => {
        const whole = evidenceOf([...one, ...other]);
        const both = joined(evidenceOf(one), evidenceOf(other));
        // A batch may be waiting on one page and done on the other. The joined evidence then no longer has the time
        // of this batch alone.
        expect({ ...both, waitingSince: 0 }).toEqual({ ...whole, waitingSince: 0 });
        const done = new Set(
          [...one, ...other].filter(({ kind }) => kind === "done").map(({ index }) => index),
        );
        expect(expand(whole.done)).toEqual([...done].sort((a, b) => a - b));
        const all = new Set([...one, ...other].map(({ index }) => index));
        const missing = Array.from({ length: Math.max(-1, ...all) + 1 }, (_, n) => n).filter(
          (n) => !all.has(n),
        );
        expect(expand(missingRanges(whole))).toEqual(missing);
      }),
    );
  });

  it("holds indexes of any size in few ranges", () => {
    const evidence = evidenceOf([{ index: 999_999_999, kind: "done", uploadedAt: 1 }]);
    expect(missingRanges(evidence)).toEqual([[0, 999_999_998]]);
  });
});

function fileAt(n: number, marks: Marks, size = 1_000): CoveredFile {
  const startMs = START + n * 30_000;
  return {
    key: keyOf({ startMs, name: `f${n}` }),
    size,
    uploadedAt: startMs,
    startMs,
    endMs: startMs + 30_000,
    marks,
  };
}

function batches(count: number): Marks {
  return evidenceOf(
    Array.from({ length: count }, (_, index) => ({ index, kind: "done" as const, uploadedAt: 1 })),
  );
}

describe("a file with few batches", () => {
  it.each([
    ["half of its neighbours' batches per byte", 5, 1_000, "full"],
    ["less than half", 4, 1_000, "part"],
    ["as few as its size explains", 4, 400, "full"],
    ["fewer than its size explains", 9, 2_000, "part"],
  ])("is judged by its neighbours: %s", (_name, count, size, verdict) => {
    const files = [0, 1, 2, 3, 4].map((n) =>
      n === 2 ? fileAt(n, batches(count), size) : fileAt(n, batches(10)),
    );
    expect(verdictsOf(files)[2]).toBe(verdict);
  });

  it("is not judged by fewer than three neighbours", () => {
    expect(verdictsOf([fileAt(0, batches(10)), fileAt(1, batches(1)), fileAt(2, batches(10))])).toEqual([
      "full",
      "full",
      "full",
    ]);
  });

  it("is not judged by files that lack a batch themselves", () => {
    const gap: Marks = evidenceOf([{ index: 30, kind: "done", uploadedAt: 1 }]);
    expect(verdictsOf([fileAt(0, gap), fileAt(1, gap), fileAt(2, gap), fileAt(3, batches(3))])[3]).toBe(
      "full",
    );
  });
});

describe("hours", () => {
  it.each([
    ["never looked at", null, 0, "due"],
    ["looked at before a refresh", NOW - 1, NOW, "due"],
    ["looked at a day after its end", START + HOUR + DAY, 0, null],
    ["looked at earlier, five minutes ago", NOW - 300_000, 0, "aged"],
    ["looked at in the future", NOW + 1, 0, "aged"],
  ])("are due again: %s", (_name, rawAt, dueAt, kind) => {
    const hour = (rawAt === START + HOUR + DAY ? START : NOW) / HOUR;
    expect(staleness(Math.floor(hour), { rawAt, dueAt }, NOW)).toBe(kind);
  });

  it("are fresh for five minutes", () => {
    expect(staleness(NOW / HOUR, { rawAt: NOW - 299_999, dueAt: 0 }, NOW)).toBeNull();
  });

  it("of a range are those that share an instant with it", () => {
    const first = START / HOUR;
    expect(hoursOf({ startMs: START, endMs: START + HOUR })).toEqual([first]);
    expect(hoursOf({ startMs: START, endMs: START + HOUR + 1 })).toEqual([first, first + 1]);
    expect(hoursOf({ startMs: START + 5, endMs: START + 5 })).toEqual([first]);
  });

  it("have twelve cells, and instants outside belong to the nearest one", () => {
    const hour = START / HOUR;
    expect([-1, 0, CELL - 1, CELL, HOUR - 1, HOUR].map((ms) => cellIn(hour, START + ms))).toEqual([
      0, 0, 0, 1, 11, 11,
    ]);
  });

  it("are taken newest first, as far as they adjoin", () => {
    expect(newestRun([3, 9, 8, 1, 10, 9], 10)).toEqual([8, 9, 10]);
    expect(newestRun([3, 9, 8, 10], 2)).toEqual([9, 10]);
    expect(newestRun([], 2)).toEqual([]);
  });
});

describe("the looks for some files", () => {
  /** The lists that find exactly the wanted files, over all keys of the bucket. */
  it("cover the markers of every wanted file, in few key ranges", () => {
    const hour = START / HOUR;
    const files = Array.from({ length: 120 }, (_, n) => fileAt(n, "some")).sort(byStart);
    const wanted = new Set(files.filter((_, n) => n < 30 || n === 90).map(({ key }) => key));
    const gathered = gather(nothingGathered(), hour, files, ({ key }) => wanted.has(key), 10);
    const looks = markerListsOf(gathered, "exact", "processed/");
    for (const key of wanted) {
      const marker = `processed/${safeKeyOf(key)}-7.txt.done`;
      expect(
        looks.filter((look) => holds(look, marker)),
        key,
      ).toHaveLength(1);
    }
    // Three pieces of the first thirty files, and the file that is far from the others.
    expect(looks).toHaveLength(4);
    expect(looks.at(0)?.prefix).toBe(`processed/${safeKeyOf(files[90]?.key ?? "")}-`);
  });

  function holds({ prefix, startAfter, stopAt }: MarkerList, key: string): boolean {
    return (
      key.startsWith(prefix) &&
      (startAfter === null || key > startAfter) &&
      (stopAt === null || key <= stopAt)
    );
  }

  it("end where the page is beyond the range, and go on behind a prefix", () => {
    const look: MarkerList = {
      id: 0,
      mode: "presence",
      prefix: "p/l",
      startAfter: null,
      stopAt: "p/lb-\u{10ffff}",
    };
    const page = { keys: [], prefixes: ["p/la-", "p/lb-"], truncated: true };
    const read = readMarkerPage(look, page, "p/");
    expect([...read.seen]).toEqual([["la", true], ["lb", true]]); // prettier-ignore
    expect(read.left?.startAfter).toBe("p/lb-\u{10ffff}");
    const beyond = readMarkerPage(look, { ...page, prefixes: ["p/lb-", "p/lc-"] }, "p/");
    expect([...beyond.seen.keys()]).toEqual(["lb"]);
    expect(beyond.left).toBeNull();
  });
});

describe("the probe", () => {
  it("asks for the first markers of each spelling, and reads their oldest start", () => {
    expect(probePrefixes("processed/", "logs/")).toEqual([
      "processed/logs_2",
      "processed/logs_date_2",
      "processed/",
    ]);
    const marker = (key: string) => `processed/${safeKeyOf(key)}-0.txt.done`;
    const keys = [
      marker(keyOf({ startMs: START })),
      marker(keyOf({ startMs: START - CELL })),
      "processed/readme",
    ];
    expect(readProbe(keys, "processed/", "logs/")).toEqual({
      seen: true,
      oldestMs: START - CELL,
      foreign: 1,
    });
    expect(readProbe(["processed/readme"], "processed/", "logs/")).toEqual({
      seen: false,
      oldestMs: null,
      foreign: 1,
    });
    expect(readProbe(["processed/a-0.txt"], "processed/", "logs/")).toEqual({
      seen: true,
      oldestMs: null,
      foreign: 0,
    });
  });
});

it("keeps files and figures unchanged in the short form of their rows", () => {
  const files = [fileAt(0, "unknown"), fileAt(1, "none"), fileAt(2, "some"), fileAt(3, batches(3))];
  expect(files.map((file) => unpackFile(packFile(file)))).toEqual(files);
  const facts = factsOf(START / HOUR, files, 7);
  expect(unpackFacts(packFacts(facts))).toEqual(facts);
});
