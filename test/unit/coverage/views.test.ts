// The answers about a range: its files by page, and the text when there is no live worker.
import { expect, it } from "vitest";
import { DAY, HOUR, delivered, keyOf, objectsOf } from "../../support/coverage-bucket.ts";
import { CoverageUnderTest } from "../../support/coverage-driver.ts";
import { fakeBucket, sortedOf, type FakeObject } from "../../../bench/bucket/fake-bucket.ts";
import { manyMarkers } from "../../../bench/bucket/many-markers.ts";

const START = Date.parse("2026-04-22T00:00:00Z");
const NOW = START + 10 * DAY;

function underTest(objects: readonly FakeObject[]): CoverageUnderTest {
  const sorted = sortedOf(objects);
  return new CoverageUnderTest(
    fakeBucket(() => [sorted]),
    () => NOW,
  );
}

it("gives the files of a range page by page, each once, in the order of time", async () => {
  const files = 12_000;
  const rooms = manyMarkers({ startMs: START, everyMs: DAY / files, files, batches: 1 });
  const coverage = new CoverageUnderTest(
    fakeBucket(() => rooms),
    () => NOW,
  );
  const range = { startMs: START + HOUR + 1_000, endMs: START + DAY };
  await coverage.seen(range);
  const keys: string[] = [];
  const pages: number[] = [];
  for (let after: string | null = null, n = 0; n < 10; n += 1) {
    const page = coverage.window(range, after);
    pages.push(page.files.length);
    keys.push(...page.files.map(({ key }) => key));
    after = page.next;
    if (after === null) break;
  }
  const expected = Array.from({ length: files }, (_, n) => rooms[0].at(n).key).slice(files / 24);
  expect(keys).toEqual(expected);
  expect(pages).toEqual([5_000, 5_000, expected.length - 10_000]);
});

it("shows raw files and says so where no live worker left a marker", async () => {
  const objects = objectsOf(delivered(START, 24, 0));
  const view = await underTest(objects).seen({ startMs: START, endMs: START + 3 * HOUR });
  expect(view).toMatchObject({
    states: "?".repeat(24) + "e".repeat(12),
    holes: [],
    oldest_evidence: null,
    complete: true,
    live: { seen: false, note: expect.stringContaining("no marker below LIVE_PREFIX"), foreign_keys: {} },
  });
});

it("shows cells before the oldest marker of the bucket as unknown", async () => {
  const files = delivered(START, 36).map((file, n) => (n < 20 ? { ...file, done: [] } : file));
  const view = await underTest(objectsOf(files)).seen({ startMs: START, endMs: START + 2 * HOUR });
  expect(view.states).toBe("?".repeat(20) + "dddd");
  expect(view.oldest_evidence).toBe("2026-04-22T01:40:00Z");
});

it("knows the oldest marker although it lies outside of the range", async () => {
  const files = delivered(START, 36).map((file, n) => (n >= 12 && n < 24 ? { ...file, done: [] } : file));
  const view = await underTest(objectsOf(files)).seen({ startMs: START + HOUR, endMs: START + 2 * HOUR });
  expect(view.states).toBe("n".repeat(12));
  expect(view.oldest_evidence).toBe("2026-04-22T00:00:00Z");
});

it("lists at most a hundred missing indexes, whatever a marker's index is", async () => {
  const key = keyOf({ startMs: START });
  const coverage = underTest(objectsOf([{ startMs: START, done: [0, 999_999_999] }]));
  const range = { startMs: START, endMs: START + HOUR };
  await coverage.seen(range, "exact");
  const [file] = coverage.files(range).files;
  expect(file).toMatchObject({ key, state: "partly", done: 2 });
  expect(file?.missing).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
});

it("takes few lists for a day and few for an hour", async () => {
  const files = 2_000;
  const rooms = manyMarkers({
    startMs: START,
    everyMs: DAY / files,
    files,
    batches: 50,
    hole: [1_000, 1_065],
  });
  const bucket = fakeBucket(() => rooms);
  const coverage = new CoverageUnderTest(bucket, () => NOW);
  const view = await coverage.seen({ startMs: START, endMs: START + DAY });
  expect(view.holes).toHaveLength(1);
  const presence = bucket.asked.length;
  expect(presence).toBeLessThanOrEqual(45);
  await coverage.seen({ startMs: START, endMs: START + DAY }, "exact");
  // 96,750 markers.
  expect(bucket.asked.length - presence).toBeLessThanOrEqual(100 + 5);
});
