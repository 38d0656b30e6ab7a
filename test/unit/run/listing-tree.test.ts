// Random trees of names, checked by an oracle that looks at every key. Each key that might contain a record of the
// window must be read, or reported for an operator's decision.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codesOfKeys } from "../../../src/listing/key-codes.ts";
import { MAX_LOOKED } from "../../../src/listing/pass.ts";
import { listFully, type Listed } from "../../support/listing-driver.ts";
import { verdicts } from "../../support/listing-oracle.ts";
import { HOUR, LIMITS, MIDNIGHT, MINUTE, START, dayOf, specOf, stampOf } from "../../support/run-listing.ts";

/** Spellings of a day `days` after the window's. */
function dayNames(days: number): string[] {
  const day = dayOf(START, days);
  const dashed = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  return [day, dashed, dashed.replaceAll("-", "/"), `date=${day}`, `date=${dashed}`];
}

const hour = fc.constantFrom("00", "14", "15", "23", "1400", "2300", "hour=14", "hour=05");
const oddFolder = fc.constantFrom(
  "5", "24", "2", "9ab1", "h21", "2026", "2025", "202604", "04", "20261399", "12340101", "1700000000", "~", "-", "_",
  "a", "eu", "edge", "zone b", "20260422-eu", "20260422_eu", "20260422T14", "20260422T140000Z", "hour=24", "date=",
  "date=20269999", "processed", "backfill-reports", "example.com", "", "日本", "！", "😀", "\u{10ffff}", "é",
); // prettier-ignore
const folder = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 2 }).chain((days) => fc.constantFrom(...dayNames(days))) },
  { weight: 1, arbitrary: fc.integer({ min: -400, max: 40 }).chain((days) => fc.constantFrom(...dayNames(days))) },
  { weight: 2, arbitrary: hour },
  { weight: 2, arbitrary: oddFolder },
  { weight: 1, arbitrary: fc.constantFrom("edge", "eu", "eu/http", "x") },
); // prettier-ignore

const stamps = fc
  .record({
    at: fc.oneof(
      fc.integer({ min: -90, max: 90 }),
      fc.integer({ min: -3_000, max: 3_000 }),
      fc.integer({ min: -20_000, max: 100 }),
    ),
    minutes: fc.constantFrom(0, 1, 5, 150, 1_440, 4_320, -1),
    spelling: fc.constantFrom("_", "_", "_", "-", "single"),
  })
  .map(({ at, minutes, spelling }) => {
    const from = START + at * MINUTE;
    return spelling === "single"
      ? stampOf(from)
      : stampOf(from) + spelling + stampOf(from + minutes * MINUTE);
  });
const name = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "", "", "x_", "part-"),
        stamps,
        fc.constantFrom("_a.log.gz", "_b.log.gz", "_c.log"),
      )
      .map((parts) => parts.join("")),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "9999.log",
      "mystery.log.gz",
      "20260422-140000.log.gz",
      "20260401-140000.log.gz",
      "app-2026-04-22.log",
      "app-2025-04-22.log",
      "20260422Tmystery.log.gz",
      "😀.log",
      `${stampOf(START)}_x.log.gz.tmp`,
      "ownership-challenge-1.txt",
      "test.txt.gz",
      ".recover-done-1",
      "",
      "AAA",
      "~",
    ),
  },
);
/** A place that is read, or a similar place: a layout, perhaps an hour, a name near the window. */
const inLayout = fc
  .tuple(
    fc.constantFrom("", "", "", "edge/", "eu/", "x"),
    fc.integer({ min: -2, max: 2 }).chain((days) => fc.constantFrom(...dayNames(days))),
    fc.constantFrom("", "", "/eu", "/edge", "/http", "/a/eu"),
    fc.oneof(
      fc.constant(""),
      hour.map((one) => `/${one}`),
    ),
    name,
  )
  .map(([before, day, after, hours, last]) => `logs/${before}${day}${after}${hours}/${last}`);
const anywhere = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.constant("logs/") },
      { weight: 1, arbitrary: fc.constantFrom("", "logs2/") },
    ),
    fc.array(folder, { maxLength: 4 }),
    name,
  )
  .map(([prefix, between, last]) => prefix + [...between, last].join("/"))
  .filter((key) => key !== "" && !key.startsWith("/"));
const tree = fc.uniqueArray(fc.oneof(inLayout, anywhere), { maxLength: 40 });
const window = fc.constantFrom<[number, number][]>(
  [START, START + HOUR],
  [START, START],
  [MIDNIGHT - HOUR, MIDNIGHT + HOUR],
  [MIDNIGHT + 5 * MINUTE, MIDNIGHT + HOUR],
  [MIDNIGHT - 24 * HOUR, MIDNIGHT + 24 * HOUR],
);
const folders = fc.constantFrom<string[]>(
  [],
  ["edge/"],
  ["{DATE}/eu/"],
  ["eu/{DATE}/"],
  ["edge/", "eu/{DATE}/http/"],
  ["date={DATE}/edge/"],
  ["eu/http/"],
  ["x{DATE}/", "{DATE}/a/eu/"],
);

/** Whether the run reports the key, or a folder above it, as a kind of key that stops the run. */
function needsWord({ named }: Listed, key: string): boolean {
  return [...named].some(([kind, names]) => {
    const [code] = codesOfKeys([{ kind, count: 1, examples: [] }]);
    return (
      code !== undefined && names.some((one) => one === key || (one.endsWith("/") && key.startsWith(one)))
    );
  });
}

function namedMoreThanOnce({ named }: Listed): string[] {
  return [...named].flatMap(([, names]) => names.filter((one, n) => names.indexOf(one) !== n));
}

const isLog = (key: string): boolean => /\.log(\.gz)?$/.test(key);

/** Each named key must be a log that is not read. */
function idleWords({ named }: Listed, keys: readonly string[]): string[] {
  const inFolders = (named.get("folder_with_logs") ?? []).filter(
    (one) => !keys.some((key) => key.startsWith(one) && isLog(key)),
  );
  const inRoots = (named.get("log_without_time") ?? []).filter(
    (key) => !isLog(key) || /\d{8}T\d{6}Z/.test(key.slice(key.lastIndexOf("/"))),
  );
  return [...inFolders, ...inRoots];
}

describe("every key below the prefix", () => {
  it.each([
    ["with R2's own pages", fc.constant([1_000])],
    ["whatever the pages are", fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 })],
  ])("is read, or is named for an operator, or cannot hold a record: %s", (_how, sizesOf) => {
    fc.assert(
      fc.property(
        tree, window, folders, fc.constantFrom("logs/", ""), sizesOf, fc.integer({ min: 1, max: 5 }),
        (keys, [startMs, endMs], named, logPrefix, sizes, atOnce) => {
          const spec = specOf(startMs, endMs, { folders: named, logPrefix });
          const limit = (page: number): number => sizes[page % sizes.length] ?? 1;
          // The sizes decide the order too: any page that was requested may arrive first.
          const arrives = (page: number): number => limit(page * 7 + 3);
          const listed = listFully(keys, spec, LIMITS, { limit, arrives, atOnce });
          const files = listed.files.map(({ key }) => key);
          expect(new Set(files).size).toBe(files.length);
          const judged = verdicts(keys, spec, listed.limits);
          const missed = judged.filter(({ key, is }) => is === "read" && !files.includes(key));
          expect(missed).toEqual([]);
          const silent = judged.filter(({ key, is }) => is === "word" && !needsWord(listed, key));
          expect(silent).toEqual([]);
          expect(namedMoreThanOnce(listed)).toEqual([]);
          expect(idleWords(listed, keys)).toEqual([]);
          expect(listed.looked).toBeLessThanOrEqual(MAX_LOOKED);
          expect(listed.named.has("not_looked_through")).toBe(false);
        },
      ),
      { numRuns: 400 },
    ); // prettier-ignore
  });
});
