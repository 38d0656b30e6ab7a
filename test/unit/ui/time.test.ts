// Instants, windows and numbers as a person reads them. The time zone of the machine has no influence.
import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { bytes, count, duration, linesPerSecond, percent } from "../../../src/ui/text/numbers.ts";
import { languageOf, loadTexts } from "../../../src/ui/text/texts.ts";
import {
  exampleTime,
  instantText,
  readWallClock,
  windowText,
  wallClock,
  ZONES,
} from "../../../src/ui/text/time.ts";

await loadTexts("en");

describe("an instant", () => {
  it("shows the same moment in Beijing and in UTC, across midnight", () => {
    expect(instantText("2026-04-22T16:30:05Z", "beijing")).toBe("2026-04-23 00:30:05");
    expect(instantText("2026-04-22T16:30:05Z", "utc")).toBe("2026-04-22 16:30:05");
    expect(instantText("2026-12-31T15:59:59Z", "beijing")).toBe("2026-12-31 23:59:59");
    expect(instantText("2026-12-31T16:00:00Z", "beijing")).toBe("2027-01-01 00:00:00");
  });

  it("is given as an example of the evening before, in the present year", () => {
    expect(exampleTime(Date.parse("2027-01-02T03:00:00Z"), "utc")).toBe("2027-01-01 22:00");
    expect(exampleTime(Date.parse("2026-12-31T17:00:00Z"), "beijing")).toBe("2026-12-31 22:00");
  });

  it("writes midnight as 00, not as 24", () => {
    expect(wallClock("2026-04-22T00:00:00Z", "utc")).toEqual({ date: "2026-04-22", time: "00:00:00" });
  });

  it("shows a text that is no instant as it is", () => {
    expect(instantText("soon", "utc")).toBe("soon");
    expect(windowText("soon", "2026-04-22T00:00:00Z", "utc")).toContain("soon");
  });

  it("is read back as it was shown, in each zone", () => {
    const seconds = fc.integer({ min: Date.UTC(2000, 0) / 1_000, max: Date.UTC(2099, 11) / 1_000 });
    fc.assert(
      fc.property(seconds, fc.constantFrom(...ZONES), (second, zone) => {
        const instant = new Date(second * 1_000).toISOString().replace(".000Z", "Z");
        expect(readWallClock(instantText(instant, zone), zone)).toBe(instant);
      }),
    );
  });

  it.each(["", "2026-04-22", "2026-4-22 22:00", "2026-02-30 10:00", "2026-04-22 24:00", "2026-04-22 22:00Z"])(
    "is not read from %j",
    (text) => {
      expect(readWallClock(text, "beijing")).toBeNull();
    },
  );

  it("is read with and without seconds", () => {
    expect(readWallClock(" 2026-04-22 22:00 ", "beijing")).toBe("2026-04-22T14:00:00Z");
    expect(readWallClock("2026-04-22T22:00:07", "utc")).toBe("2026-04-22T22:00:07Z");
  });
});

describe("a window", () => {
  it("names the date once when both ends have it", () => {
    const [start, end] = ["2026-04-22T14:00:00Z", "2026-04-22T15:00:00Z"];
    expect(windowText(start, end, "utc")).toBe("2026-04-22 14:00–15:00");
    expect(windowText(start, end, "beijing")).toBe("2026-04-22 22:00–23:00");
  });

  it("names both dates when it crosses midnight in the shown zone", () => {
    const [start, end] = ["2026-04-22T15:00:00Z", "2026-04-22T17:00:00Z"];
    expect(windowText(start, end, "utc")).toBe("2026-04-22 15:00–17:00");
    expect(windowText(start, end, "beijing")).toBe("2026-04-22 23:00 – 2026-04-23 01:00");
  });

  it("shows seconds when an end has some", () => {
    expect(windowText("2026-04-22T14:00:00Z", "2026-04-22T14:59:59Z", "utc")).toBe(
      "2026-04-22 14:00:00–14:59:59",
    );
  });
});

describe("a number", () => {
  it("has groups of three digits", () => {
    expect(count(1_240_000)).toBe("1,240,000");
    expect(linesPerSecond(19_800)).toBe("19,800 lines/s");
  });

  it("that is not known is never shown as 0", () => {
    for (const show of [count, percent, bytes, linesPerSecond, duration]) {
      expect(show(null)).toBe("—");
      expect(show(undefined)).toBe("—");
    }
  });

  it("of bytes has three digits and a decimal unit", () => {
    expect([0, 999, 1_000, 5_096, 130_456, 999_499, 999_500, 5_300_000_000].map(bytes)).toEqual([
      "0 B",
      "999 B",
      "1.00 kB",
      "5.10 kB",
      "130 kB",
      "999 kB",
      "1.00 MB",
      "5.30 GB",
    ]);
  });

  it("of progress says 100 % only when it is complete", () => {
    expect([0, 0.5, 0.99999, 1].map(percent)).toEqual(["0%", "50%", "99.9%", "100%"]);
    expect([2 / 3, 1 / 8, 0.00001].map(percent)).toEqual(["66.7%", "12.5%", "0.1%"]);
  });

  it("of seconds is shown in its two largest units", () => {
    expect([0, 59.4, 61, 3_725, 90_000].map(duration)).toEqual([
      "0 s",
      "59 s",
      "1 min 01 s",
      "1 h 02 min",
      "1 d 1 h",
    ]);
  });
});

describe("the language of the browser", () => {
  it.each([
    [["zh-CN", "en"], "zh"],
    [["ZH-hant-TW"], "zh"],
    [["fr-FR", "en-US"], "en"],
    [["de"], "en"],
    [[], "en"],
  ])("for %j is %s", (wanted, chosen) => {
    expect(languageOf(wanted)).toBe(chosen);
  });
});
