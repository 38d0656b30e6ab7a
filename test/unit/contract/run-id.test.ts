// Run ids: what they contain, and which texts are none.
import { describe, expect, it } from "vitest";
import { isReceiverName } from "../../../src/contract/receivers.ts";
import { isRunId, receiverOf, runIdOf, windowOf } from "../../../src/contract/run-id.ts";

const START = Date.parse("2026-04-22T14:00:00Z");
const END = Date.parse("2026-04-22T15:00:00Z");
const CREATED = Date.parse("2026-04-23T01:02:03Z");
const FIRST = "20260422T140000Z_20260422T150000Z_20260423T010203Z";

describe("a run id", () => {
  it("has no name for the first receiver, and ends in the name of any other receiver", () => {
    expect(runIdOf(START, END, CREATED)).toBe(FIRST);
    expect(runIdOf(START, END, CREATED, "siem-2")).toBe(`${FIRST}_siem-2`);
    expect([receiverOf(FIRST), receiverOf(`${FIRST}_siem-2`)]).toEqual([null, "siem-2"]);
  });

  it("contains the window, whatever the receiver is", () => {
    const window = { startMs: START, endMs: END };
    expect([windowOf(FIRST), windowOf(`${FIRST}_siem`), windowOf(`${FIRST}_`)]).toEqual([
      window,
      window,
      null,
    ]);
  });

  it("gives two receivers no common object and no common prefix", () => {
    const ids = [undefined, "a", "a-b", "ab"].map((receiver) => runIdOf(START, END, CREATED, receiver));
    expect(new Set(ids).size).toBe(ids.length);
    const prefixes = ids.map((id) => `processed-backfill/${id}/`);
    for (const [n, prefix] of prefixes.entries())
      expect(prefixes.filter((other) => other.startsWith(prefix))).toEqual([prefixes[n]]);
  });

  it("accepts exactly these forms", () => {
    expect([FIRST, `${FIRST}_siem`, `${FIRST}_${"a".repeat(24)}`].map(isRunId)).toEqual([true, true, true]);
    const wrong = [
      "",
      "_",
      FIRST.slice(0, -1),
      `${FIRST}_`,
      `${FIRST}_default`,
      `${FIRST}_Siem`,
      `${FIRST}_2nd`,
      `${FIRST}_a_b`,
      `${FIRST}_${"a".repeat(25)}`,
      `${FIRST}_a/b`,
      `${FIRST}_a\n`,
      `20260422T140000Z_20260422T150000Z_siem`,
      FIRST.replace("0423", "0431"),
    ];
    expect(wrong.filter(isRunId)).toEqual([]);
  });
});

it("reserves the name of the first receiver", () => {
  expect(["siem", "s", "a-1"].map(isReceiverName)).toEqual([true, true, true]);
  expect(["default", "", "-a", "1a", "A", "a_b", "a.b", "a b", "ä"].filter(isReceiverName)).toEqual([]);
});
