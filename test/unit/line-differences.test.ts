// A failing golden line must print only a few sentences, whatever its length.
import { describe, expect, it } from "vitest";
import { contentDifferences, fieldNames, lineDifferences } from "../support/line-differences.ts";
import { goldenText } from "./pipeline/support.ts";

const NAMES = fieldNames(goldenText("fields.tsv"));
const LINE = Array.from({ length: 145 }, (_, index) => `v${index + 1}`);
const lineOf = (fields: string[]) => `${fields.join("\u0001")}\n`;

describe("the report on the differences of a line", () => {
  it("finds none when it is the same to the last byte", () => {
    expect(lineDifferences(lineOf(LINE), lineOf(LINE), NAMES)).toEqual([]);
  });

  it("names each field by number and source", () => {
    expect(lineDifferences(lineOf(LINE.with(3, "404")), lineOf(LINE), NAMES)).toEqual([
      'field 4 (EdgeResponseStatus): "404", right is "v4"',
    ]);
  });

  it("shows a part of a value of 5 MB, around the first difference", () => {
    const long = "x".repeat(5_000_000);
    const text = lineDifferences(lineOf(LINE.with(2, `${long}a`)), lineOf(LINE.with(2, `${long}b`)), NAMES).join("\n"); // prettier-ignore
    expect(text.length).toBeLessThan(400);
    expect(text).toMatch(/^field 3 \(RayID\): "x{20}a" \(from 4999980 of 5000001\), right is "x{20}b"/);
  });

  it("reports a missing LF, and a field too few without listing all that are shifted", () => {
    expect(lineDifferences(LINE.join("\u0001"), lineOf(LINE))).toHaveLength(1);
    const shifted = lineDifferences(lineOf(LINE.slice(1)), lineOf(LINE));
    expect(shifted[0]).toBe("144 fields, right are 145");
    expect(shifted).toHaveLength(9);
  });

  it("names the batch and the line of many", () => {
    const right = [lineOf(LINE), lineOf(LINE) + lineOf(LINE)];
    const printed = [lineOf(LINE), lineOf(LINE) + lineOf(LINE.with(0, "x"))];
    expect(contentDifferences(right, right)).toEqual([]);
    expect(contentDifferences(printed, right)).toEqual(['batch 1, line 2: field 1: "x", right is "v1"']);
    expect(contentDifferences([lineOf(LINE)], right)).toEqual(["1 batches, right are 2"]);
  });
});
