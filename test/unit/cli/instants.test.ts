// Times on the command line: a zone is always given and never guessed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isoSecond,
  localText,
  parseInstant,
  shownInstant,
  shownSpan,
} from "../../../src/cli/text/instants.ts";
import { durationText, parseDuration } from "../../../src/cli/text/durations.ts";

const SHANGHAI = "Asia/Shanghai";
const BERLIN = "Europe/Berlin";

describe("a time argument", () => {
  it.each([
    ["2026-04-22T14:00:00Z", null, "2026-04-22T14:00:00Z"],
    ["2026-04-22t14:00:00z", null, "2026-04-22T14:00:00Z"],
    ["2026-04-22T14:00:00.000Z", null, "2026-04-22T14:00:00Z"],
    ["2026-04-22T14:00Z", null, "2026-04-22T14:00:00Z"],
    ["2026-04-22T22:00:00+08:00", null, "2026-04-22T14:00:00Z"],
    ["2026-04-22T22:00:00+08:00", "America/New_York", "2026-04-22T14:00:00Z"],
    ["2026-04-22 22:00", SHANGHAI, "2026-04-22T14:00:00Z"],
    ["2026-04-22 22:00:30", SHANGHAI, "2026-04-22T14:00:30Z"],
    ["2026-04-22 00:30", SHANGHAI, "2026-04-21T16:30:00Z"],
    ["2026-07-01 12:00", BERLIN, "2026-07-01T10:00:00Z"],
    ["2026-01-01 12:00", BERLIN, "2026-01-01T11:00:00Z"],
    ["2026-04-22 22:00", "UTC", "2026-04-22T22:00:00Z"],
  ])("reads %s in zone %s as %s", (text, zone, iso) => {
    expect(parseInstant(text, zone)).toEqual({ ok: true, iso });
  });

  it.each([
    ["2026-04-22 22:00", null, "has no zone"],
    ["2026-04-22T22:00:00", null, "has no zone"],
    ["2026-02-30T00:00:00Z", null, "calendar"],
    ["2026-04-22T24:00:00Z", null, "calendar"],
    ["2026-04-22T14:00:00.5Z", null, "whole seconds"],
    ["2026-04-22", SHANGHAI, "whole seconds"],
    ["yesterday", SHANGHAI, "whole seconds"],
    ["2026-04-22T22:00:00+99:99", null, "no offset"],
    ["2026-03-29 02:30", BERLIN, "does not occur"],
    ["2026-10-25 02:30", BERLIN, "2026-10-25T00:30:00Z or 2026-10-25T01:30:00Z"],
  ])("refuses %s in zone %s", (text, zone, detail) => {
    expect(parseInstant(text, zone)).toEqual({ ok: false, detail: expect.stringContaining(detail) });
  });

  it("reads back every local time that it shows, or says why not", () => {
    const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1_000);
    const zone = fc.constantFrom(
      SHANGHAI,
      BERLIN,
      "UTC",
      "America/St_Johns",
      "Pacific/Apia",
      "Australia/Lord_Howe",
    );
    fc.assert(
      fc.property(instant, zone, (ms, where) => {
        const read = parseInstant(localText(ms, where), where);
        if (read.ok) expect(read.iso).toBe(isoSecond(ms));
        else expect(read.detail).toContain("occurs twice");
      }),
    );
  });
});

describe("a shown time", () => {
  it("has its zone, and the other zone after it", () => {
    expect(shownInstant("2026-04-22T16:30:00.123Z", SHANGHAI)).toBe(
      "2026-04-22T16:30:00Z (2026-04-23 00:30:00 Beijing)",
    );
    expect(shownInstant("2026-04-22T16:30:00Z", "UTC")).toBe("2026-04-22T16:30:00Z");
    expect(shownInstant(null, SHANGHAI)).toBe("–");
  });

  it("repeats the date only where the day changes", () => {
    expect(shownSpan("2026-04-22T15:00:00Z", "2026-04-22T16:30:00Z", SHANGHAI)).toBe(
      "2026-04-22T15:00:00Z – 16:30:00Z (2026-04-22 23:00:00 – 2026-04-23 00:30:00 Beijing)",
    );
  });
});

it.each([["90s", 90_000], ["30m", 1_800_000], ["2h", 7_200_000], ["7d", 604_800_000], ["0m", null], ["2", null], ["-1h", null], ["1.5h", null]])(
  "reads the duration %s as %s ms",
  (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  },
); // prettier-ignore

it.each([[4, "4 s"], [60, "1 min"], [3_599, "1 h 00 min"], [11_100, "3 h 05 min"], [187_200, "2 d 4 h"], [-1, "0 s"]])(
  "shows %i seconds as %s",
  (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  },
); // prettier-ignore
