import { describe, expect, it } from "vitest";
import { parseFile } from "../../../src/pipeline/parse.ts";
import { RayIds } from "../../../src/pipeline/ray-ids.ts";
import { ndjson, parse, record, slabs, SPEC } from "./support.ts";

function id(n: number): string {
  return n.toString(16).padStart(16, "0");
}

const RECORDS = Array.from({ length: 2345 }, (_, n) => record({ RayID: id(n), ClientRequestURI: `/é/${n}` }));

describe("batches of one object and one specification", () => {
  it("close at batchLines, say where they begin and end, and hold every line in order", async () => {
    const { batches, lines } = await parse(ndjson(RECORDS));
    expect(batches.map((batch) => [batch.lines, batch.firstRayId, batch.lastRayId])).toEqual([
      [1000, id(0), id(999)],
      [1000, id(1000), id(1999)],
      [345, id(2000), id(2344)],
    ]);
    expect(lines.map((line) => line.split("\u0001")[2])).toEqual(RECORDS.map((source) => source.RayID));
  });

  it("have the same digest whatever the slabs and the gzip level", async () => {
    const digests = [];
    for (const [slabBytes, gzipLevel] of [
      [65_536, 1],
      [1000, 6],
      [17, 9],
    ] as const) {
      const { batches } = await parse(ndjson(RECORDS), { slabBytes, spec: { gzipLevel } });
      digests.push(batches.map((batch) => batch.digest));
    }
    expect(digests[1]).toEqual(digests[0]);
    expect(digests[2]).toEqual(digests[0]);
  });

  it("never exceed maxBatchBytes, counted in UTF-8, unless one line alone does", async () => {
    const {
      lines: [line],
    } = await parse(ndjson([record({ ClientRequestUserAgent: "中".repeat(500) })]));
    const lineBytes = Buffer.byteLength(`${line}\n`);
    const source = Array.from({ length: 30 }, () => record({ ClientRequestUserAgent: "中".repeat(500) }));
    for (const [maxBatchBytes, linesEach] of [
      [lineBytes * 10, 10],
      [lineBytes * 10 - 1, 9],
      [100, 1],
    ] as const) {
      const { batches } = await parse(ndjson(source), { spec: { maxBatchBytes } });
      expect(batches[0]!.lines).toBe(linesEach);
      expect(batches.every((batch) => batch.lines === 1 || batch.rawBytes <= maxBatchBytes)).toBe(true);
    }
  });

  it("hold one huge line alone", async () => {
    const sources = [record(), record({ RayID: "y".repeat(900_000) }), record()];
    const { batches } = await parse(ndjson(sources), { spec: { maxBatchBytes: 10_000 } });
    expect(batches.map((batch) => batch.lines)).toEqual([1, 1, 1]);
    expect(batches[1]!.firstRayId.length).toBe(64);
  });

  it("are followed by no empty batch when the last batch is full at the end of the file", async () => {
    expect((await parse(ndjson(RECORDS.slice(0, 200)), { spec: { batchLines: 100 } })).batches.length).toBe(
      2,
    );
    expect((await parse(ndjson([record({ ParentRayID: "x" })]))).batches).toEqual([]);
  });

  it("wait for the upload of the batch before, which bounds the memory", async () => {
    let open = 0;
    let most = 0;
    await parseFile(
      slabs(Buffer.from(ndjson(RECORDS))),
      { key: "a.log" },
      { ...SPEC, batchLines: 100 },
      async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise<void>((resolve) => setImmediate(resolve));
        open -= 1;
      },
    );
    expect(most).toBe(1);
  });

  it("name the first and last instant of kept records only, in any order", async () => {
    const times = [1776866500, 1776866450.123, 1776866600, 1, 1776999999];
    const { counts } = await parse(ndjson(times.map((EdgeStartTimestamp) => record({ EdgeStartTimestamp }))));
    expect(counts).toMatchObject({ firstKeptMs: 1_776_866_450_123, lastKeptMs: 1_776_866_600_000 });
    expect((await parse("")).counts).toMatchObject({ firstKeptMs: null, lastKeptMs: null });
  });
});

describe("a repeated RayID", () => {
  const ids = [
    "00000000000000aa",
    "00000000000000aa",
    "0000000000000000",
    "0000000000000000",
    "00000000000000AA",
  ];
  const odd = ["x", "x", "00000000000000aa0", "", "", null, null, 5, "5", { a: 1 }];
  const sources = [...ids, ...odd].map((RayID) => record({ RayID }));

  it("is kept and counted with dedupe off", async () => {
    expect((await parse(ndjson(sources))).counts).toMatchObject({
      kept: 15,
      repeatedRayIds: 4,
      untrackedRayIds: 0,
    });
  });

  it('is dropped with dedupe "file", and records without an id are never repeats', async () => {
    const { counts, lines } = await parse(ndjson(sources), { spec: { dedupe: "file" } });
    expect(counts).toMatchObject({ kept: 11, repeatedRayIds: 0 });
    expect(counts.dropped.repeated_ray_id).toBe(4);
    expect(lines.length).toBe(11);
  });

  it("is no repeat when the first record was outside the window", async () => {
    const two = [record({ EdgeStartTimestamp: 5 }), record({ ParentRayID: "x" }), record()];
    expect((await parse(ndjson(two), { spec: { dedupe: "file" } })).counts.kept).toBe(1);
  });

  it("is found exactly as by a Set among two hundred thousand ids that are alike", () => {
    const table = new RayIds();
    const set = new Set<string>();
    let state = 1;
    for (let n = 0; n < 200_000; n += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      // Random halves from small ranges, so that many ids share a half and about a third repeat.
      const text =
        (state % 397).toString(16).padStart(8, "0") + ((state >>> 9) % 800).toString(16).padStart(8, "0");
      expect(table.add(text) === "repeated").toBe(set.has(text));
      set.add(text);
    }
    expect(set.size).toBeGreaterThan(90_000);
  });

  it("is missed beyond a million ids, but never reported by mistake", () => {
    const table = new RayIds();
    for (let n = 1; n <= 1_000_000; n += 1) if (table.add(id(n * 4093)) !== "new") throw new Error(`id ${n}`);
    expect(table.add(id(999_999 * 4093))).toBe("repeated");
    expect(table.add(id(5))).toBe("untracked");
    expect(table.add(id(5))).toBe("untracked");
  });
});
