// Tests which R2 objects belong to a window, checked by an oracle that looks at every key, for any sizes and orders
// of pages.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ListingSpec } from "../../../src/listing/list-tasks.ts";
import { listAll } from "../../support/listing-driver.ts";
import { oracle } from "../../support/listing-oracle.ts";
import { HOUR, LIMITS, MIDNIGHT, MINUTE, START, dayOf, specOf, stampOf } from "../../support/run-listing.ts";

function found(keys: string[], spec: ListingSpec, limit = 1_000, limits = LIMITS): string[] {
  return listAll(keys, spec, limits, { limit: () => limit })
    .files.map((file) => file.key)
    .toSorted();
}

/** Names in every spelling around a window: in a day's folder, flat, in the folder of a neighbouring day. */
function someKeys(windowStart: number, windowEnd: number) {
  const at = fc.integer({ min: -70, max: Math.ceil((windowEnd - windowStart) / MINUTE) + 90 });
  const log = fc
    .record({
      at,
      seconds: fc.integer({ min: 0, max: 59 }),
      minutes: fc.integer({ min: 0, max: 25 }),
      place: fc.constantFrom("start_day", "end_day", "flat", "other_zone"),
      spelling: fc.constantFrom("_", "_", "_", "-", "single"),
      hash: fc.stringMatching(/^[0-9a-f]{6}$/),
    })
    .map(({ at: minute, seconds, minutes, place, spelling, hash }) => {
      const from = windowStart + minute * MINUTE + seconds * 1_000;
      const to = from + minutes * MINUTE;
      const stamps = spelling === "single" ? stampOf(from) : `${stampOf(from)}${spelling}${stampOf(to)}`;
      const folder = {
        start_day: `${dayOf(from)}/`,
        end_day: `${dayOf(to)}/`,
        flat: "",
        other_zone: `zone-b/${dayOf(from)}/`,
      }[place];
      return `logs/${folder}${stamps}_${hash}.log.gz`;
    });
  const oddity = fc.constantFrom(
    "logs/ownership-challenge-1.txt",
    `logs/${dayOf(windowStart)}/test.txt.gz`,
    `logs/${dayOf(windowStart)}/.recover-done-1`,
    `logs/${dayOf(windowStart)}/`,
    `logs/${dayOf(windowStart)}/zz.log.gz`,
    "logs/readme.txt",
    "logs/processed/a.txt",
    "other/file.txt",
    `other/${dayOf(windowStart)}/${stampOf(windowStart)}_x.log.gz`,
  );
  return fc.uniqueArray(fc.oneof({ weight: 8, arbitrary: log }, { weight: 1, arbitrary: oddity }), {
    maxLength: 60,
  });
}

describe("a listing pass", () => {
  it.each([
    ["in the afternoon", START, START + HOUR],
    ["of one second", START, START],
    ["that begins just after midnight", MIDNIGHT + 5 * MINUTE, MIDNIGHT + HOUR],
    ["that ends just before midnight", MIDNIGHT - HOUR, MIDNIGHT - 1_000],
    ["over midnight", MIDNIGHT - HOUR, MIDNIGHT + HOUR],
    ["of two days", MIDNIGHT - 24 * HOUR, MIDNIGHT + 24 * HOUR],
  ])("finds exactly the keys that a look at every key finds, over a window %s", (_when, startMs, endMs) => {
    const spec = specOf(startMs, endMs);
    fc.assert(
      fc.property(
        someKeys(startMs, endMs),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 5 }),
        (keys, sizes, atOnce) => {
          const limit = (page: number): number => sizes[page % sizes.length] ?? 1;
          // The random page sizes also choose which of the requested pages arrives next. So pages arrive in any order.
          const listed = listAll(keys, spec, LIMITS, {
            limit,
            arrives: (page) => limit(page * 7 + 3),
            atOnce,
          });
          const names = listed.files.map((file) => file.key);
          expect(names.toSorted()).toEqual(oracle(keys, spec, LIMITS));
        },
      ),
      { seed: 20260422, numRuns: 150 },
    );
  });

  it("reads folders that the run names, with their days and their flat names", () => {
    const spec = specOf(START, START + HOUR, { folders: ["zone-b/"] });
    fc.assert(
      fc.property(someKeys(START, START + HOUR), fc.integer({ min: 1, max: 9 }), (keys, limit) => {
        expect(found(keys, spec, limit)).toEqual(oracle(keys, spec, LIMITS));
      }),
      { seed: 3, numRuns: 150 },
    );
  });

  it("gives the same with every page size, because R2 decides where a page ends", () => {
    const keys = [...Array(40).keys()].map((n) => {
      const from = START - 30 * MINUTE + n * 3 * MINUTE;
      const stamps = n % 4 === 0 ? stampOf(from) : `${stampOf(from)}_${stampOf(from + 3 * MINUTE)}`;
      return `logs/${n % 3 === 0 ? "" : `${dayOf(from)}/`}${stamps}_${n}.log.gz`;
    });
    const spec = specOf(START, START + HOUR);
    const expected = oracle(keys, spec, LIMITS);
    expect(expected.length).toBeGreaterThan(20);
    for (let limit = 1; limit <= keys.length + 1; limit += 1)
      expect(found(keys, spec, limit)).toEqual(expected);
  });

  it("extends a single stamp to the next file's start, on whichever page that is", () => {
    const long = `logs/20260422/${stampOf(START - 40 * MINUTE)}_a.log.gz`;
    const next = `logs/20260422/${stampOf(START + 10 * MINUTE)}_b.log.gz`;
    const spec = specOf(START, START + HOUR);
    for (const limit of [1, 2, 3]) expect(found([long, next], spec, limit)).toEqual([long, next]);
    // Without a next file, the file covers only its span.
    expect(found([long], spec)).toEqual([]);
    // The next file may start after the window.
    const behind = `logs/20260422/${stampOf(START + 5 * HOUR)}_c.log.gz`;
    const last = `logs/20260422/${stampOf(START - 30 * MINUTE)}_d.log.gz`;
    for (const limit of [1, 2, 3]) expect(found([last, behind], spec, limit)).toEqual([last]);
  });

  it("never reads a day that the window does not touch", () => {
    const keys = [...Array(400).keys()].map((n) => {
      const from = START + (n - 200) * 24 * HOUR;
      return `logs/${dayOf(from)}/${stampOf(from)}_${stampOf(from + MINUTE)}_h.log.gz`;
    });
    const { files, pages } = listAll(keys, specOf(START, START + HOUR), LIMITS, { limit: () => 1_000 });
    expect(files).toHaveLength(1);
    expect(pages).toBeLessThan(30);
  });

  it("skips flat names of whole days, and still finds the folder after them", () => {
    const flat = [...Array(3_000).keys()].map((n) => {
      const from = START + (n - 1_500) * 30 * MINUTE;
      return `logs/${stampOf(from)}_${stampOf(from + MINUTE)}_h.log.gz`;
    });
    const keys = [...flat, "logs/zone-b/20260422T140000Z_20260422T140100Z_h.log.gz", "logs/zzz.txt"];
    const listed = listAll(keys, specOf(START, START + HOUR), LIMITS, { limit: () => 10 });
    expect(listed.named.get("folder_with_logs")).toEqual(["logs/zone-b/"]);
    expect(listed.named.get("other")).toEqual(["logs/zzz.txt"]);
    expect(listed.pages).toBeLessThan(200);
  });
});

describe("a key that is no log of the window", () => {
  const day = "logs/20260422/";
  it("is counted once by kind", () => {
    const keys = [
      "logs/ownership-challenge-8.txt",
      "logs/notes.txt",
      "logs/lost.log.gz",
      day,
      `${day}ownership-challenge-9.txt`,
      `${day}test.txt.gz`,
      `${day}.recover-done-20260422`,
      `${day}AAA`,
      `${day}mystery.log.gz`,
      `${day}20260422T140000Z_20260422T140030Z_h.log.gz.tmp`,
    ];
    for (const limit of [1, 2, 3, 1_000]) {
      const { named, files } = listAll(keys, specOf(START, START + HOUR), LIMITS, { limit: () => limit });
      expect(files).toEqual([]);
      expect(Object.fromEntries([...named].map(([kind, names]) => [kind, names.toSorted()]))).toEqual({
        ownership_challenge: ["logs/20260422/ownership-challenge-9.txt", "logs/ownership-challenge-8.txt"],
        other: [`${day}20260422T140000Z_20260422T140030Z_h.log.gz.tmp`, `${day}AAA`, "logs/notes.txt"],
        log_without_time: [`${day}mystery.log.gz`, "logs/lost.log.gz"],
        folder_marker: [day],
        logpush_test: [`${day}test.txt.gz`],
        recover_marker: [`${day}.recover-done-20260422`],
      });
    }
  });

  it("is named where no task of flat names reads it, and a log is read", () => {
    const spec = specOf(START, START + HOUR);
    const mystery = "logs/20260422Tmystery.log.gz";
    const late = `logs/${stampOf(START + 5 * HOUR)}_x.log.gz.tmp`;
    const within = `logs/${stampOf(START)}_x.log.gz.tmp`;
    const early = `logs/${stampOf(START - 3 * HOUR)}_${stampOf(START + 60_000)}_x.log.gz`;
    const odd = `logs/20260422Tpart_${stampOf(START + 60_000)}_${stampOf(START + 120_000)}_x.log.gz`;
    for (const limit of [1, 2, 1_000]) {
      const listed = listAll([mystery, late, within, early, odd], spec, LIMITS, { limit: () => limit });
      expect(listed.files.map((file) => file.key).toSorted()).toEqual([early, odd]);
      expect(listed.named.get("log_without_time")).toEqual([mystery]);
      expect(listed.named.get("other")?.filter((key) => key === within)).toEqual([within]);
    }
  });

  it("is named as a folder with logs or without, because only the first can hold lines", () => {
    const keys = [
      "logs/a/x.txt",
      "logs/zone-b/20260101/20260101T000000Z_20260101T000030Z_h.log.gz",
      "logs/zone-c/20260101T000000Z_h.log.gz",
    ];
    for (const limit of [1, 2, 1_000]) {
      const { named } = listAll(keys, specOf(START, START + HOUR), LIMITS, { limit: () => limit });
      expect(named.get("folder_with_logs")).toEqual(["logs/zone-b/", "logs/zone-c/"]);
      expect(named.get("folder_without_logs")).toEqual(["logs/a/"]);
    }
  });

  it("is not named when it lies in a folder that the run reads, or on the way to it", () => {
    const keys = ["logs/eu/zone-b/20260422/20260422T140000Z_20260422T140030Z_h.log.gz"];
    const spec = specOf(START, START + HOUR, { folders: ["eu/zone-b/"] });
    const { named, files } = listAll(keys, spec, LIMITS, { limit: () => 1 });
    expect(files.map((file) => file.key)).toEqual(keys);
    expect(named.get("folder_with_logs")).toBeUndefined();
  });

  it("is ignored when a backfill wrote it and the prefix is the whole bucket", () => {
    const keys = [
      "processed-backfill/x/20260422T140000Z_20260422T140030Z_h.log.gz",
      "backfill-reports/x/20260422T140000Z_h.log.gz",
      "20260422/20260422T140000Z_20260422T140030Z_h.log.gz",
    ];
    const spec = specOf(START, START + HOUR, { logPrefix: "" });
    const { files, named } = listAll(keys, spec, LIMITS, { limit: () => 2 });
    expect(files.map((file) => file.key)).toEqual([keys[2]]);
    expect(named.size).toBe(0);
  });

  it.each([
    ["", "markers/"],
    ["logs/", "logs/markers/"],
  ])(
    "is ignored below LOG_PREFIX %j when the live worker writes its markers there, below %j",
    (logPrefix, livePrefix) => {
      // More keys than the pages that a run reads in search of a log.
      const markers = Array.from(
        { length: 300 },
        (_, n) => `${livePrefix}${logPrefix}a_log_gz-${n}.txt.done`,
      );
      const log = `${logPrefix}20260422/20260422T140000Z_20260422T140030Z_h.log.gz`;
      const spec = specOf(START, START + HOUR, { logPrefix, livePrefix });
      const { files, named } = listAll([log, ...markers].toSorted(), spec, LIMITS, { limit: () => 1 });
      expect(files.map((file) => file.key)).toEqual([log]);
      expect(named.size).toBe(0);
      const { livePrefix: _absent, ...older } = spec;
      expect(listAll([log, ...markers].toSorted(), older, LIMITS, { limit: () => 1 }).named.size).toBe(1);
    },
  );
});

describe("the range of a file", () => {
  it("widens the lookback when it is longer than that", () => {
    const spec = specOf(START, START + HOUR);
    const lookAgain = (hours: number, lookbackMs = HOUR): number | null => {
      const key = `logs/20260422/${stampOf(START - MINUTE)}_${stampOf(START - MINUTE + hours * HOUR)}_a.log.gz`;
      return listAll([key], spec, { ...LIMITS, lookbackMs }, { limit: () => 9 }).lookAgainMs;
    };
    // A lookback of an hour also lists the day before.
    expect(lookAgain(12)).toBeNull();
    expect(lookAgain(13)).toBe(26 * HOUR);
    expect(lookAgain(24)).toBe(48 * HOUR);
    expect(lookAgain(24, 48 * HOUR)).toBeNull();
    expect(lookAgain(500)).toBe(7 * 24 * HOUR);
    expect(lookAgain(500, 7 * 24 * HOUR)).toBeNull();
  });

  it("is read with its two times in either order", () => {
    const key = `logs/20260422/${stampOf(START + 5 * MINUTE)}_${stampOf(START + 4 * MINUTE)}_h.log.gz`;
    const { files } = listAll([key], specOf(START, START + HOUR), LIMITS, { limit: () => 5 });
    expect(files[0]).toMatchObject({ rangeStart: START + 4 * MINUTE, rangeEnd: START + 5 * MINUTE });
  });

  it("touches the window at both edges", () => {
    const before = `logs/20260422/${stampOf(START - MINUTE)}_${stampOf(START)}_a.log.gz`;
    const after = `logs/20260422/${stampOf(START + HOUR + LIMITS.marginMs)}_${stampOf(START + 3 * HOUR)}_b.log.gz`;
    const outside = `logs/20260422/${stampOf(START + HOUR + LIMITS.marginMs + 1_000)}_${stampOf(START + 3 * HOUR)}_c.log.gz`;
    expect(found([before, after, outside], specOf(START, START + HOUR))).toEqual([before, after]);
  });
});
