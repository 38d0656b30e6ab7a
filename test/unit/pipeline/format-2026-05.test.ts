// The format edge-3.0-2026-05: the golden lines byte for byte, and the odd values of its own fields.
import { describe, expect, it } from "vitest";
import { FORMATS } from "../../../src/pipeline/transform/formats/formats.ts";
import { LineFormatter } from "../../../src/pipeline/transform/line-formatter.ts";
import { fieldNames, lineDifferences } from "../../support/line-differences.ts";
import { golden, goldenText, ndjson, parse, record } from "./support.ts";

type Json = Record<string, unknown>;

const FORMAT = {
  format: "edge-3.0-2026-05",
  formatFields: { 11: "192.0.2.11", 58: "0123456789abcdef0123456789abcdef" },
} as const;
const NAMES = fieldNames(goldenText("fields.tsv"));
const EVER = { startMs: 0, endMs: 8.64e15 };

/** The lines of records, as the parse step makes them. A text is the JSON of a record. */
async function linesOf(records: (Json | string)[], spec: Json = FORMAT): Promise<string[]> {
  const texts = records.map((one) => (typeof one === "string" ? `${one}\n` : ndjson([one])));
  return (await parse(texts.join(""), { spec: { ...EVER, ...spec } })).lines;
}

async function field(number: number, changes: Json, spec: Json = FORMAT): Promise<string | undefined> {
  return (await linesOf([record(changes)], spec))[0]?.split("\u0001")[number - 1];
}

describe("the golden lines of May 2026", () => {
  const rows = golden<{ name: string; record: Json; line: string }>("lines-2026-05.ndjson");

  it("are all there, so that an emptied fixture cannot pass", () => {
    expect(rows.length).toBeGreaterThan(150);
  });

  it.each(rows)("gives line $name byte for byte", async ({ record: one, line }) => {
    // This test checks the line and not the filter. So rows without ParentRayID get a value that passes the filter.
    const [printed = ""] = await linesOf([{ ...one, ParentRayID: "00" }]);
    expect(lineDifferences(Buffer.from(printed).toString(), line, NAMES)).toEqual([]);
  });
});

describe("field 6, the time from start to end", () => {
  it.each([
    [1776866460, 1776866460, "0.000"],
    [1776866460, 1776866461, "1.000"],
    [1776866460, "1776866460001", "0.001"],
    [1776866460123, 1776866470, "9.877"],
    ["2026-04-22T14:01:00.250Z", "2026-04-22T22:01:01+08:00", "0.750"],
    ["2026-04-22T14:01:00Z", "1776866460000000999", "0.000"],
    [1, 8640000000000000, "8639999999.000"],
    [1776866460, 1776866459, "-"],
    [1776866460, "2026-04-22T14:00:59.999Z", "-"],
    [1776866460, undefined, "-"],
    [1776866460, null, "-"],
    [1776866460, "", "-"],
    [1776866460, "   ", "-"],
    [1776866460, 0, "-"],
    [1776866460, -1776866461, "-"],
    [1776866460, true, "-"],
    [1776866460, {}, "-"],
    [1776866460, [1776866461], "-"],
    [1776866460, "2026-04-22T14:02:00", "-"],
    [1776866460, "2026-02-30T14:02:00Z", "-"],
    [1776866460, 1e300, "-"],
  ])("of %j to %j is %s", async (EdgeStartTimestamp, EdgeEndTimestamp, seconds) => {
    expect(await field(6, { EdgeStartTimestamp, EdgeEndTimestamp })).toBe(seconds);
  });

  it("reads 19 digits of nanoseconds exactly, where JSON.parse would round to the next millisecond", async () => {
    const start = `"ParentRayID":"00","EdgeStartTimestamp":1776866460000000000`;
    const [line = ""] = await linesOf([`{${start},"EdgeEndTimestamp":1776866460000999999}`]);
    expect(line.split("\u0001")[5]).toBe("0.000");
    expect(Number("1776866460000999999")).toBe(1776866460001000000);
  });

  it("reads the last of duplicate keys, and a key with escaped letters, as JSON.parse does", async () => {
    const start = `"ParentRayID":"00","EdgeStartTimestamp":1776866460`;
    const lines = await linesOf([
      `{${start},"EdgeEndTimestamp":1776866461,"EdgeEndTimestamp":1776866462}`,
      `{${start},"\\u0045dgeEndTimestamp":1776866463}`,
    ]);
    expect(lines.map((line) => line.split("\u0001")[5])).toEqual(["2.000", "3.000"]);
  });

  it("leaves field 9 as the time to the first byte", async () => {
    expect(await field(9, { EdgeTimeToFirstByteMs: 250, EdgeEndTimestamp: 1776866461 })).toBe("0.250");
  });
});

describe("field 11, the server's address", () => {
  it.each([
    ["172.68.0.1", "172.68.0.1"],
    ["-", "-"],
    [0, "0"],
    [" 1.2.3.4 ", " 1.2.3.4 "],
    [undefined, "192.0.2.11"],
    [null, "192.0.2.11"],
    ["", "192.0.2.11"],
    [" \t\u00a0\u0001", "192.0.2.11"],
  ])("of %j is %s", async (EdgeServerIP, value) => {
    expect(await field(11, { EdgeServerIP })).toBe(value);
  });

  it('is "-" without an address and without FORMAT_FIELD_11, as field 58 without FORMAT_FIELD_58', async () => {
    expect(await field(11, {}, { format: FORMAT.format })).toBe("-");
    expect(await field(58, {}, { format: FORMAT.format })).toBe("-");
    expect(await field(58, {})).toBe(FORMAT.formatFields[58]);
  });
});

describe("field 45, the country of the data centre", () => {
  it.each(Object.entries(JSON.parse(goldenText("colo-country-2026-05.json")) as Record<string, string>))(
    "of %s is %s, in upper and lower case",
    async (colo, country) => {
      expect(await field(45, { EdgeColoCode: colo, ClientCountry: "nl" })).toBe(country);
      expect(await field(45, { EdgeColoCode: colo.toLowerCase() })).toBe(country);
    },
  );

  it.each(["QQX", "", " ", null, undefined, 7, {}, "constructor", "HKG "])(
    "of an unknown data centre (%j) is SG, whatever ClientCountry holds",
    async (EdgeColoCode) => {
      expect(await field(45, { EdgeColoCode, ClientCountry: "nl\u0001" })).toBe("SG");
    },
  );
});

describe("a value of white space alone", () => {
  it.each(["   ", "\t\n", "\u00a0\u3000", "\u0001", " \u007f "])(
    "%j is -, in every field that copies it",
    async (blank) => {
      const copied = FORMATS["edge-3.0-2026-05"].versions[2].columns.filter(
        ({ copies: [name], at }) =>
          name !== undefined && name !== "ResponseHeaders" && !at.includes(18) && !at.includes(11),
      );
      const changes = Object.fromEntries(copied.map(({ copies: [name = ""] }) => [name, blank]));
      const [line = ""] = await linesOf([
        record({ ...changes, ResponseHeaders: { "content-length": blank } }),
      ]);
      const fields = line.split("\u0001");
      for (const { at, copies } of copied)
        for (const n of at) expect([copies[0], fields[n - 1]]).toEqual([copies[0], "-"]);
      expect(fields[20]).toBe("-");
    },
  );

  it("is kept by edge-3.0", async () => {
    expect(await field(34, { ClientRequestReferer: "   " }, { format: "edge-3.0" })).toBe("   ");
  });
});

it("is printed as edge-3.0 by a specification without a format, and refused for an unknown format", () => {
  const one = record({ EdgeColoCode: "QQX", ClientCountry: "nl", EdgeEndTimestamp: 1776866461 });
  const older = new LineFormatter({ parseVersion: 2 }).format(one, 0);
  expect(new LineFormatter({ parseVersion: 2, format: "edge-3.0" }).format(one, 0)).toBe(older);
  expect(new LineFormatter({ parseVersion: 2, format: "edge-3.0-2026-05" }).format(one, 0)).not.toBe(older);
  const unknown = { format: "edge-9" } as unknown as { format: "edge-3.0" };
  expect(() => new LineFormatter(unknown)).toThrow("edge-9");
});
