// Random buckets: states, holes, edges and figures equal those of a reference that looks at every key.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoSecond } from "../../../src/contract/run-id.ts";
import { CELL, DAY, HOUR, objectsOf, type SeededFile } from "../../support/coverage-bucket.ts";
import { CoverageUnderTest } from "../../support/coverage-driver.ts";
import { filesIn, oracleView } from "../../support/coverage-oracle.ts";
import { fakeBucket, sortedOf, type FakeObject } from "../../../bench/bucket/fake-bucket.ts";
import { dayOf } from "../../support/run-listing.ts";

const START = Date.parse("2026-04-22T21:00:00Z");
/** The length of the range. It lies over midnight, so that folders of two days are read. */
const HOURS = 5;
const RANGE = { startMs: START + 3 * CELL, endMs: START + HOURS * HOUR - 5 * CELL };
const NOW = START + 2 * DAY;
const SETTLE = 900_000;

/** Folders below the log prefix, for a file that starts at `ms`. */
const FOLDERS: ((ms: number) => string)[] = [
  (ms) => `${dayOf(ms)}/`,
  () => "",
  (ms) => `${dayOf(ms)}/${new Date(ms).toISOString().slice(11, 13)}/`,
  (ms) => `${new Date(ms).toISOString().slice(0, 10)}/`,
  (ms) => `date=${dayOf(ms)}/`,
  (ms) => `${new Date(ms).toISOString().slice(0, 10).replaceAll("-", "/")}/`,
];

interface Drawn {
  cell: number;
  offset: number;
  length: number;
  folder: number;
  dashed: boolean;
  batches: number;
  marks: "full" | "none" | "some" | "waiting";
  chosen: number;
  fresh: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  cell: fc.integer({ min: 0, max: HOURS * 12 - 1 }),
  offset: fc.constantFrom(0, 0, 30_000, 270_000),
  length: fc.constantFrom(0, 30_000, CELL, CELL, CELL, 2 * CELL, 90 * 60_000),
  folder: fc.nat({ max: FOLDERS.length - 1 }),
  dashed: fc.boolean(),
  batches: fc.integer({ min: 1, max: 13 }),
  marks: fc.constantFrom("full", "full", "full", "none", "some", "waiting"),
  chosen: fc.nat(),
  fresh: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

/** A file with markers always has the marker of its last batch. Without it, nothing in the names would show that the
 * batch exists. */
function fileOf(one: Drawn, n: number, folders: readonly number[]): SeededFile {
  const { cell, offset, length, folder, dashed, batches, marks, chosen, fresh } = one;
  const startMs = START + cell * CELL + offset;
  const all = Array.from({ length: batches }, (_, index) => index);
  const some = all.filter((index) => index === batches - 1 || ((chosen >> index) & 1) === 1);
  const rest = all.filter((index) => !some.includes(index));
  const recently = { uploadedAt: NOW - 60_000, markedAt: NOW - 30_000 };
  return {
    startMs,
    endMs: startMs + length,
    name: `${dashed ? "a-" : "b"}${n}`,
    folder: FOLDERS[folders[folder % folders.length] ?? 0]?.(startMs) ?? "",
    size: batches * 1_000,
    ...(marks === "full" && { done: all }),
    ...(marks === "some" && { done: some }),
    ...(marks === "waiting" && { done: rest, waiting: some }),
    ...(fresh && recently),
  };
}

const buckets = fc
  .record({
    files: fc.array(drawn, { maxLength: 60 }),
    // True: one file starts in each cell, so that `gather.ts` makes long groups of adjoining safe keys.
    dense: fc.boolean(),
    folders: fc.array(fc.nat({ max: FOLDERS.length - 1 }), { minLength: 1, maxLength: 2 }),
    page: fc.constantFrom(3, 7, 1_000),
  })
  .map(({ files, dense, folders, page }) => {
    const row: SeededFile[] = dense
      ? Array.from({ length: HOURS * 12 }, (_, n) => ({
          startMs: START + n * CELL,
          name: `row${n}`,
          folder: FOLDERS[folders[0] ?? 0]?.(START + n * CELL) ?? "",
          size: 2_000,
          done: n >= 20 && n < 26 ? [] : [0, 1],
        }))
      : [];
    const objects: FakeObject[] = objectsOf([...row, ...files.map((one, n) => fileOf(one, n, folders))]);
    const foreign = [
      "processed/a.txt",
      "processed/logs_20260422_x-1.txt.bak",
      "logs/readme.md",
      "logs/20260422/x.csv",
    ];
    objects.push(...foreign.map((key) => ({ key, size: 1, uploadedAt: START })));
    return { objects, page };
  });

function underTest({ objects, page }: { objects: FakeObject[]; page: number }): CoverageUnderTest {
  const sorted = sortedOf(objects);
  return new CoverageUnderTest(
    fakeBucket(() => [sorted], undefined, page),
    () => NOW,
    { settleMs: SETTLE },
  );
}

/** The key is the state of a cell before its markers are counted. The letters of the value are the states that the cell may
 * have afterwards. */
const UNCOUNTED: Record<string, string> = { d: "dtpws?", t: "dtpws?", s: "spw?" };

describe("coverage of a random bucket", () => {
  it("equals the reference in states, holes, edges and figures when every marker is counted", async () => {
    await fc.assert(
      fc.asyncProperty(buckets, async (bucket) => {
        const coverage = underTest(bucket);
        const view = await coverage.seen(RANGE, "exact", true);
        const oracle = oracleView(filesIn(bucket.objects), RANGE.startMs, RANGE.endMs, NOW, SETTLE);
        expect(view.complete).toBe(true);
        expect(view.states).toBe(oracle.states);
        expect(view.columns?.raw_files).toEqual(oracle.rawFiles);
        expect(view.columns?.done_batches).toEqual(oracle.doneBatches);
        const span = ([from, to]: [number, number]) => ({ start: isoSecond(from), end: isoSecond(to) });
        expect(view.holes).toEqual(
          oracle.holes.map(({ start, end, inner, outer, ...rest }) => ({
            kind: "not_delivered",
            ...span([start, end]),
            ...rest,
            inner: span(inner),
            outer: span(outer),
            replays: [],
          })),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("shows every file of a range once, with the indexes that its markers hold", async () => {
    await fc.assert(
      fc.asyncProperty(buckets, async (bucket) => {
        const coverage = underTest(bucket);
        const range = { startMs: START + HOUR + 60_000, endMs: START + 2 * HOUR };
        await coverage.seen(range, "exact");
        const shown = coverage.files(range);
        expect(shown.complete).toBe(true);
        const files = filesIn(bucket.objects).filter(
          ({ from, to }) => from < range.endMs && Math.max(to, from + 1) > range.startMs,
        );
        const names = { full: "delivered", part: "partly", none: "not_delivered", wait: "waiting" };
        const expected = files.map(({ key, is, done, waiting }) => ({
          key,
          state: names[is],
          done: done.size,
          waiting: waiting.size,
        }));
        const found = shown.files.map(({ key, state, done, waiting }) => ({ key, state, done, waiting }));
        const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);
        expect(found.toSorted(byKey)).toEqual(expected.toSorted(byKey));
      }),
      { numRuns: 60 },
    );
  });

  it("finds every cell without markers from presence alone, and counts each cell next to a hole", async () => {
    await fc.assert(
      fc.asyncProperty(buckets, async (bucket) => {
        const { states } = await underTest(bucket).seen(RANGE);
        const oracle = oracleView(filesIn(bucket.objects), RANGE.startMs, RANGE.endMs, NOW, SETTLE).states;
        for (const [n, letter] of oracle.split("").entries()) {
          const shown = states[n] ?? "";
          const isCounted = /[npw]/.test(`${states[n - 1] ?? ""}${shown}${states[n + 1] ?? ""}`);
          if (isCounted || letter === "n" || shown === "e") expect([n, shown]).toEqual([n, letter]);
          else expect(`${n} ${letter}`).toMatch(new RegExp(`^${n} [${UNCOUNTED[shown] ?? shown}]$`));
        }
      }),
      { numRuns: 100 },
    );
  });
});
