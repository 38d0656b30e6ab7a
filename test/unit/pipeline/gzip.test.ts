import { deflateSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CorruptReason } from "../../../src/contract/file-counts.ts";
import { expectSameContents, ndjson, parse, record } from "./support.ts";

const LINES = Array.from({ length: 400 }, (_, n) =>
  ndjson([record({ RayID: n.toString(16).padStart(16, "0") })]),
);
const A = gzipSync(LINES.slice(0, 250).join(""));
const B = gzipSync(LINES.slice(250).join(""));
const EMPTY_MEMBER = gzipSync("");

function flipped(bytes: Buffer, at: number, mask = 1): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  copy[index] = copy[index]! ^ mask;
  return copy;
}

/** A member whose header has every optional part: extra field, name, comment and CRC. */
function decorated(headerCrc: number): Buffer {
  const extra = Buffer.from([0x1f, 0x8b, 0, 0]);
  const parts = [Buffer.from([31, 139, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 255]), Buffer.from([4, 0]), extra];
  parts.push(Buffer.from("name\0comment\0"), Buffer.from([headerCrc & 255, headerCrc >> 8]));
  return Buffer.concat([...parts, A.subarray(10)]);
}

/** CRC-32 of the header, low 16 bits, computed bit by bit without zlib. */
const DECORATED_CRC = crc16OfDecorated();

function crc16OfDecorated(): number {
  const header = decorated(0).subarray(0, 10 + 6 + 13);
  let crc = 0xffffffff;
  for (const byte of header) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc & 0xffff;
}

interface Damage {
  what: string;
  bytes: Buffer;
  reason: CorruptReason;
  detail?: RegExp;
}

const DAMAGES: Damage[] = [
  { what: "no bytes at all", bytes: Buffer.alloc(0), reason: "empty_object" },
  {
    what: "plain text under a .gz name",
    bytes: Buffer.from('{"a":1}\n'),
    reason: "not_gzip",
    detail: /7b 22/,
  },
  { what: "a single byte that is no magic", bytes: Buffer.from("{"), reason: "not_gzip" },
  { what: "zlib instead of gzip", bytes: deflateSync("abc"), reason: "not_gzip" },
  {
    what: "magic and another compression method",
    bytes: flipped(A, 2),
    reason: "corrupt_data",
    detail: /method 9/,
  },
  { what: "reserved header flags", bytes: flipped(A, 3, 0x80), reason: "corrupt_data" },
  {
    what: "a wrong header CRC",
    bytes: decorated(DECORATED_CRC ^ 1),
    reason: "corrupt_data",
    detail: /header CRC/,
  },
  {
    what: "only half the magic",
    bytes: A.subarray(0, 1),
    reason: "truncated",
    detail: /header of gzip member 1/,
  },
  { what: "the header only", bytes: A.subarray(0, 10), reason: "truncated", detail: /data of gzip member 1/ },
  {
    what: "an end inside the data",
    bytes: A.subarray(0, 300),
    reason: "truncated",
    detail: /data of gzip member 1/,
  },
  { what: "an end before the trailer", bytes: A.subarray(0, -8), reason: "truncated" },
  {
    what: "an end inside the trailer",
    bytes: A.subarray(0, -1),
    reason: "truncated",
    detail: /trailer .* 1/,
  },
  { what: "a wrong CRC", bytes: flipped(A, -8), reason: "crc_mismatch" },
  { what: "a wrong length", bytes: flipped(A, -4), reason: "length_mismatch" },
  {
    what: "a wrong CRC in the second member",
    bytes: Buffer.concat([A, flipped(B, -5)]),
    reason: "crc_mismatch",
  },
  { what: "deflate data that mean nothing", bytes: flipped(A, 10, 0x06), reason: "corrupt_data" },
  { what: "text after a member", bytes: Buffer.concat([A, Buffer.from("garbage")]), reason: "trailing_junk" },
  { what: "one byte after a member", bytes: Buffer.concat([A, Buffer.from("g")]), reason: "trailing_junk" },
  {
    what: "another member's magic, then junk",
    bytes: Buffer.concat([A, Buffer.from([31, 139, 7])]),
    reason: "trailing_junk",
  },
  {
    what: "zero padding",
    bytes: Buffer.concat([A, Buffer.alloc(100)]),
    reason: "trailing_junk",
    detail: /zero padding/,
  },
  {
    what: "one zero byte",
    bytes: Buffer.concat([A, Buffer.alloc(1)]),
    reason: "trailing_junk",
    detail: /zero padding/,
  },
  {
    what: "zeros, then something",
    bytes: Buffer.concat([A, Buffer.alloc(9), Buffer.from("x")]),
    reason: "trailing_junk",
  },
  {
    what: "a member after zero padding",
    bytes: Buffer.concat([A, Buffer.alloc(9), B]),
    reason: "trailing_junk",
  },
  { what: "half a magic after a member", bytes: Buffer.concat([A, B.subarray(0, 1)]), reason: "truncated" },
  {
    what: "an end inside the second header",
    bytes: Buffer.concat([A, B.subarray(0, 5)]),
    reason: "truncated",
    detail: /header of gzip member 2/,
  },
  {
    what: "an end inside the second data",
    bytes: Buffer.concat([A, B.subarray(0, 40)]),
    reason: "truncated",
    detail: /data of gzip member 2/,
  },
  {
    what: "an end inside the second trailer",
    bytes: Buffer.concat([A, B.subarray(0, -3)]),
    reason: "truncated",
    detail: /trailer of gzip member 2/,
  },
];

describe("a damaged object", () => {
  // The slab size decides which bytes zlib gets together. The verdict must not depend on it.
  for (const slabBytes of [1, 7, 65_536]) {
    it.each(DAMAGES)(
      `is $reason when it is $what (slabs of ${slabBytes})`,
      async ({ bytes, reason, detail = /./ }) => {
        const { outcome } = await parse(bytes, { key: "logs/a.log.gz", slabBytes });
        expect(outcome).toMatchObject({ kind: "corrupt", reason });
        if (outcome.kind === "corrupt") expect(outcome.detail).toMatch(detail);
      },
    );
  }
});

describe("a sound object", () => {
  const sound: [string, Buffer, number][] = [
    ["one member", A, 250],
    ["two members", Buffer.concat([A, B]), 400],
    ["an empty member", EMPTY_MEMBER, 0],
    [
      "empty members between",
      Buffer.concat([EMPTY_MEMBER, A, EMPTY_MEMBER, EMPTY_MEMBER, B, EMPTY_MEMBER]),
      400,
    ],
    ["every optional header part", decorated(DECORATED_CRC), 250],
    ["stored blocks", gzipSync(LINES.slice(0, 40).join(""), { level: 0 }), 40],
  ];
  for (const slabBytes of [1, 13, 65_536]) {
    it.each(sound)(`is read to its last byte: %s (slabs of ${slabBytes})`, async (_, bytes, lines) => {
      const { outcome, counts } = await parse(bytes, { key: "logs/a.log.gz", slabBytes });
      expect(outcome.kind).toBe("ok");
      expect(counts).toMatchObject({ bytesRead: bytes.length, kept: lines, linesRead: lines });
    });
  }

  it("is read whole when a member ends exactly where a slab ends", async () => {
    const { counts } = await parse(Buffer.concat([A, B]), { key: "a.log.gz", slabBytes: A.length });
    expect(counts.kept).toBe(400);
  });

  it("is read as it is when it is a .log, and inflated when it is gzip all the same", async () => {
    const plain = await parse(LINES.join(""), { key: "logs/a.log" });
    const zipped = await parse(Buffer.concat([A, B]), { key: "logs/a.log" });
    expect([plain.counts.kept, zipped.counts.kept]).toEqual([400, 400]);
    expectSameContents(plain.contents, zipped.contents);
    expect((await parse("", { key: "logs/a.log" })).outcome).toMatchObject({ reason: "empty_object" });
  });
});

describe("salvage", () => {
  const whole = Buffer.concat([A, B]);

  it("gives the same prefix of the whole content, whatever the slabs", async () => {
    const all = (await parse(whole, { key: "a.log.gz" })).lines;
    for (const end of [
      1,
      9,
      11,
      200,
      A.length - 9,
      A.length - 8,
      A.length - 1,
      A.length + 3,
      whole.length - 1,
    ]) {
      const seen = [];
      for (const slabBytes of [1, 64, 65_536]) {
        const options = {
          key: "a.log.gz",
          slabBytes,
          spec: { onCorrupt: "salvage" as const, batchLines: 100 },
        };
        seen.push(await parse(whole.subarray(0, end), options));
      }
      for (const { outcome, lines, counts } of seen) {
        expect(outcome).toEqual(seen[0]!.outcome);
        expect(lines).toEqual(all.slice(0, lines.length));
        expect(counts).toMatchObject({ linesRead: lines.length, malformed: 0 });
        const bytes = LINES.slice(0, lines.length).join("").length;
        expect(outcome).toMatchObject({ kind: "ok", salvaged: { lines: lines.length, bytes } });
      }
    }
  });

  it("delivers nothing twice and nothing more than a sound file would", async () => {
    const { outcome } = await parse(whole, { key: "a.log.gz", spec: { onCorrupt: "salvage" } });
    expect(outcome).toMatchObject({ kind: "ok", salvaged: null });
  });

  it("refuses wrong bytes, which may hide anywhere before a CRC error", async () => {
    for (const { bytes, reason } of DAMAGES.filter((damage) => damage.reason !== "truncated")) {
      const { outcome } = await parse(bytes, { key: "a.log.gz", spec: { onCorrupt: "salvage" } });
      expect(outcome).toMatchObject({ kind: "corrupt", reason });
    }
  });
});

describe("an object with random damage", () => {
  const whole = Buffer.concat([A, B]);

  it("is corrupt after any truncation, except exactly between two members", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 5000 }),
        async (end, slabBytes) => {
          const { outcome } = await parse(whole.subarray(0, end), { key: "a.log.gz", slabBytes });
          expect(outcome.kind === "ok").toBe(end === A.length);
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it("is corrupt after flipped bits, or reads as before (time and OS of the header)", async () => {
    const sound = await parse(whole, { key: "a.log.gz" });
    const flip = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 3 }), async (flips) => {
        let bytes = whole;
        for (const [at, mask] of flips) bytes = flipped(bytes, at, mask);
        const { outcome, lines } = await parse(bytes, { key: "a.log.gz" });
        if (outcome.kind === "ok") expect(lines).toEqual(sound.lines);
      }),
      { numRuns: 600, seed: 2 },
    );
  });
});
