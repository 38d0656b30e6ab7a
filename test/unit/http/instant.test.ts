import { describe, expect, it } from "vitest";
import { parseInstant } from "../../../src/http/requests/instant.ts";

function msOf(value: unknown): number | string {
  const answer = parseInstant(value);
  return answer.ok ? answer.ms : answer.detail;
}

describe("an instant in a request", () => {
  it.each([
    ["2026-04-22T14:00:00Z", 1776866400000],
    ["2026-04-22T22:00:00+08:00", 1776866400000],
    ["2026-04-22T08:30:00-05:30", 1776866400000],
    ["2026-04-22t14:00:00z", 1776866400000],
    ["2026-04-22T14:00:00-00:00", 1776866400000],
    ["2024-02-29T23:59:59Z", 1709251199000],
    ["1970-01-01T00:00:00Z", 0],
    ["2026-04-22T14:00:00.000Z", 1776866400000],
    ["2026-04-22T14:00:00.0Z", 1776866400000],
    ["2026-04-22T14:00:00.000000000Z", 1776866400000],
    ["2026-04-22T22:00:00.000+08:00", 1776866400000],
    [new Date(1776866400000).toISOString(), 1776866400000],
  ])("reads %s as the instant it names", (text, ms) => {
    expect(msOf(text)).toBe(ms);
  });

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-04-00T00:00:00Z",
    "2026-04-22T24:00:00Z",
    "2026-04-22T14:60:00Z",
    "2016-12-31T23:59:60Z",
    "2026-04-22T14:00:00+24:00",
    "2026-04-22T14:00:00+08:60",
    "0001-01-01T00:00:00Z",
  ])("refuses %s, because the instant does not exist", (text) => {
    expect(msOf(text)).toBe("this date, time or offset does not exist");
  });

  it.each([
    "2026-04-22T14:00:00.5Z",
    "2026-04-22T14:00:00.Z",
    "2026-04-22T14:00:00.001Z",
    "2026-04-22T14:00:00.0000000001Z",
    "2026-04-22T22:00:00.500+08:00",
    "2026-04-22T14:00:00.1",
  ])("refuses %s, because the window's edges are whole seconds", (text) => {
    expect(msOf(text)).toContain("whole seconds");
  });

  it("refuses a time without offset, saying that it is ambiguous", () => {
    expect(msOf("2026-04-22T14:00:00")).toContain("ambiguous");
  });

  it("refuses numbers and says why, because seconds and milliseconds look alike", () => {
    for (const value of [1776866400, 1776866400000, Number.NaN])
      expect(msOf(value)).toContain("not a number");
  });

  it.each([
    ["2026-04-22"],
    ["2026-04-22T14:00Z"],
    ["2026-04-22 14:00:00Z"],
    ["20260422T140000Z"],
    ["2026-04-22T14:00:00+0800"],
    [" 2026-04-22T14:00:00Z"],
    ["2026-04-22T14:00:00Z\n"],
    ["+002026-04-22T14:00:00Z"],
    ["now"],
    [""],
    ["1776866400"],
    [null],
    [true],
    [["2026-04-22T14:00:00Z"]],
    [{}],
  ])("refuses %j, naming the form that is expected", (value) => {
    expect(msOf(value)).toContain("2026-04-22T14:00:00Z");
    expect(parseInstant(value).ok).toBe(false);
  });

  it("refuses an instant before 1970 that only its offset moves there", () => {
    expect(msOf("1970-01-01T00:00:00+01:00")).toBe("expected an instant after 1970");
  });
});
