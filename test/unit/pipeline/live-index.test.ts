import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { JsonShape } from "../../../src/pipeline/json-shape.ts";
import { parseFileWith } from "../../../src/pipeline/parse.ts";
import type { LogRecord } from "../../../src/pipeline/transform/log-record.ts";
import { gzipSync } from "node:zlib";
import { END_MS, ndjson, parse, record, START_MS } from "./support.ts";

const SUB = { ParentRayID: "7d3c1a2b3c4d5e6f", RayID: "aa" };
const ray = (n: number): string => n.toString(16).padStart(16, "0");

async function live(text: string, skip: [number, number][] = [], batchSize = 2) {
  const parsed = await parse(text, { live: { batchSize, skip, hasMarkers: true } });
  const { outcome } = parsed;
  return { ...parsed, live: parsed.counts.live!, kept: outcome.kind === "ok" ? outcome.liveKept : undefined };
}

describe("the live index", () => {
  it("is absent when the parse ignores the live worker, and so is the drop reason", async () => {
    const { counts, outcome } = await parse(ndjson([record()]));
    expect(counts.live).toBeUndefined();
    expect(counts.dropped).not.toHaveProperty("delivered_live");
    expect(outcome).not.toHaveProperty("liveKept");
  });

  it("counts every line that parses, whatever its type", async () => {
    const text = `null\n12\n"x"\n[1]\n \n\r\nx\n{"a":1\n\u00a0{"a":1}\n${ndjson([record(), SUB])}`;
    expect((await live(text)).live).toEqual({ records: 7, borders: "known" });
  });

  it("drops the records of skipped batches after the window, and names the batches of the kept", async () => {
    const rows = Array.from({ length: 7 }, (_, n) => record({ RayID: ray(n) }));
    rows[2] = record({ EdgeStartTimestamp: 5 });
    const { counts, kept, lines } = await live(ndjson(rows), [[1, 2]]);
    expect(counts.dropped).toMatchObject({ delivered_live: 3, outside_window: 1 });
    expect(kept).toEqual([
      [0, 2],
      [3, 1],
    ]);
    expect(lines.map((line) => line.includes(ray(6)))).toEqual([false, false, true]);
  });

  it("counts the records outside the window that the live worker did not deliver, with their times", async () => {
    const at = (ms: number) => record({ EdgeStartTimestamp: ms / 1_000 });
    const rows = [
      at(START_MS - 9_000), at(START_MS - 8_000), // batch 0, delivered
      at(START_MS - 61_500), at(START_MS), // batch 1
      at(START_MS - 1), record({ ParentRayID: "ff", EdgeStartTimestamp: 5 }), // batch 2
      at(END_MS + 2_000), at(END_MS), // batch 3
    ]; // prettier-ignore
    const { live: counted, counts } = await live(ndjson(rows), [[0, 0]]);
    expect(counts.dropped).toMatchObject({ outside_window: 5, not_top_level: 1, delivered_live: 0 });
    expect(counted).toEqual({
      records: 8,
      borders: "known",
      leftOut: { before: 2, after: 1, firstMs: START_MS - 61_500, lastMs: END_MS + 2_000 },
    });
  });

  it("counts no such record when it is not known which records were delivered", async () => {
    const at = START_MS - 5_000;
    const outside = record({ EdgeStartTimestamp: at / 1_000 });
    const array = JSON.stringify([outside, outside]);
    expect((await live(array)).live).toEqual({ records: 1, borders: "array" });
    const { counts } = await parse(array, { live: { batchSize: 2, skip: [], hasMarkers: false } });
    expect(counts.live).toEqual({
      records: 1,
      borders: "array",
      leftOut: { before: 2, after: 0, firstMs: at, lastMs: at },
    });
  });

  it("counts a subrequest before its JSON is parsed, but not one that is no JSON", async () => {
    const bad = '{"ParentRayID":"7d3c1a2b3c4d5e6f","a":1,}\n';
    const good = JSON.stringify(SUB);
    expect((await live(`${good}\n${bad}${good}\n${ndjson([record()])}`)).live.records).toBe(3);
  });

  it("remembers the RayIDs of skipped records", async () => {
    const text = ndjson([record(), record({ RayID: "b" }), record()]);
    const { counts } = await parse(text, {
      live: { batchSize: 2, skip: [[0, 0]], hasMarkers: true },
      spec: { dedupe: "file" },
    });
    expect(counts).toMatchObject({ kept: 0, dropped: { delivered_live: 2, repeated_ray_id: 1 } });
  });

  it("finds the index of a record that is read again after an unfinished one", async () => {
    const text = `{"a":{"b":1}\n${ndjson([record({ RayID: ray(1) }), record({ RayID: ray(2) })])}`;
    const { live: counted, counts } = await live(text, [[0, 0]], 1);
    expect(counted).toEqual({ records: 2, borders: "known" });
    expect(counts.dropped.delivered_live).toBe(1);
  });

  it.each([
    ["a comma after a record", `${JSON.stringify(record())},\n`, "trailing_comma"],
    ["a comma after a subrequest", `${JSON.stringify(SUB)},\n`, "trailing_comma"],
    ["an array", JSON.stringify([record(), record()]), "array"],
    ["two records on a line", JSON.stringify(record()).repeat(2), "not_one_record_a_line"],
    ["a record over lines", JSON.stringify(record(), null, 1), "not_one_record_a_line"],
    ["bytes that are not UTF-8", '{"a":"\xff"}', "invalid_utf8"],
    ["a line that is too long", `"${"x".repeat(1_100_000)}"`, "too_long"],
    ["an array longer than a line may be", JSON.stringify(Array(9_000).fill(record())), "too_long"],
  ])("does not know the borders after %s", async (_what, text, borders) => {
    const bytes = text.includes("\xff") ? Buffer.from(text, "latin1") : text;
    const { counts } = await parse(bytes, { live: { batchSize: 2, skip: [], hasMarkers: true } });
    expect(counts.live?.borders).toBe(borders);
  });

  it("does not know the borders of a truncated file", async () => {
    const whole = gzipSync(ndjson(Array.from({ length: 9 }, (_, n) => record({ RayID: ray(n) }))));
    const { counts } = await parse(whole.subarray(0, whole.length - 9), {
      key: "logs/x.log.gz",
      spec: { onCorrupt: "salvage" },
      live: { batchSize: 2, skip: [], hasMarkers: true },
    });
    expect(counts.live?.borders).toBe("salvaged");
  });

  it("gives the same index with and without early rejection", async () => {
    const line = fc.oneof(
      fc.constant(JSON.stringify(record())),
      fc.json({ maxDepth: 2 }).map((value) => `{"ParentRayID":"abc","x":${value}}`),
      fc.string().map((value) => `{"ParentRayID":"abc","x":${value}}`.replaceAll("\n", "")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
        const text = lines.map((one) => `${one}\n`).join("");
        const options = { live: { batchSize: 2, skip: [[1, 2] as [number, number]], hasMarkers: true } };
        const [fast, slow] = [
          await parse(text, options),
          await parse(text, { ...options, parse: parseFileWith({ rejectEarly: false }) }),
        ];
        expect(fast.counts.live).toEqual(slow.counts.live);
        expect(fast.lines).toEqual(slow.lines);
      }),
    );
  });
});

describe("the shape of a JSON object", () => {
  it("never proves a text that JSON.parse refuses", () => {
    const shape = new JsonShape();
    shape.learn(JSON.parse('{"a":"x","b":1,"c":true,"d":[],"e":{},"f":null}') as LogRecord);
    const spoilt = fc
      .tuple(
        fc.jsonValue({ maxDepth: 2 }),
        fc.nat(),
        fc.constantFrom(...'{}[]":,\\ 0-.eEx\u0001'.split("")),
        fc.nat(2),
      )
      .map(([value, at, sign, cut]) => {
        const text = JSON.stringify({ a: "x", b: 1, v: value });
        return text.slice(0, at % text.length) + sign + text.slice((at % text.length) + cut);
      });
    fc.assert(
      fc.property(spoilt, (text) => {
        if (!shape.proves(text, 0, text.length)) return;
        const value: unknown = JSON.parse(text);
        expect(typeof value === "object" && value !== null && !Array.isArray(value)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it("proves lines with the learned members, and others", () => {
    const shape = new JsonShape();
    const usual = '{"a":"x","b":-1.5e3,"c":true,"d":["y"],"e":{"k":"v"},"f":null}';
    shape.learn(JSON.parse(usual) as LogRecord);
    for (const text of [usual, '{"a":"\\u00e9\\n","b":[]}', '{"b":{}}'])
      expect(shape.proves(`x${text}y`, 1, 1 + text.length)).toBe(true);
    for (const text of ["{}", '{"a":01}', '{"a":"x"}}', '{"a":"x",}'])
      expect(shape.proves(text, 0, text.length)).toBe(false);
  });
});
