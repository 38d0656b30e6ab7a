// Records that share lines or span lines, as the output options of a Logpush job can write them.
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parse, record, type Parsed, type ParseOptions } from "./support.ts";

const COUNT = 12;
const RECORDS = Array.from({ length: COUNT }, (_, n) =>
  record({
    RayID: `ray-${n}`,
    ClientRequestUserAgent: `a },{ "quoted" [${n}], \\ "`,
    Cookies: { a: "}{", b: ["{", { c: 1 }] },
    ParentRayID: n % 4 === 3 ? "7d3c1a2b3c4d5e6f" : "00",
  }),
);
const TEXTS = RECORDS.map((one) => JSON.stringify(one));
const KEPT = RECORDS.filter((one) => one["ParentRayID"] === "00").length;

/** The lines of the same records as plain NDJSON. */
async function plain(): Promise<Parsed> {
  return parse(TEXTS.map((text) => `${text}\n`).join(""));
}

function jackson(): string {
  return `[ ${RECORDS.map((one) => JSON.stringify(one, null, 2)).join(", ")} ]`;
}

const FORMS: [name: string, text: string, repaired: number][] = [
  ["a comma after each record but the last", TEXTS.join(",\n"), COUNT - 1],
  ["a comma after each record", TEXTS.map((text) => `${text},\n`).join(""), COUNT],
  ["a comma and CRLF", TEXTS.join(",\r\n"), COUNT - 1],
  ["a space before the comma", TEXTS.join(" ,\n"), COUNT - 1],
  ["a comma before each record but the first", TEXTS.join("\n,"), COUNT - 1],
  ["commas on lines of their own", TEXTS.join("\n,\n"), COUNT - 1],
  ["commas and no line end", TEXTS.join(","), COUNT - 1],
  ["nothing between records", TEXTS.join(""), 0],
  ["spaces between records", TEXTS.join("  "), 0],
  ["a record separator before each record", TEXTS.map((text) => `\u001e${text}\n`).join(""), 0],
  ["an array on one line", JSON.stringify(RECORDS), 0],
  ["an array, a record a line", `[${TEXTS.join(",\n")}]\n`, 0],
  ["an array, brackets alone", `[\n${TEXTS.join(",\n")}\n]\n`, 0],
  ["an array, a comma before each record", `[${TEXTS.join("\n,")}\n]`, 0],
  ["brackets around lines without commas", `[${TEXTS.join("\n")}\n]\n`, 0],
  ["an array with a comma after its last record", `[\n${TEXTS.join(",\n")},\n]\n`, 1],
  ["an array, pretty-printed", JSON.stringify(RECORDS, null, 2), 0],
  ["an array, pretty-printed with tabs and CRLF", JSON.stringify(RECORDS, null, "\t").replaceAll("\n", "\r\n"), 0],
  ["an array, pretty-printed in another style", jackson(), 0],
  ["records, pretty-printed", RECORDS.map((one) => `${JSON.stringify(one, null, 4)}\n`).join(""), 0],
  ["records that break after a comma", TEXTS.map((text) => `${text.replace(',"Client', ',\n"Client')}\n`).join(""), 0],
  ["arrays one after the other, a line each", TEXTS.map((text) => `[${text}]\n`).join(""), 0],
  ["arrays one after the other, on one line", TEXTS.map((text) => `[${text}]`).join(""), 0],
  ["arrays one after the other, over lines", TEXTS.map((text) => `[\n${text}\n]\n`).join("\n"), 0],
  ["arrays joined by commas", TEXTS.map((text) => `[${text}]`).join(",\n"), COUNT - 1],
  ["an empty array first", `[]\n[\n]\n${JSON.stringify(RECORDS)}`, 0],
  ["a byte order mark before an array", `\ufeff${JSON.stringify(RECORDS)}`, 0],
  ["a byte order mark before a pretty array", `\ufeff${JSON.stringify(RECORDS, null, 1)}`, 0],
]; // prettier-ignore

describe("a list of records", () => {
  it.each(FORMS.flatMap(([name, text, repaired]) =>
    [1, 7, 100, 65_536].map((slabBytes) => ({ name, text, repaired, slabBytes })),
  ))("is read: $name, in slabs of $slabBytes bytes", async ({ text, repaired, slabBytes }) => {
    const right = await plain();
    expect(right.counts.kept).toBe(KEPT);
    const options: ParseOptions[] = [{ slabBytes }, { slabBytes, spec: { maxLineBytes: 1_024 } }];
    for (const option of options) {
      const { counts, lines } = await parse(text, option);
      expect(counts).toMatchObject({ linesRead: COUNT, kept: KEPT, malformed: 0, repaired });
      expect(counts.dropped).toMatchObject({ not_top_level: COUNT - KEPT });
      expect(lines).toEqual(right.lines);
    }
  }); // prettier-ignore

  // An escaped letter stops the early rejection in its block. So the first line is read in another way when the
  // second line is in the same block.
  it.each([1, 50, 100, 65_536])("counts a comma after an object that never ends, in slabs of %i bytes", async (slabBytes) => {
    const open = '{"Cookies":{"ParentRayID":"7d3c1a2b3c4d5e6f"},';
    const { counts, lines } = await parse(`${open}\n${TEXTS[0]},\n{"Parent\\u0052ayID":"abc"},\n`, { slabBytes });
    expect({ kept: counts.kept, lines: lines.length, repaired: counts.repaired }).toEqual({ kept: 1, lines: 1, repaired: 3 });
    expect(counts.malformed + counts.dropped.not_top_level).toBe(2);
  }); // prettier-ignore

  it("is read the same from gzip members that end within a record", async () => {
    const text = Buffer.from(JSON.stringify(RECORDS, null, 2));
    const members = [0, 50, 1_000].map((from, n, all) => gzipSync(text.subarray(from, all[n + 1])));
    const { lines } = await parse(Buffer.concat(members), { key: "x.log.gz" });
    expect(lines).toEqual((await plain()).lines);
  });

  it("stays malformed in parse version 1, because a run keeps what it began with", async () => {
    const { counts } = await parse(TEXTS.join(",\n"), { spec: { parseVersion: 1 } });
    expect(counts).toMatchObject({ linesRead: COUNT, kept: 0, malformed: KEPT, repaired: 0 });
    const array = await parse(JSON.stringify(RECORDS), { spec: { parseVersion: 1 } });
    expect(array.counts).toMatchObject({ linesRead: 1, malformed: 1, kept: 0 });
    expect(array.counts.samples[0]).toMatchObject({ reason: "not_an_object" });
  });
});

describe("a list that is not understood as a whole", () => {
  const [first = "", second = ""] = TEXTS;

  it.each([
    ["a half-cut line", first.slice(0, 40)],
    ["a half-cut line with a comma", `${first.slice(0, 40)},`],
    ["the second half of a line", first.slice(40)],
    ["a record and text after it", `${first} x`],
    ["a record and another bracket", `${first}]`],
    ["two commas", `${first},,${second}`],
    ["an array in an array", `[[${first}]]`],
    ["an array with something else in it", `[${first},null]`],
    ["a line cut after a bracket", '{"RayID":"x","a":['],
    ["a line cut after a brace", '{"RayID":"x","a":{'],
    ["a line cut after a colon", '{"RayID":"x","a":'],
    ["a line cut after a comma", '{"RayID":"x",'],
    ["a line cut in a number", '{"RayID":"x","a":12'],
    ["a brace", "{"],
    ["spaces", "   "],
    ["a list of numbers", "[1,2,3]"],
    ["a header of CSV", "ClientIP,ClientRequestHost,EdgeStartTimestamp"],
  ])("is left malformed, and every record around it is read: %s", async (_name, text) => {
    for (const between of ["\n", ",\n"]) {
      const lines = [first, text, ...TEXTS.slice(1)];
      const { counts, lines: sent } = await parse(lines.join(between === "\n" ? "\n" : ",\n").replace(`${text},\n`, `${text}\n`));
      expect(counts).toMatchObject({ linesRead: COUNT + 1, kept: KEPT, malformed: 1 });
      expect(counts.samples).toEqual([expect.objectContaining({ line: 2 })]);
      expect(sent).toEqual((await plain()).lines);
    }
  }); // prettier-ignore

  it("loses half of its lines when every other one is cut", async () => {
    const lines = Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? first : first.slice(0, 30 + n)));
    const { counts } = await parse(lines.join("\n"));
    expect(counts).toMatchObject({ linesRead: 50, kept: 25, malformed: 25 });
  });

  it("names the line in which a record began, empty lines and brackets included", async () => {
    const pretty = JSON.stringify(RECORDS[0], null, 1);
    const lines = ["[", "", first, ",", pretty, ",", first.slice(0, 30), ",", "nonsense", first, "]"];
    const { counts } = await parse(lines.join("\n"));
    const prettyLines = pretty.split("\n").length;
    expect(counts).toMatchObject({ linesRead: 5, kept: 3, malformed: 2 });
    expect(counts.samples.map((sample) => sample.line)).toEqual([6 + prettyLines, 8 + prettyLines]);
    expect(counts.linesRead + counts.emptyLines + prettyLines - 1).toBe(lines.join("\n").split("\n").length);
  });

  it("is read up to the first thing that is no record, on one long line", async () => {
    const good = Array.from({ length: 100 }, () => first);
    const spec = { maxLineBytes: 2_000 };
    const cut = await parse(`[${good.join(",")},{"RayID":"cu`, { spec });
    expect(cut.counts).toMatchObject({ linesRead: 101, kept: 100, malformed: 1 });
    const long = await parse(`[${good.join(",")},{"a":"${"x".repeat(3_000)}"},${first}]\n${first}\n`, { spec });
    expect(long.counts).toMatchObject({ linesRead: 102, kept: 101, malformed: 1 });
    expect(long.counts.samples).toEqual([expect.objectContaining({ line: 1, reason: "too_long" })]);
    const one = await parse(`{"a":"${"x".repeat(3_000)}"}\n${first}\n`, { spec });
    expect(one.counts).toMatchObject({ linesRead: 2, kept: 1, malformed: 1 });
    expect(one.counts.samples).toEqual([expect.objectContaining({ line: 1, reason: "too_long" })]);
  }); // prettier-ignore

  it("is read in time that grows with the size of a file of half-cut lines", async () => {
    const lines = Array.from({ length: 20_000 }, () => '{"a":[');
    const began = performance.now();
    const { counts } = await parse([...lines, first].join("\n"));
    expect(counts).toMatchObject({ linesRead: 20_001, malformed: 20_000, kept: 1 });
    const joined = Array.from({ length: 3_000 }, () => `{"a":[\n${first},`);
    expect((await parse(joined.join("\n"))).counts).toMatchObject({ kept: 3_000, malformed: 3_000 });
    // Without a bound on the work this would take minutes.
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it("is salvaged when it is cut off, and its last record counts as not read", async () => {
    const packed = gzipSync(JSON.stringify(RECORDS.concat(RECORDS, RECORDS), null, 1));
    const cut = packed.subarray(0, packed.length - 60);
    const spec = { onCorrupt: "salvage" as const };
    const { outcome, counts } = await parse(cut, { key: "x.log.gz", spec });
    expect(outcome.kind).toBe("ok");
    expect(counts.malformed).toBe(0);
    expect(counts.kept).toBeGreaterThan(10);
    expect(counts.kept).toBeLessThan(3 * KEPT);
  });
});
