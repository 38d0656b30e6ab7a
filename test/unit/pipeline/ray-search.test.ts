// The search for one RayID runs the real parse of the file and watches it. So the search must return what the parse
// decided: what happened to each record, and the batch and line of each kept record.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateLogs } from "../../../local/generate/sample-logs.ts";
import { liveParse } from "../../../src/pipeline/live-index.ts";
import { parseFileWith } from "../../../src/pipeline/parse.ts";
import { RaySearch, searchFile, type RayFound } from "../../../src/pipeline/ray-search.ts";
import type { LiveParse } from "../../../src/pipeline/types.ts";
import { NO_MARKERS } from "../../../src/contract/live.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import { readTruth } from "../../../local/generate/truth.ts";
import { END_MS, SPEC, START_MS, golden, ndjson, parse, record, slabs } from "./support.ts";

const BOUNDS = { occurrences: 100, chars: 1_000_000 };
const RAY = "7d3c1a2b3c4d5e6f";
const OTHER = "aaaaaaaaaaaaaaaa";

interface Asked {
  spec?: Partial<ParseSpec>;
  live?: LiveParse;
  slabBytes?: number;
  bounds?: typeof BOUNDS;
}

async function asked(bytes: Uint8Array | string, rayId: string, options: Asked = {}) {
  const { spec = {}, live, slabBytes, bounds = BOUNDS } = options;
  const search = new RaySearch(rayId, bounds, live?.batchSize ?? null);
  const source = { key: "logs/x.log" };
  const content = slabs(Buffer.from(bytes), slabBytes);
  const outcome = await searchFile(content, source, { ...SPEC, ...spec }, search, undefined, live);
  return { outcome, found: search.found, occurrences: search.occurrences };
}

async function only(bytes: Uint8Array | string, rayId = RAY, options: Asked = {}): Promise<RayFound> {
  const { found } = await asked(bytes, rayId, options);
  expect(found).toHaveLength(1);
  return found[0]!;
}

const rayIdOf = (line: string): string => line.split("\u0001")[2] ?? "";
const TOP_LEVEL = { ParentRayID: "00", WorkerSubrequest: false };
const SUB = { ParentRayID: "7d3c1a2b3c4d5e60" };

describe("a search for one RayID", () => {
  it("gives the line, the batch and the digest of the parse", async () => {
    const rows = Array.from({ length: 25 }, (_, n) => record({ RayID: `ray-${n}` }));
    const text = `\n${ndjson(rows)}`;
    const spec = { batchLines: 10 };
    const { batches, lines } = await parse(text, { spec });
    const found = await only(text, "ray-17", { spec });
    expect(found).toEqual({
      line: 19,
      fate: "kept",
      reason: null,
      liveBatch: null,
      text: lines[17],
      place: { ordinal: 1, digest: batches[1]?.digest, line: 7 },
    });
  });

  it.each([
    ["not_top_level", record(SUB)],
    ["not_top_level", record({ WorkerSubrequest: true })],
    ["invalid_timestamp", record({ EdgeStartTimestamp: "when" })],
    ["outside_window", record({ EdgeStartTimestamp: 5 })],
  ])("says %s for a record that is dropped so", async (reason, row) => {
    const text = ndjson([record({ RayID: OTHER }), row]);
    expect(await only(text)).toMatchObject({ line: 2, fate: "dropped", reason, text: null, place: null });
  });

  it("says repeated_ray_id for the second record, and where the first one is", async () => {
    const { found } = await asked(ndjson([record(), record()]), RAY, { spec: { dedupe: "file" } });
    expect(found.map(({ fate, reason, place }) => [fate, reason, place?.line])).toEqual([
      ["kept", null, 0],
      ["dropped", "repeated_ray_id", undefined],
    ]);
  });

  it("says delivered_live with the live worker's batch", async () => {
    const text = ndjson([
      record({ RayID: "a" }),
      record({ ...SUB, RayID: "s" }),
      record({ RayID: "b" }),
      record(),
    ]);
    const markers = { ...NO_MARKERS, done: [[1, 1]] as [number, number][] };
    const live = liveParse(2, markers, true);
    expect(await only(text, RAY, { live })).toMatchObject({ reason: "delivered_live", liveBatch: 1 });
    expect(await only(text, RAY, { live: liveParse(2, markers, false) })).toMatchObject({ fate: "kept" });
  });

  it("finds every occurrence, over blocks, slabs and batches", async () => {
    const rows = Array.from({ length: 3_000 }, (_, n) => record({ RayID: n % 1_000 === 7 ? RAY : `r${n}` }));
    const { found } = await asked(ndjson(rows), RAY, { slabBytes: 777, spec: { batchLines: 100 } });
    expect(found.map(({ line, place }) => [line, place?.ordinal, place?.line])).toEqual([
      [8, 0, 7],
      [1_008, 10, 7],
      [2_008, 20, 7],
    ]);
  });

  it("names the batch of a line that did not fit into the one before", async () => {
    const rows = Array.from({ length: 6 }, (_, n) =>
      record({ RayID: `r${n}`, ClientRequestURI: `/${"x".repeat(300)}` }),
    );
    const spec = { maxBatchBytes: 2_000 };
    const { batches } = await parse(ndjson(rows), { spec });
    expect(batches.length).toBeGreaterThan(1);
    for (const [n, { ordinal, firstRayId }] of batches.entries()) {
      const { place } = await only(ndjson(rows), firstRayId, { spec });
      expect(place).toEqual({ ordinal, digest: batches[n]?.digest, line: 0 });
    }
  });

  it("does not take a subrequest of the request for the request", async () => {
    expect((await asked(ndjson([record({ RayID: OTHER, ParentRayID: RAY })]), RAY)).found).toEqual([]);
  });

  it.each([
    ["an escaped digit", `"RayID":"\\u0037d3c1a2b3c4d5e6f"`, RAY],
    ["an escaped letter", `"RayID":"7\\u0064\\u0033c1a2b3c4d5e6f"`, RAY],
    ["a number with an exponent", `"RayID":1e3`, "1000"],
    ["a small number", `"RayID":0.0000001`, "1e-7"],
    ["a quote", `"RayID":"a\\"b"`, 'a"b'],
    ["a control character", `"RayID":"a\\tb"`, "a b"],
    ["an object", `"RayID":{"a" : 1}`, '{"a":1}'],
  ])("finds a dropped record whose RayID is written with %s", async (_what, member, rayId) => {
    const line = JSON.stringify(record({ ...SUB, RayID: "@" })).replace('"RayID":"@"', member);
    expect(await only(`${line}\n`, rayId)).toMatchObject({ reason: "not_top_level" });
  });

  it("finds records of lists, of one line and of many", async () => {
    const rows = ["r0", "r1", "r2", "r3"].map((RayID) => record({ RayID }));
    const [a, b, c, d] = rows.map((row) => JSON.stringify(row));
    const text = `[${a},${b}\n,${JSON.stringify(rows[2], null, 1)},\n${d}]\n`;
    expect((await parse(text)).counts).toMatchObject({ kept: 4, malformed: 0 });
    expect(c).toBeDefined();
    const places = [];
    for (const rayId of ["r0", "r1", "r2", "r3"]) places.push((await only(text, rayId)).place?.line);
    expect(places).toEqual([0, 1, 2, 3]);
    expect((await only(text, "r1")).line).toBe(1);
    expect((await only(text, "r2")).line).toBe(2);
  });

  it("finds a record in a line that is longer than any record may be", async () => {
    const rows = Array.from({ length: 40 }, (_, n) => record({ RayID: `r${n}` }));
    const spec = { maxLineBytes: 1_000 };
    const found = await only(`\n${JSON.stringify(rows)}\n`, "r33", { spec, slabBytes: 500 });
    expect(found).toMatchObject({ line: 2, fate: "kept", place: { ordinal: 0, line: 33 } });
  });

  it.each([
    ["not_json", `${JSON.stringify(record()).slice(0, -1)}\n`, {}],
    ["not_json", `${JSON.stringify(record()).slice(0, -1)}\n`, { parseVersion: 1 as const }],
    ["not_an_object", `"${RAY}"\n`, {}],
    ["too_long", `${JSON.stringify(record({ ClientRequestURI: "x".repeat(500) }))}\n`, { maxLineBytes: 400 }],
  ])("names a line that is %s and holds the RayID", async (reason, line, spec) => {
    const text = `${ndjson([record({ RayID: OTHER })])}${line}${ndjson([record({ RayID: OTHER })])}`;
    expect(await only(text, RAY, { spec })).toMatchObject({ line: 2, fate: "malformed", reason });
    expect((await asked(text, "0000000000000000", { spec })).found).toEqual([]);
  });

  it("keeps what it found before an object turns out damaged", async () => {
    const text = ndjson([record()]);
    const cut = gzipSync(text + "x".repeat(100_000)).subarray(0, -9);
    const search = new RaySearch(RAY, BOUNDS);
    const outcome = await searchFile(slabs(cut), { key: "logs/x.log.gz" }, SPEC, search);
    expect(outcome.kind).toBe("corrupt");
    expect(search.found).toMatchObject([{ line: 1, fate: "kept", place: null }]);
    const salvaging = new RaySearch(RAY, BOUNDS);
    await searchFile(slabs(cut), { key: "logs/x.log.gz" }, { ...SPEC, onCorrupt: "salvage" }, salvaging);
    expect(salvaging.found).toMatchObject([{ line: 1, place: { ordinal: 0, line: 0 } }]);
  });

  it("counts occurrences beyond its bounds, and leaves out lines that are too many characters", async () => {
    const { found, occurrences } = await asked(ndjson(Array.from({ length: 9 }, () => record())), RAY, {
      bounds: { occurrences: 4, chars: 700 },
    });
    expect([found.length, occurrences]).toEqual([4, 9]);
    expect(found.map(({ text }) => text !== null)).toEqual([true, false, false, false]);
  });

  it("gives the golden line of each golden record", async () => {
    const spec = { startMs: 0, endMs: 4_102_444_800_000, parseVersion: 1 as const };
    let kept = 0;
    for (const row of golden<{ record: Record<string, unknown>; line: string }>("lines.ndjson")) {
      const { RayID: rayId } = row.record;
      if (typeof rayId !== "string" || rayId === "") continue;
      const { found } = await asked(ndjson([{ ...row.record, ...TOP_LEVEL }]), rayId, { spec });
      if (found[0]?.fate !== "kept") continue;
      expect(found[0].text).toBe(row.line);
      kept += 1;
    }
    expect(kept).toBeGreaterThan(200);
  });

  it("finds each kept RayID at the place that the log generator recorded", async () => {
    const dir = mkdtempSync(join(tmpdir(), "rays-"));
    const outDir = join(dir, "logs");
    const options = { outDir, startMs: START_MS, endMs: START_MS + 600_000, files: 2, lines: 800 };
    const { truthPath } = await generateLogs({
      ...options,
      seed: 5,
      invalidTimestampShare: 0.02,
      malformedShare: 0.01,
    });
    for await (const file of readTruth(truthPath)) {
      const bytes = readFileSync(join(outDir, file.key));
      const spec = { startMs: START_MS, endMs: START_MS + 600_000, batchLines: 100 };
      for (const [n, id] of file.kept_ray_ids.entries()) {
        if (n % 37 !== 0) continue;
        const search = new RaySearch(id, BOUNDS);
        await searchFile(slabs(bytes), { key: file.key }, { ...SPEC, ...spec }, search);
        expect(search.found).toMatchObject([
          { fate: "kept", place: { ordinal: Math.floor(n / 100), line: n % 100 } },
        ]);
      }
    }
  }, 20_000);

  it("agrees with a search without early rejection about any file", async () => {
    const aRecord = fc.record({
      RayID: fc.constantFrom(RAY, OTHER, "x", 12, null),
      ParentRayID: fc.constantFrom("00", RAY, "", null, "\u00e9"),
      EdgeStartTimestamp: fc.constantFrom(START_MS / 1_000, END_MS / 1_000 + 9, "?"),
      Note: fc.constantFrom("", RAY, "a\u0026b", "\u0000"),
    });
    const aLine = fc.oneof(
      aRecord.map((one) => JSON.stringify(one)),
      fc.constantFrom("", `{"RayID":"${RAY}"`, `"${RAY}"`, `[${JSON.stringify(record())}]`, "\r"),
    );
    const aFile = fc.array(aLine, { maxLength: 30 }).map((lines) => lines.join("\n"));
    await fc.assert(
      fc.asyncProperty(aFile, fc.integer({ min: 1, max: 4 }), async (text, batchLines) => {
        const spec = { batchLines };
        const whole = await parse(text, { spec });
        const { found, outcome } = await asked(text, RAY, { spec });
        expect(outcome.counts).toEqual(whole.counts);
        const slow = new RaySearch(RAY, BOUNDS);
        const parseAll = parseFileWith({ rejectEarly: false, watch: slow });
        const options = { ...SPEC, ...spec };
        await parseAll(slabs(Buffer.from(text)), { key: "logs/x.log" }, options, async (batch) =>
          slow.batch(batch),
        );
        expect(found).toEqual(slow.found);
        const kept = found.filter(({ fate }) => fate === "kept");
        expect(kept.map((one) => one.text)).toEqual(whole.lines.filter((line) => rayIdOf(line) === RAY));
        for (const { place, text: line } of kept) {
          const content = whole.contents[place!.ordinal]!.toString().split("\n");
          expect(content[place!.line]).toBe(line);
          expect(whole.batches[place!.ordinal]!.digest).toBe(place!.digest);
        }
      }),
      { numRuns: process.env["TEST_QUICK"] ? 50 : 300 },
    );
  });
});
