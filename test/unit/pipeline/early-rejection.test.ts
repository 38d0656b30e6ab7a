import { describe, expect, it } from "vitest";
import { BlockRejection, rejectionRule } from "../../../src/pipeline/early-rejection.ts";
import { parseFile, parseFileWith } from "../../../src/pipeline/parse.ts";
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import { expectSameContents, parse, record } from "./support.ts";

const parsePlainly = parseFileWith({ rejectEarly: false });

/** A seeded generator, so that each run has the same lines and a failure can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PARENTS = [
  '"00"',
  '"abc"',
  '"0"',
  '"000"',
  '"0\\u0030"',
  '"\\u00300"',
  '""',
  "null",
  "0",
  "true",
  '"中"',
  '"\\""',
  '"1f"',
  '"0000000000000000"',
  '"00\\u0030"',
  '"0000000000000001"',
];
const NEIGHBOURS = [
  '"x":{"ParentRayID":"abc"}',
  '"x":{"ParentRayID":"00"}',
  '"x":[{"ParentRayID":"abc"}]',
  '"x":"\\"ParentRayID\\":\\"abc\\""',
  '"y\\"ParentRayID":"abc"',
  '"Parent\\u0052ayID":"abc"',
  '"Parent\\u0052ayID":"00"',
  '"NotParentRayID":"abc"',
  '"Cookies":{}',
  '"Cookies":{"a":"}{"}',
  '"z":"{"',
  '"z":"\\\\"',
  '"ParentRayID" :"00"',
  '"ParentRayID": "abc"',
  '"v":"ParentRayID"',
  '"é":"中文"',
  '"u":"/a?b=1\\u0026c=2"',
];

function generated(random: (below: number) => number): string {
  const pick = (values: string[]): string => values[random(values.length)]!;
  const members = ['"EdgeStartTimestamp":1776866460', `"RayID":"${random(2 ** 31).toString(16)}"`];
  const parents = [0, 1, 1, 1, 1, 1, 1, 2][random(8)]!;
  for (let n = 0; n < parents; n += 1) members.push(`"ParentRayID":${pick(PARENTS)}`);
  for (let n = random(3); n > 0; n -= 1) members.push(pick(NEIGHBOURS));
  if (random(3) === 0)
    members.push(`"WorkerSubrequest":${pick(["true", "true", '"true"', "false", "null"])}`);
  if (random(20) === 0) members.push(`"x":{"WorkerSubrequest":${pick(["true", "false"])}}`);
  if (random(20) === 0) members.push('"v":"WorkerSubrequest"');
  for (let at = members.length - 1; at > 0; at -= 1) {
    const other = random(at + 1);
    [members[at], members[other]] = [members[other]!, members[at]!];
  }
  const line = `{${members.join(",")}}`;
  return random(50) === 0 ? `[${line}]` : line;
}

/** Small damage to the text: deleted, doubled, swapped or replaced characters, mostly characters with a meaning in
 * JSON. */
function mutated(line: string, random: (below: number) => number): string {
  let text = line;
  for (let n = 1 + random(2); n > 0; n -= 1) {
    const at = random(text.length);
    const signs = '{}[]":,\\ \r0a';
    const put = ["", text[at]! + text[at]!, signs[random(signs.length)]!, ` ${text[at]!}`][random(4)]!;
    text = text.slice(0, at) + put + text.slice(at + 1);
  }
  return text;
}

function isRecord(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The counts that must be equal with and without early rejection. Early rejection may count a malformed line as
 * dropped, so the two counts are added. Samples and Worker subrequests are left out, because they may differ. */
function comparable(counts: FileCounts): object {
  const { malformed, dropped, samples: _, workerSubrequests: _worker, ...rest } = counts;
  return { ...rest, dropped: { ...dropped, not_top_level: dropped.not_top_level + malformed } };
}

/** The share of the files that a quick run checks. */
const FILES = process.env["TEST_QUICK"] === undefined ? 1 : 0.1;
const ACCEPTED: (string | null)[][] = [
  ["00"],
  ["", "00"],
  ["00", null],
  [null],
  [],
  ["abc", "0"],
  ["中"],
  ['"'],
];

describe("early rejection", () => {
  it.each(ACCEPTED.map((accepted) => ({ accepted })))(
    "changes no count and no byte of generated records, top level being $accepted",
    async ({ accepted }) => {
      const random = randomOf(11);
      const spec = { topLevelParentRayIds: accepted };
      // Small files, because one line with an escaped letter turns the rejection off for its whole block.
      for (let file = 0; file < FILES * 150; file += 1) {
        const lines = Array.from({ length: 100 }, () => generated(random)).filter(
          (line) => file % 10 === 0 || !line.includes("\\u0052"),
        );
        const text = `${lines.join("\n")}\n`;
        const fast = await parse(text, { spec, parse: parseFile });
        const plain = await parse(text, { spec, parse: parsePlainly });
        expect(fast.counts).toEqual(plain.counts);
        expectSameContents(fast.contents, plain.contents);
      }
    },
  );

  it("changes nothing of mutated lines, except where a malformed subrequest counts", async () => {
    const random = randomOf(12);
    let hidden = 0;
    for (let file = 0; file < FILES * 400; file += 1) {
      const lines = Array.from({ length: 100 }, () => mutated(generated(random), random)).filter(
        (line) => file % 10 === 0 || !line.includes("\\u0052"),
      );
      const text = `${lines.join("\n")}\n`;
      const fast = await parse(text, { parse: parseFile });
      const plain = await parse(text, { parse: parsePlainly });
      expect(comparable(fast.counts)).toEqual(comparable(plain.counts));
      expectSameContents(fast.contents, plain.contents);
      const hiddenHere = plain.counts.malformed - fast.counts.malformed;
      hidden += hiddenHere;
      // A malformed line that is rejected may also look like the subrequest of a Worker.
      const more = (fast.counts.workerSubrequests ?? 0) - (plain.counts.workerSubrequests ?? 0);
      expect(more >= 0 && more <= hiddenHere).toBe(true);
      // Line by line: a rejected line must be no record, or a record that the plain path also drops.
      const rule = rejectionRule(["00"])!;
      for (const line of lines.filter((candidate) => isRecord(candidate) && !/\\u00[4-7]/.test(candidate))) {
        const bytes = Buffer.from(line).toString("latin1");
        const parsed = JSON.parse(line);
        if (new BlockRejection(bytes, rule).rejects(0, bytes.length))
          expect(String(parsed.ParentRayID)).not.toBe("00");
      }
    }
    expect(hidden).toBeGreaterThan(FILES * 100);
  });

  it("rejects an ordinary subrequest", () => {
    const line = JSON.stringify(
      record({ Cookies: {}, ResponseHeaders: { a: "1" }, ParentRayID: "7d3c1a2b3c4d5e6f" }),
    );
    expect(new BlockRejection(line, rejectionRule(["00"])!).rejects(0, line.length)).toBe(true);
  });

  it("hides no malformed line that does not even begin like a record", async () => {
    const subrequest = JSON.stringify(record({ ParentRayID: "7d3c1a2b3c4d5e6f" }));
    const { counts } = await parse([subrequest, `x${subrequest}`, `\ufeff${subrequest}`].join("\n"));
    expect(counts).toMatchObject({ malformed: 2, dropped: { not_top_level: 1 } });
  });

  it("does not try when an accepted value has several spellings in JSON", () => {
    expect([
      rejectionRule(["中"]),
      rejectionRule(['a"b']),
      rejectionRule(["\\"]),
      rejectionRule(["\u007f"]),
    ]).toEqual([null, null, null, null]);
    expect(rejectionRule(["00", "", null])).not.toBe(null);
  });
});
