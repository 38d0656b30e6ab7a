import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { civilFromDays, daysFromCivil } from "../../../src/pipeline/calendar.ts";
import { LineFormatter } from "../../../src/pipeline/transform/line-formatter.ts";
import { numberText } from "../../../src/pipeline/transform/number-text.ts";
import { ndjson, parse, record } from "./support.ts";

function fieldsOf(source: Record<string, unknown>, ms: number | null = null): string[] {
  return new LineFormatter({ parseVersion: 2 }).format(source, ms).slice(0, -1).split("\u0001");
}

function field(index: number, source: Record<string, unknown>): string {
  return fieldsOf(source)[index - 1]!;
}

/** The fields that a line reads. They are written out, because a list taken from the table of columns would miss a
 * forgotten field. */
const SOURCES =
  `CacheCacheStatus ClientCountry ClientIP ClientRequestBytes ClientRequestHost ClientRequestMethod
  ClientRequestProtocol ClientRequestReferer ClientRequestScheme ClientRequestURI ClientRequestUserAgent ClientSSLProtocol
  ClientSrcPort EdgeColoCode EdgeResponseBodyBytes EdgeResponseBytes EdgeResponseContentType EdgeResponseStatus
  EdgeServerIP EdgeTimeToFirstByteMs OriginIP OriginRequestHeaderSendDurationMs OriginResponseDurationMs
  OriginResponseHeaderReceiveDurationMs OriginResponseStatus OriginTLSHandshakeDurationMs RayID ResponseHeaders`.split(
    /\s+/,
  );

/** Any JSON value, with many strings that contain separators, line ends, surrogates and long texts. */
const nasty = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\u0001", "\n", "\r", "\u007f", "\u0000", "a", "\ud83d", "\ude00", "😀"),
  }),
  fc.nat(6000).map((length) => "😀".repeat(length)),
);
const anyValue = fc.oneof(
  nasty,
  fc.jsonValue(),
  fc.double(),
  fc.constantFrom(-0, 1e21, -1e25, 5e-324, true, false, null, [], {}, { toString: 1 }, { toJSON: 2 }),
  fc.record({ "content-length": fc.oneof(nasty, fc.jsonValue()) }),
);

describe("a partner line", () => {
  it("stays one line of 145 fields for arbitrary JSON in every source field", () => {
    const anyRecord = fc.dictionary(fc.constantFrom(...SOURCES, "__proto__", "constructor"), anyValue, {
      maxKeys: 30,
    });
    fc.assert(
      fc.property(anyRecord, fc.option(fc.integer()), (source, ms) => {
        const parsed = JSON.parse(JSON.stringify(source));
        const line = new LineFormatter({ parseVersion: 2 }).format(parsed, ms);
        // oxlint-disable-next-line no-control-regex
        expect(line.replace(/\u0001/g, "")).toMatch(/^[^\u0000-\u001f\u007f]*\n$/);
        expect(line.split("\u0001").length).toBe(145);
        expect(line).not.toContain("[object");
      }),
      { numRuns: 3000, seed: 6 },
    );
  });

  it("holds nesting deeper than any stack as the JSON text it was", () => {
    const text = `${'{"a":['.repeat(50_000)}"\\u0001é"${"]}".repeat(50_000)}`;
    expect(field(3, { RayID: JSON.parse(text) })).toBe(text);
    expect(field(3, { RayID: JSON.parse(text.replace('"\\u0001é"', '1,null,{"b":{},"c":[]}')) })).toBe(
      text.replace('"\\u0001é"', '1,null,{"b":{},"c":[]}'),
    );
  });

  it("takes no content length from a header map named __proto__", () => {
    expect(field(21, JSON.parse('{"ResponseHeaders":{"__proto__":{"content-length":"9"}}}'))).toBe("-");
    expect(field(13, JSON.parse('{"__proto__":{"ClientIP":"203.0.113.9"}}'))).toBe("-");
  });
});

describe("a control character", () => {
  it("counts once for each source field, wherever its value is printed", async () => {
    const source = {
      ClientIP: "a\nb",
      ClientRequestHost: "h\u0001",
      ClientRequestURI: "/\t\t",
      ClientRequestUserAgent: "fine",
      ResponseHeaders: { "content-length": "\u007f" },
      CacheCacheStatus: "hi\nt",
    };
    const { lines, counts } = await parse(ndjson([record(source), record()]));
    expect(counts).toMatchObject({ kept: 2, sanitizedFields: 4 });
    const fields = lines[0]!.split("\u0001");
    expect([13, 36, 40, 17, 60, 18, 21, 27].map((index) => fields[index - 1])).toEqual([
      "a b",
      "a b",
      "a b",
      "h ",
      "h ",
      "https://h /  ",
      " ",
      "-",
    ]);
  });

  it("is cleaned from the id of a batch in the ledger", async () => {
    const { batches } = await parse(ndjson([record({ RayID: "a\nb" })]));
    expect(batches[0]).toMatchObject({ firstRayId: "a b", lastRayId: "a b" });
  });

  it("has no effect on the next record", () => {
    const formatter = new LineFormatter({ parseVersion: 2 });
    formatter.format({ ClientIP: "a\nb", ClientRequestReferer: "\u0001" }, null);
    expect(formatter.format({ ClientIP: "c" }, null)).toBe(
      new LineFormatter({ parseVersion: 2 }).format({ ClientIP: "c" }, null),
    );
  });
});

describe("a number", () => {
  it("prints as String prints it, around every border of the tables", () => {
    const borders = [1e4, 1e8, 1e12, 1e16, 1e21].flatMap((border) => [border - 1, border, border + 1]);
    const values = [-0, 0, 9, 10, 99_990_000, 120_000_005, -1, -10_000, 0.5, 10_000.5, 1e-7, 1.5e300];
    for (const value of [...borders, ...values]) expect(numberText(value)).toBe(String(value));
    for (const value of [NaN, Infinity, -Infinity]) expect(numberText(value)).toBe(String(value));
  });

  it("prints as String prints it, for arbitrary doubles and integers", () => {
    const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.nat(20_000));
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(numberText(value)).toBe(String(value));
      }),
      { numRuns: 20_000, seed: 11 },
    );
  });
});

describe("truncation", () => {
  const emoji = "😀";
  it.each([
    ["ClientRequestUserAgent", 35, 1024],
    ["ClientRequestReferer", 34, 2048],
  ])("counts UTF-16 units and never splits a pair: %s", (name, index, units) => {
    expect(field(index, { [name]: "x".repeat(units - 1) + emoji })).toBe("x".repeat(units - 1));
    expect(field(index, { [name]: "x".repeat(units - 2) + emoji })).toBe("x".repeat(units - 2) + emoji);
    expect(field(index, { [name]: "x".repeat(units - 1) + "\ud83d" })).toBe(`${"x".repeat(units - 1)}\ud83d`);
    expect(field(index, { [name]: "x".repeat(units - 1) + "\ud83dyy" })).toBe(
      `${"x".repeat(units - 1)}\ud83d`,
    );
    expect(field(index, { [name]: "x".repeat(units + 1) })).toBe("x".repeat(units));
  });

  it("limits the whole URL", () => {
    const url = field(18, {
      ClientRequestScheme: "https",
      ClientRequestHost: "h",
      ClientRequestURI: "/".repeat(9999),
    });
    expect(url.length).toBe(4096);
  });

  it("prints a lone surrogate as U+FFFD", async () => {
    const line = JSON.stringify(record({ ClientRequestUserAgent: "x\ud83dy" }));
    const { lines } = await parse(`${line}\n`);
    expect(lines[0]!.split("\u0001")[34]).toBe("x\ufffdy");
  });
});

describe("a duration", () => {
  it.each([
    [0, "0.000"],
    [9999, "9.999"],
    [10_000, "10.000"],
    [-5, "-0.005"],
    [0.4, "0.000"],
    ["12", "0.012"],
    [true, "0.001"],
    [1e21, "1000000000000000000.000"],
    [1e25, "10000000000000000000000.000"],
    [-1e25, "-10000000000000000000000.000"],
    [Infinity, "-"],
    ["1e400", "-"],
    ["  ", "-"],
    ["abc", "-"],
    [[], "-"],
    [[5], "-"],
    [{}, "-"],
    [null, "-"],
    [undefined, "-"],
  ])("prints %s as the plain decimal %s", (value, printed) => {
    expect(field(26, { OriginResponseDurationMs: value })).toBe(printed);
  });
});

describe("a value of an unexpected type", () => {
  it("prints as JSON text when it is an array or object, and as it is when false or 0", () => {
    expect(field(13, { ClientIP: ["a", { b: null }] })).toBe('["a",{"b":null}]');
    expect([field(4, { EdgeResponseStatus: 0 }), field(4, { EdgeResponseStatus: false })]).toEqual([
      "0",
      "false",
    ]);
  });

  it("prints a content length of several header lines as a JSON array", () => {
    expect(field(21, { ResponseHeaders: { "content-length": ["5", "5"] } })).toBe('["5","5"]');
    for (const headers of [
      null,
      [],
      "content-length",
      5,
      true,
      { "Content-Length": "5" },
      { "content-length": null },
    ]) {
      expect(field(21, { ResponseHeaders: headers })).toBe("-");
    }
  });

  it("reads no https scheme from an array, and no data centre from names of Object.prototype", () => {
    expect(field(12, { ClientRequestScheme: ["https"] })).toBe("80");
    expect(field(18, { ClientRequestScheme: ["https"] })).toBe('["https"]:///');
    expect(field(45, { EdgeColoCode: "__proto__", ClientCountry: "us" })).toBe("US");
    expect(field(45, { EdgeColoCode: 7, ClientCountry: { a: 1 } })).toBe('{"A":1}');
  });
});

describe("a stamp", () => {
  it("has the fixed offset +08:00 for any instant of four thousand years", () => {
    fc.assert(
      fc.property(fc.integer({ min: -6e13, max: 6e13 }), (ms) => {
        const beijing = new Date(ms + 8 * 3_600_000).toUTCString().split(/[ ,]+/);
        const [, day, month, year, clock] = beijing;
        const bare = `${day}/${month}/${year}:${clock} +0800`;
        const fields = fieldsOf({}, ms);
        expect([fields[1], fields[54]]).toEqual([`[${bare}]`, bare]);
        expect(Number(fields[4])).toBe(ms / 1000);
        expect(fields[4]).toMatch(/^-?\d+\.\d{3}$/);
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  it("counts every day of eight hundred years in turn", () => {
    let previous = daysFromCivil(1800, 1, 1) - 1;
    for (let days = previous + 1; days < daysFromCivil(2600, 1, 1); days += 1) {
      const { year, month, day } = civilFromDays(days);
      const back = daysFromCivil(year, month, day);
      if (back !== previous + 1) throw new Error(`${year}-${month}-${day}`);
      previous = back;
    }
  });
});
