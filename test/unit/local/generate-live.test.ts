// Compares the expected result that the generator wrote about its live worker with a simple count of the files and
// markers on disk.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../local/command-line.ts";
import { readLiveOptions } from "../../../local/generate/live-flags.ts";
import type { LiveOptions } from "../../../local/generate/live-plan.ts";
import { readLiveTruth, type LiveFileTruth } from "../../../local/generate/live-truth.ts";
import { generateLogs, type SampleLogsOptions } from "../../../local/generate/sample-logs.ts";
import {
  LIVE_SIZES,
  markerPrefix,
  readAnyMarker,
  readMarker,
  safeKeyOf,
} from "../../../src/contract/live.ts";
import { tempDir } from "../../support/stack.ts";

const at = (text: string) => Date.parse(`2026-04-${text}Z`) / 1_000;
const iso = (text: string) => `2026-04-${text}Z`;

async function bucketOf(live: LiveOptions, options: Partial<SampleLogsOptions> = {}) {
  const dir = await tempDir();
  const outDir = join(dir, "in");
  const startMs = at("22T00:00:00") * 1_000;
  const endMs = at("22T03:00:00") * 1_000;
  const base = { outDir, startMs, endMs, files: 180, lines: 12, records: "small", gzipLevel: 1 } as const;
  const logs = await generateLogs({ ...base, ...options, live: { batchSize: 5, ...live } });
  const truth = await readLiveTruth(logs.liveTruthPath ?? "");
  const prefix = live.prefix ?? "processed/";
  const names = await readdir(join(outDir, prefix)).catch(() => []);
  return { outDir, truth, prefix, markers: names.map((name) => `${prefix}${name}`) };
}
type Bucket = Awaited<ReturnType<typeof bucketOf>>;

/** RayIDs of a file by what its markers say, with the names that the product reads. */
async function countedByMarkers({ outDir, truth, prefix, markers }: Bucket, { key }: LiveFileTruth) {
  const own = markerPrefix(prefix, key);
  const kinds = new Map(
    markers.flatMap((name) => {
      const marker = readMarker(own, name);
      return marker === null ? [] : [[marker.index, marker.kind] as const];
    }),
  );
  const counted = { done: [] as string[], waiting: [] as string[], none: [] as string[] };
  let record = 0;
  for (const line of gunzipSync(await readFile(join(outDir, key)))
    .toString()
    .split("\n")) {
    let value: { RayID?: string } | null;
    try {
      value = JSON.parse(line.trim()) as { RayID?: string } | null;
    } catch {
      continue;
    }
    const rayId = value?.RayID;
    if (rayId !== undefined)
      counted[kinds.get(Math.floor(record / truth.live_batch_size)) ?? "none"].push(rayId);
    record += 1;
  }
  return { records: record, ...counted };
}

describe("a live worker's bucket", () => {
  it("agrees with a plain count of records and markers, broken and odd lines included", async () => {
    const shares = { malformedShare: 0.1, nonObjectShare: 0.1, invalidTimestampShare: 0.1 };
    const holes = [{ from: at("22T01:00:00"), to: at("22T01:20:00") }];
    const live = { holes, partial: true, waiting: 3, gaps: 2, prefix: "live/done/" };
    const bucket = await bucketOf(live, shares);

    for (const file of bucket.truth.files) {
      const { records, done, waiting, none } = await countedByMarkers(bucket, file);
      expect(records).toBe(file.records);
      expect([done, waiting, none]).toEqual([
        file.delivered_ray_ids,
        file.waiting_ray_ids,
        file.missing_ray_ids,
      ]);
    }
    const letters = bucket.truth.files.map((file) => file.batches);
    expect(letters.filter((text) => text.includes("w"))).toHaveLength(3);
    expect(letters.filter((text) => /dn+d/.test(text))).toHaveLength(2);
    expect(letters.filter((text) => /^d+n+$/.test(text))).toHaveLength(1);
    expect(letters.filter((text) => /^n+d+$/.test(text))).toHaveLength(1);
    expect(letters.filter((text) => /^n+$/.test(text))).toHaveLength(18);
    expect(bucket.markers).toHaveLength(bucket.truth.markers);
    const bodies = bucket.markers
      .filter((name) => name.endsWith(".done"))
      .map((name) => join(bucket.outDir, name));
    expect(new Set(await Promise.all(bodies.map((path) => readFile(path, "utf8"))))).toEqual(new Set(["1"]));
  });

  it("names the cells and the edges of a hole between two files delivered in part", async () => {
    const { truth } = await bucketOf({
      holes: [{ from: at("22T01:13:00"), to: at("22T02:00:00") }],
      partial: true,
      expiredBefore: at("22T00:10:00"),
      lost: [{ from: at("22T00:30:00"), to: at("22T00:40:00") }],
      thin: [{ from: at("22T00:45:00"), to: at("22T00:50:00") }],
    });

    expect(truth).toMatchObject({
      start: iso("22T00:00:00"),
      end: iso("22T03:00:00"),
      states: `??ddddeedtddddpnnnnnnnnp${"d".repeat(12)}`,
    });
    expect(truth.holes).toEqual([
      {
        start: iso("22T01:10:00"),
        end: iso("22T02:00:00"),
        states: "pnnnnnnnnp",
        files: 47,
        bytes: expect.any(Number),
        inner: { start: iso("22T01:14:00"), end: iso("22T01:59:00") },
        outer: { start: iso("22T01:13:00"), end: iso("22T02:00:00") },
      },
    ]);
  });

  it("gives the files next to a hole numbers of batches that only one size explains", async () => {
    const live = {
      holes: [{ from: at("22T01:13:00"), to: at("22T02:00:00") }],
      partial: true,
      batchSize: 200,
    };
    const { truth } = await bucketOf(live, { lines: 1 });

    const after = truth.files.filter((file) => file.start >= iso("22T02:00:00") && file.records > 200);
    expect(after.length).toBeGreaterThanOrEqual(3);
    const fits = (size: number) =>
      after.every((file) => Math.ceil(file.records / size) === file.batches.length);
    const { min, max, step } = LIVE_SIZES;
    const sizes = Array.from({ length: (max - min) / step + 1 }, (_, index) => min + index * step);
    expect(sizes.filter(fits)).toEqual([200]);
  });

  it("tells a twin behind a hyphen, a file with the same safe key and foreign keys apart", async () => {
    const bucket = await bucketOf({ hyphenPairs: 2, sameSafeKey: true, foreign: true });
    const { files, foreign } = bucket.truth;

    expect(files).toHaveLength(183);
    expect(new Set(files.map((file) => file.key)).size).toBe(183);
    expect(files.filter((file) => file.key.includes("-"))).toHaveLength(4);
    expect(files.filter((file) => /^n+$/.test(file.batches))).toHaveLength(3);
    const keys = new Map(files.map((file) => [file.safe_key, file]));
    expect(keys.size).toBe(182);
    expect(files.every((file) => safeKeyOf(file.key) === file.safe_key)).toBe(true);
    const known = bucket.markers.filter((name) =>
      keys.has(readAnyMarker(bucket.prefix, name)?.safeKey ?? ""),
    );
    expect(known).toHaveLength(bucket.truth.markers);
    expect(bucket.markers.length).toBe(known.length + foreign);
    const rayIds = files.flatMap((file) => [...file.delivered_ray_ids, ...file.missing_ray_ids]);
    expect(new Set(rayIds).size).toBe(rayIds.length);
  });

  it("refuses a folder with markers of an earlier call, and files too short for their part", async () => {
    const { outDir } = await bucketOf({});
    const again = { outDir, startMs: 0, endMs: 60_000, files: 1, lines: 1, live: {} };
    await expect(generateLogs(again)).rejects.toThrow("is not empty");
    await expect(bucketOf({ gaps: 1, holeLines: [5] })).rejects.toThrow(
      "1 batch(es) of the live worker and needs 3",
    );
    const one = [{ from: at("22T01:00:00"), to: at("22T01:01:00") }];
    await expect(bucketOf({ holes: one, partial: true })).rejects.toThrow("a hole of one file");
  });
});

describe("the flags of a live worker", () => {
  it("reads spans and instants as the API does", () => {
    const hole = ["2026-04-22T22:00:00+08:00/2026-04-22T14:47:00Z"];
    expect(readLiveOptions({ live: true, hole, "hole-lines": "5,6" })).toEqual({
      prefix: "processed/",
      holes: [{ from: at("22T14:00:00"), to: at("22T14:47:00") }],
      holeLines: [5, 6],
    });
    expect(readLiveOptions({})).toBeNull();
  });

  it("refuses a flag without --live, a span that is none, and a prefix outside the directory", () => {
    const refused: [Parameters<typeof readLiveOptions>[0], string][] = [
      [{ partial: true }, "--partial needs --live"],
      [{ live: true, hole: ["2026-04-22T14:00:00Z"] }, "--hole needs START/END"],
      [{ live: true, lost: ["2026-04-22T14:00:00Z/2026-04-22T14:00:00Z"] }, "ends before it begins"],
      [{ live: true, thin: ["2026-04-22T14:00:00/2026-04-22T15:00:00Z"] }, '--thin "2026-04-22T14:00:00": '],
      [{ live: true, waiting: "-1" }, "--waiting needs a whole number"],
      ...["processed", "/", "../x/", "a/../b/", "a//b/", "./"].map(
        (prefix): [Parameters<typeof readLiveOptions>[0], string] => [
          { live: true, "live-prefix": prefix },
          "--live-prefix must be folders",
        ],
      ),
    ];
    for (const [values, message] of refused) {
      expect(() => readLiveOptions(values), JSON.stringify(values)).toThrow(UsageError);
      expect(() => readLiveOptions(values)).toThrow(message);
    }
  });
});
