// Lines that are read as binary strings give the same bytes and counts as decoded lines. One character in an escape
// makes the parser decode the whole block, so each file is parsed with and without such a line.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockReader } from "../../../src/pipeline/block-reader.ts";
import { fromBinary, isAsciiText, toBinary } from "../../../src/pipeline/utf8.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import { parse, record } from "./support.ts";

/** A subrequest, so it is dropped. */
const DECODES_ITS_BLOCK = `${JSON.stringify(record({ ParentRayID: "7d3c1a2b3c4d5e6e" })).slice(0, -1)},"x":"\\u4e00"}\n`;
const DECODES_NOTHING = DECODES_ITS_BLOCK.replace("\\u4e00", "\\u0026");

const FIELDS =
  `CacheCacheStatus ClientCountry ClientIP ClientRequestBytes ClientRequestHost ClientRequestReferer
  ClientRequestScheme ClientRequestURI ClientRequestUserAgent EdgeColoCode EdgeResponseContentType EdgeServerIP
  EdgeStartTimestamp EdgeTimeToFirstByteMs OriginResponseDurationMs ParentRayID RayID ResponseHeaders ClientCity é`.split(
    /\s+/,
  );

// prettier-ignore
const CONFUSING = [
  "中文", "é", "\u00a0", "\u3000", " \u2028\u00a0", "\u0085", "\ufeff", "ßa", "ſin", "ıst", "µ", "ÿ", "ÀÀÀ", "h\u212ag",
  "\u007f中", "中\n\u0001", '"中\\', "00é", "\ufffd", "12\u00a0", "\u300012", "1\u20032", "\ufeff3",
];
/** Texts in which a character and a byte are easily mistaken. */
const wide = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...CONFUSING),
  fc
    .tuple(fc.constantFrom("a", "é", "中", "😀"), fc.constantFrom(340, 341, 1_023, 1_024, 2_048, 4_090), fc.boolean())
    .map(([unit, count, isOdd]) => (isOdd ? "é" : "") + unit.repeat(count)),
); // prettier-ignore
const value = fc.oneof(
  { weight: 4, arbitrary: wide },
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: fc.record({ "content-length": wide }) },
  { weight: 1, arbitrary: fc.array(wide, { maxLength: 2 }) },
);
const records = fc.array(fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 6 }), {
  minLength: 1,
  maxLength: 12,
});

const SPECS: Partial<ParseSpec>[] = [
  { format: "edge-3.0" },
  { format: "edge-3.0-2026-05", formatFields: { 11: "边缘", 58: "é" } },
  { parseVersion: 1, batchLines: 3 },
  { dedupe: "file", maxBatchBytes: 3_000 },
  { topLevelParentRayIds: ["00", "00é"] },
  { record: "whole" },
  { record: [["地", "é"], ["r", "ClientRequestReferer"], ["t", "EdgeStartTimestamp"]] }, // prettier-ignore
];

async function parsedWith(line: string, texts: readonly string[], spec: Partial<ParseSpec>) {
  const { counts, contents, batches } = await parse(Buffer.from(line + texts.join("")), { spec });
  const sums = { ...counts, bytesRead: 0, rawBytes: 0 };
  return {
    sums,
    contents: contents.map(String),
    rayIds: batches.map((one) => [one.firstRayId, one.lastRayId]),
  };
}

describe("a block without wide escapes", () => {
  it.each(SPECS)("gives the lines, counts and RayIDs of the decoded block: %j", async (spec) => {
    await fc.assert(
      fc.asyncProperty(records, async (all) => {
        const texts = all.map((one) => `${JSON.stringify(record(one))}\n`);
        const binary = await parsedWith(DECODES_NOTHING, texts, spec);
        expect(binary).toEqual(await parsedWith(DECODES_ITS_BLOCK, texts, spec));
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  it("finds a repeated RayID that was decoded in another block", async () => {
    const line = `${JSON.stringify(record({ RayID: "线é" }))}\n`;
    const filler = `${JSON.stringify(record({ ParentRayID: "a", x: "中".repeat(60_000) }))}\n`;
    const { counts } = await parse(Buffer.from(line + filler + DECODES_ITS_BLOCK + line), {
      spec: { dedupe: "file" },
    });
    expect(counts.dropped.repeated_ray_id).toBe(1);
  });
});

describe("a line", () => {
  const readerOf = (text: string) => {
    const bytes = Buffer.from(text);
    const reader = new BlockReader(bytes, true);
    return { reader, read: () => reader.read(0, bytes.length) };
  };

  it.each([
    ['{"a":"中"}', true],
    ['{"a":"x\\u0026\\u007f"}', true],
    ['{"a":"\\u0080"}', false],
    ['{"a":"\\ud83d"}', false],
    ['{"a":"中","b":"\\u00e9"}', false],
    ['{"a":"中","RayID":"é"}', false],
    ['{"a":"中","RayID":{}}', false],
  ])("%s is read as a binary string: %s", (text, isBinary) => {
    const { reader, read } = readerOf(text);
    const found = read();
    expect(reader.isBinary).toBe(isBinary);
    const decoded = isBinary ? JSON.parse(fromBinary(JSON.stringify(found))) : found;
    expect(decoded).toEqual(JSON.parse(text));
  });

  it("without a record is decoded", () => {
    const { reader, read } = readerOf('{"a":"中"');
    expect(read()).toBe("not_json");
    expect([reader.isBinary, reader.line]).toEqual([false, '{"a":"中"']);
  });

  it("that is not UTF-8 has no text", () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    const reader = new BlockReader(bytes, true);
    expect(reader.read(0, 3)).toBe("invalid_utf8");
    expect([reader.isBinary, reader.line]).toEqual([false, ""]);
  });
});

it("has the same text after both conversions", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(fromBinary(toBinary(text))).toBe(text);
      expect(isAsciiText(text)).toBe(toBinary(text) === text);
    }),
  );
});
