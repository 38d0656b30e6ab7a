import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantOf, isInside } from "../../../src/pipeline/filter.ts";
import { END_MS, ndjson, parse, record, START_MS } from "./support.ts";

const WINDOW = { startMs: START_MS, endMs: END_MS, endExclusive: false };

/** A top-level line with this spelling of its timestamp. */
function spelled(timestamp: string): string {
  return JSON.stringify(record({ EdgeStartTimestamp: "@" })).replace('"@"', timestamp);
}

function instant(line: string): { ms: number; whole: boolean } | null {
  return instantOf(JSON.parse(line), line, /\\u00[4-7]/.test(line));
}

async function counted(line: string, endExclusive = false): Promise<string> {
  const { counts } = await parse(`${line}\n`, { spec: { endExclusive } });
  const [reason] = Object.entries({ ...counts.dropped, kept: counts.kept }).find(([, count]) => count === 1)!;
  return reason;
}

function base(members: string): string {
  return `{"ParentRayID":"00","RayID":"a",${members}}`;
}

describe("the window", () => {
  it.each([
    ["1776866400", "kept"],
    ["1776866399", "outside_window"],
    ["1776870000", "kept"],
    ["1776866400000000000", "kept"],
    ["1776866399999999999", "outside_window"],
    ["1776870000000000000", "kept"],
    ["1776870000000000001", "outside_window"],
    ["1776870000000001", "outside_window"],
    ["1776870000000000", "kept"],
    ["1776870000.000000001", "outside_window"],
    ["1776870000.0000000000000001", "outside_window"],
    ["1776866399.999999999999", "outside_window"],
    ["1776870000.000", "kept"],
    ["1.77687e9", "kept"],
    ["1.776870000000000001e9", "outside_window"],
    ["17768700000e-1", "kept"],
    ["1776870000000000001e-9", "outside_window"],
    ['"1776870000000000001"', "outside_window"],
    ['"2026-04-22T15:00:00.000000001Z"', "outside_window"],
    ['"2026-04-22T15:00:00.0000000000Z"', "kept"],
    ['"2026-04-22T23:00:00.000000000001+08:00"', "outside_window"],
    ['"2026-04-22T13:59:59.9999999999Z"', "outside_window"],
  ])("decides by the nanosecond: %s is %s", async (timestamp, reason) => {
    expect(await counted(spelled(timestamp))).toBe(reason);
  });

  it("leaves out the end itself with endExclusive, and keeps the last instant before it", async () => {
    expect(await counted(spelled("1776870000"), true)).toBe("outside_window");
    expect(await counted(spelled("1776869999999999999"), true)).toBe("kept");
  });

  it("shows a fraction in its own second, where JSON.parse would round up", () => {
    expect(instant(spelled("1776866400.9999999999"))).toEqual({ ms: 1_776_866_400_999, whole: false });
    expect(instant(spelled("1776866400999.9999999"))).toEqual({ ms: 1_776_866_400_999, whole: false });
  });

  it("follows the digits and not the double, for any nanosecond", () => {
    const ns = fc.bigInt({ min: BigInt(START_MS - 5) * 1_000_000n, max: BigInt(START_MS + 5) * 1_000_000n });
    fc.assert(
      fc.property(ns, fc.constantFrom("ns", "us", "ms", "s", "e"), (value, unit) => {
        const digits = String(value);
        const cut = { ns: 19, us: 16, ms: 13, s: 10, e: 1 }[unit];
        const fraction = digits.slice(cut);
        const text = `${digits.slice(0, cut)}${fraction && `.${fraction}`}${unit === "e" ? "e9" : ""}`;
        const expected = { ms: Number(value / 1_000_000n), whole: value % 1_000_000n === 0n };
        expect(instant(spelled(text))).toEqual(expected);
        const inside = value >= BigInt(START_MS) * 1_000_000n && value <= BigInt(END_MS) * 1_000_000n;
        expect(isInside(expected, WINDOW)).toBe(inside);
      }),
      { numRuns: 3000, seed: 4 },
    );
  });
});

describe("the digits of a timestamp", () => {
  const IN = "1776866400000000001";
  const OUT = "1776870000000000001";

  it.each([
    ["duplicate keys: the last wins", base(`"EdgeStartTimestamp":${OUT},"EdgeStartTimestamp":${IN}`), "kept"],
    [
      "duplicate keys, the other way",
      base(`"EdgeStartTimestamp":${IN},"EdgeStartTimestamp":${OUT}`),
      "outside_window",
    ],
    ["a nested key before", base(`"x":{"EdgeStartTimestamp":${OUT}},"EdgeStartTimestamp":${IN}`), "kept"],
    ["a nested key after", base(`"EdgeStartTimestamp":${IN},"x":[{"EdgeStartTimestamp":${OUT}}]`), "kept"],
    [
      "a key inside a string",
      base(`"x":"\\"EdgeStartTimestamp\\":${OUT}","EdgeStartTimestamp":${IN}`),
      "kept",
    ],
    ["an escaped spelling", base(`"Edge\\u0053tartTimestamp":${IN}`), "kept"],
    [
      "an escaped spelling after a plain one",
      base(`"EdgeStartTimestamp":${IN},"\\u0045dgeStartTimestamp":${OUT}`),
      "outside_window",
    ],
    ["spaces around the colon", base(`"EdgeStartTimestamp" :\t${IN} `), "kept"],
    [
      "a key that only ends alike",
      base(`"NotEdgeStartTimestamp":${OUT},"EdgeStartTimestamp": ${IN}`),
      "kept",
    ],
  ])("are those of the member that JSON.parse kept: %s", async (_, line, reason) => {
    expect(await counted(line)).toBe(reason);
  });
});

describe("a timestamp", () => {
  it.each([
    '"12:00"',
    '"1776866400.5"',
    '"+1776866400"',
    '"１７７６８６６４００"',
    '"2026-04-22 14:00:00Z"',
    '"2026-04-22T14:00:60Z"',
    '"2026-04-22T14:00:00+24:00"',
    '"2026-04-22T14:00:00+08:60"',
    '"2026-04-22T14:00:00+0800"',
    '"2026-04-22T14:00:00.Z"',
    '"2025-02-29T00:00:00Z"',
    '"2026-00-10T00:00:00Z"',
    "0.0",
    "-0",
    "0e5",
    "-1776866400",
    "1e300",
    '"000"',
    "[1776866400]",
  ])("is unreadable and never guessed: %s", async (timestamp) => {
    expect(await counted(spelled(timestamp))).toBe("invalid_timestamp");
  });

  it("knows leap days and the length of every month", () => {
    const dates = ["2024-02-29", "2000-02-29", "2026-12-31", "2026-01-01", "1999-12-31", "2100-02-28"];
    for (const date of dates) {
      expect(instant(spelled(`"${date}T01:02:03Z"`))?.ms, date).toBe(Date.parse(`${date}T01:02:03Z`));
    }
    expect(instant(spelled('"2100-02-29T00:00:00Z"'))).toBe(null);
  });

  it("agrees with the platform's parser on any RFC 3339 time", () => {
    const date = fc.date({ min: new Date("1970-01-02"), max: new Date("2199-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(date, (value) => {
        expect(instant(spelled(JSON.stringify(value.toISOString())))).toEqual({
          ms: value.getTime(),
          whole: true,
        });
      }),
      { numRuns: 2000, seed: 5 },
    );
  });
});

describe("the filter", () => {
  it("counts a subrequest outside the window with a bad timestamp as a subrequest", async () => {
    const records = [
      record({ ParentRayID: "abc", EdgeStartTimestamp: "bad" }),
      record({ WorkerSubrequest: "true", EdgeStartTimestamp: 5 }),
      record({ EdgeStartTimestamp: "bad" }),
      record({ EdgeStartTimestamp: 5 }),
    ];
    const { counts } = await parse(ndjson(records));
    expect(counts.dropped).toEqual({
      not_top_level: 2,
      invalid_timestamp: 1,
      outside_window: 1,
      repeated_ray_id: 0,
    });
    expect(counts.readableTimestamps).toBe(1);
  });

  it("shows an account without ParentRayID by its count", async () => {
    const values = [undefined, null, "", "00", "abc"];
    const records = values.map((ParentRayID) => record({ ParentRayID }));
    expect((await parse(ndjson(records))).counts).toMatchObject({ kept: 1, parentRayIdAbsent: 3 });
    const spec = { topLevelParentRayIds: ["", null] };
    expect((await parse(ndjson(records), { spec })).counts).toMatchObject({ kept: 3, parentRayIdAbsent: 0 });
  });

  it("compares ParentRayID as String(value), and wants a text", async () => {
    const values = [["00"], [["00"]], 0, { toString: 1 }, [{ toString: 1 }], true];
    const records = values.map((ParentRayID) => record({ ParentRayID }));
    expect((await parse(ndjson(records))).counts).toMatchObject({ kept: 2 });
    const spec = { topLevelParentRayIds: ["0", "true"] };
    expect((await parse(ndjson(records), { spec })).counts).toMatchObject({ kept: 2 });
  });
});
