// Compares the sample logs with an independent count. If the generator wrote a wrong expected result,
// every test that uses this result would be worthless.
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { recount } from "../../local/demo/recount.ts";
import { generateLogs } from "../../local/generate/sample-logs.ts";
import { readTruth, totalOf, type FileTruth } from "../../local/generate/truth.ts";
import { TIMESTAMP_FORMATS } from "../../local/generate/instant.ts";
import { WINDOW, sampleLogs, tempDir } from "../support/stack.ts";

async function collected(files: AsyncIterable<FileTruth>): Promise<FileTruth[]> {
  const list: FileTruth[] = [];
  for await (const file of files) list.push(file);
  return list;
}

test.each(TIMESTAMP_FORMATS)("agrees with a straightforward reader about %s logs", async (format) => {
  const options = {
    format,
    files: 3,
    lines: [900, 300, 700],
    invalidTimestampShare: 0.02,
    malformedShare: 0.01,
  };
  const { logsDir, files } = await sampleLogs(await tempDir(), options);

  const counted = await collected(recount(logsDir, Date.parse(WINDOW.start), Date.parse(WINDOW.end)));

  expect(counted).toEqual(files);
  const { dropped, malformed } = totalOf(files);
  expect(
    Math.min(dropped.not_top_level, dropped.invalid_timestamp, dropped.outside_window, malformed),
  ).toBeGreaterThan(0);
});

test("decides by a nanosecond at both edges of the window", async () => {
  const { files, logsDir } = await sampleLogs(await tempDir(), { files: 1, lines: 6 });

  const [file] = files;
  const text = gunzipSync(await readFile(join(logsDir, file?.key ?? ""))).toString();
  const kept = text
    .trimEnd()
    .split("\n")
    .filter((line) => file?.kept_ray_ids.some((rayId) => line.includes(`"RayID":"${rayId}"`)))
    .map((line) => /\d{19}/.exec(line)?.[0]);

  expect(kept).toEqual([
    "1776866400000000000",
    "1776866400000000001",
    "1776869999999999999",
    "1776870000000000000",
  ]);
});

test("writes records like real ones, half of them subrequests of a real parent", async () => {
  const { files, logsDir } = await sampleLogs(await tempDir(), { files: 1, lines: 4_000, gzipLevel: 6 });

  const [file] = files;
  const compressed = await readFile(join(logsDir, file?.key ?? ""));
  const lines = gunzipSync(compressed).toString().trimEnd().split("\n");
  const records = lines.map((line): Record<string, unknown> => JSON.parse(line));

  const rayIds = new Set(records.map((record) => record["RayID"]));
  expect(rayIds.size).toBe(records.length);
  const subrequests = records.filter((record) => record["WorkerSubrequest"] === true);
  expect(subrequests.length / records.length).toBeCloseTo(0.485, 1);
  expect(subrequests.slice(10).every((record) => rayIds.has(record["ParentRayID"]))).toBe(true);
  expect(Object.keys(records[0] ?? {}).length).toBeGreaterThan(60);
  expect(lines.join("\n").length / lines.length).toBeGreaterThan(2_100);
  expect(compressed.length / lines.length).toBeLessThan(300);
});

async function bytesOf(seed: number): Promise<Buffer> {
  const { logsDir, files } = await sampleLogs(await tempDir(), { files: 1, lines: 50, seed });
  return readFile(join(logsDir, files[0]?.key ?? ""));
}

test("gives the same bytes for the same seed, and others for another", async () => {
  const [first, again, other] = await Promise.all([bytesOf(7), bytesOf(7), bytesOf(8)]);

  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
});

async function keysIn(truthPath: string): Promise<string[]> {
  return (await collected(readTruth(truthPath))).map((file) => file.key);
}

test("names files by their range, in day folders or flat, and keeps the truth apart", async () => {
  const dir = await tempDir();
  const common = { files: 2, lines: 5, startMs: Date.parse(WINDOW.start), endMs: Date.parse(WINDOW.end) };

  const day = await generateLogs({ ...common, outDir: join(dir, "day") });
  const flat = await generateLogs({ ...common, outDir: join(dir, "flat"), layout: "flat" });

  expect(day.truthPath).toBe(join(dir, "day.truth.ndjson"));
  expect((await keysIn(day.truthPath))[0]).toMatch(
    /^logs\/20260422\/20260422T135900Z_20260422T143000Z_[0-9a-f]{8}\.log\.gz$/,
  );
  expect((await keysIn(flat.truthPath))[1]).toMatch(
    /^logs\/20260422T143000Z_20260422T150100Z_[0-9a-f]{8}\.log\.gz$/,
  );
});

const nameOf = (letter: string) => `20260422T140000Z_20260422T140500Z_${letter}.log`;
const recordOf = (n: number) =>
  JSON.stringify({ RayID: `ray-${n}`, ParentRayID: "00", EdgeStartTimestamp: 1_776_866_400 + n });

test("recounts plain files, lists, commas between records, and files behind a link", async () => {
  const dir = await tempDir();
  const records = Array.from({ length: 4 }, (_, n) => recordOf(n));
  const [day, elsewhere] = [join(dir, "in/logs/20260422"), join(dir, "elsewhere")];
  await Promise.all([mkdir(day, { recursive: true }), mkdir(elsewhere)]);
  await writeFile(join(day, nameOf("a")), records.join(",\n"));
  await writeFile(join(day, nameOf("b")), `[\n${records.join(",\n")}\n]\n`);
  await writeFile(join(day, nameOf("c")), JSON.stringify(records.map((one) => JSON.parse(one) as object), null, 2)); // prettier-ignore
  await writeFile(join(elsewhere, `${nameOf("d")}.gz`), gzipSync(records.map((one) => `${one}\n`).join("")));
  await symlink(elsewhere, join(day, "14"));
  await symlink(dir, join(day, "above"));

  const counted = await collected(recount(join(dir, "in"), Date.parse(WINDOW.start), Date.parse(WINDOW.end)));

  expect(counted.map(({ lines, kept, malformed }) => [lines, kept, malformed])).toEqual(
    Array.from({ length: 4 }, () => [4, 4, 0]),
  );
});
