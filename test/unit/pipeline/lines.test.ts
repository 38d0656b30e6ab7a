import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineCutter } from "../../../src/pipeline/lines.ts";
import { ndjson, parse, record } from "./support.ts";

const ONE = JSON.stringify(record());

/** The lines of all pieces, in order. For a line that is too long: its head in angle brackets. */
function cutAll(chunks: Uint8Array[], maxLineBytes: number): string[] {
  const cutter = new LineCutter(maxLineBytes, false);
  const pieces = chunks.flatMap((chunk) =>
    // A piece is a view of the chunk, so it is read before the next chunk.
    cutter.cut(chunk).map(({ bytes, overlong }) => ({ text: bytes.toString("latin1"), overlong })),
  );
  const last = cutter.finish();
  if (last !== null) pieces.push({ text: last.bytes.toString("latin1"), overlong: last.overlong });
  return pieces.flatMap(({ text, overlong }) => {
    if (overlong) return [`<${text.slice(0, 20)}>`];
    const lines = text.split("\n");
    return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  });
}

function inChunks(bytes: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function filler(bytes: number): string {
  return `{"p":"${"x".repeat(bytes - 8)}"}`;
}

describe("the line splitter", () => {
  it("gives the lines of a split at LF, for any bytes and any chunk sizes", () => {
    const byte = fc.oneof(fc.constantFrom(10, 10, 13, 0xef, 0xbb, 0xbf), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 400 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        (bytes, sizes) => {
          const content = Buffer.from(bytes);
          const expected = content.toString("latin1").split("\n");
          if (expected.at(-1) === "") expected.pop();
          expect(cutAll(inChunks(content, sizes), 1000)).toEqual(expected);
        },
      ),
      { numRuns: 2000, seed: 3 },
    );
  });

  it("reports a line beyond the bound once, keeps its neighbours, and drops its bytes", () => {
    const content = Buffer.from(`first\n${"x".repeat(100_000)}\nlast\n`);
    for (const sizes of [[1], [7], [1000, 3]]) {
      expect(cutAll(inChunks(content, sizes), 500)).toEqual(["first", `<${"x".repeat(20)}>`, "last"]);
    }
    const cutter = new LineCutter(500, false);
    for (let n = 0; n < 1000; n += 1) cutter.cut(Buffer.alloc(n === 0 ? 1000 : 100, 120));
    expect(cutter.finish()!.bytes.length).toBeLessThanOrEqual(200);
  });

  it("counts the same for every chunk size, also right at the bound", async () => {
    for (const ends of ["\n", "\r\n"]) {
      for (const start of ["", "\ufeff"]) {
        const text = start + [filler(300), filler(301), filler(300), filler(5000)].join(ends) + ends;
        for (const slabBytes of [1, 2, 3, 97, 65_536]) {
          const { counts } = await parse(text, { slabBytes, spec: { maxLineBytes: 300 } });
          expect(counts).toMatchObject({ linesRead: 4, malformed: 2 });
          expect(counts.samples.map(({ line, reason }) => [line, reason])).toEqual([
            [2, "too_long"],
            [4, "too_long"],
          ]);
        }
      }
    }
  });
});

describe("the count of lines", () => {
  it("takes LF, CRLF, a missing last LF and empty lines", async () => {
    const { counts } = await parse(`${ONE}\r\n\n\r\n\r\r\n${ONE}\n\n${ONE}`);
    expect(counts).toMatchObject({ linesRead: 3, emptyLines: 4, kept: 3, malformed: 0 });
  });

  it("skips a byte order mark at the start of the file only", async () => {
    const text = `\ufeff${ONE}\n\ufeff${ONE}\n`;
    // With the last size, the second byte order mark begins a block.
    for (const slabBytes of [1, 5, 65_536, Buffer.byteLength(text) / 2]) {
      const { counts } = await parse(text, { slabBytes });
      expect(counts).toMatchObject({ kept: 1, malformed: 1 });
      expect(counts.samples).toEqual([
        { line: 2, reason: "not_json", bytes: expect.stringMatching(/^\\ufeff\{/) },
      ]);
    }
    expect((await parse("\ufeff\n")).counts).toMatchObject({ linesRead: 0, emptyLines: 1 });
  });

  it("gives each kind of malformed line its reason and its line number", async () => {
    const lines = [
      Buffer.from("\n"),
      Buffer.from("not json\u0007\n"),
      Buffer.from("[1]\n"),
      Buffer.from('"text"\n'),
      Buffer.from("null\n"),
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
      Buffer.from(`{"p":"${"y".repeat(400)}"}\n`),
      Buffer.from(`${ONE}\n`),
    ];
    const { counts } = await parse(Buffer.concat(lines), { spec: { maxLineBytes: 350 } });
    expect(counts).toMatchObject({ linesRead: 7, emptyLines: 1, malformed: 6, kept: 1 });
    expect(counts.samples).toEqual([
      { line: 2, reason: "not_json", bytes: "not json\\u0007" },
      { line: 3, reason: "not_an_object", bytes: "[1]" },
      { line: 4, reason: "not_an_object", bytes: '"text"' },
      { line: 5, reason: "not_an_object", bytes: "null" },
      { line: 6, reason: "invalid_utf8", bytes: '{"a":"\\xff"}' },
      { line: 7, reason: "too_long", bytes: `{"p":"${"y".repeat(194)}` },
    ]);
  });

  it("keeps the first 20 samples, so that a file of garbage stays small in the ledger", async () => {
    const { counts } = await parse("x\n".repeat(1000));
    expect(counts.malformed).toBe(1000);
    expect(counts.samples.map((sample) => sample.line)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it("takes a real U+FFFD in a value for text, not for invalid UTF-8", async () => {
    const { counts, lines } = await parse(ndjson([record({ ClientRequestUserAgent: "a\ufffdé" })]));
    expect(counts).toMatchObject({ kept: 1, malformed: 0 });
    expect(lines[0]!.split("\u0001")[34]).toBe("a\ufffdé");
  });

  it.each([
    ["an overlong form", [0xc0, 0xaf]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["a cut sequence", [0xe4, 0xb8]],
    ["above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ])("counts %s as invalid UTF-8, which never becomes a sent line", async (_, bytes) => {
    const [head, tail] = JSON.stringify(record({ ClientRequestUserAgent: "@" })).split("@");
    const line = Buffer.concat([Buffer.from(head!), Buffer.from(bytes), Buffer.from(`${tail}\n`)]);
    const { counts } = await parse(line);
    expect(counts).toMatchObject({ kept: 0, malformed: 1 });
    expect(counts.samples[0]!.reason).toBe("invalid_utf8");
  });
});
