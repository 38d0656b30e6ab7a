// Lines that are records: the original bytes, or chosen members with exact numbers.
import { describe, expect, it } from "vitest";
import type { RecordForm } from "../../../src/contract/receivers.ts";
import { parse } from "./support.ts";

const RECORD = `{"ParentRayID": "00","EdgeStartTimestamp":1776866460123456789, "RayID":"r1","ü":"\\u00e9é\\n","n":1e2,"o":{"x":[1,null]}}`;

async function linesOf(text: string, record: RecordForm): Promise<string> {
  const { contents } = await parse(text, { spec: { record } });
  return Buffer.concat(contents).toString();
}

describe("a whole record", () => {
  it("has the bytes of the file, white space, escapes and digits included", async () => {
    const dropped = RECORD.replace('"00"', '"abc"');
    expect(await linesOf(`${RECORD}\n${dropped}\n${RECORD}\r\n`, "whole")).toBe(`${RECORD}\n${RECORD}\n`);
  });

  it("stands on one line when the file has it on several, and alone when the file has a list", async () => {
    const spread = RECORD.replace(/, "RayID"/, ',\n "RayID"');
    expect(await linesOf(`${spread}\n`, "whole")).toBe(`${spread.replaceAll("\n", " ")}\n`);
    expect(await linesOf(`[${RECORD},${RECORD}]\n`, "whole")).toBe(`${RECORD}\n${RECORD}\n`);
  });
});

describe("chosen members", () => {
  it("have the given names and order, exact numbers, and leave out what the record does not have", async () => {
    const record: RecordForm = [
      ["t", "EdgeStartTimestamp"],
      ["none", "Missing"],
      ['na"me', "ü"],
      ["n", "n"],
      ["o", "o"],
      ["again", "RayID"],
    ];
    expect(await linesOf(`${RECORD}\n`, record)).toBe(
      `{"t":1776866460123456789,"na\\"me":"éé\\n","n":100,"o":{"x":[1,null]},"again":"r1"}\n`,
    );
    expect(await linesOf(`${RECORD}\n`, [["none", "Missing"]])).toBe("{}\n");
  });

  it("takes no member of the prototype", async () => {
    expect(await linesOf(`${RECORD}\n`, [["x", "toString"]])).toBe("{}\n");
  });
});
