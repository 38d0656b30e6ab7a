// Retry-After in all forms: seconds, fractions, three date forms, and dates from wrong clocks.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { httpDate, MAX_RETRY_AFTER_MS, retryAfterMs } from "../../../src/pipeline/send/retry-after.ts";

const NOW = Date.parse("2030-04-22T18:00:00Z");
const HOUR = 3_600_000;

function imf(ms: number): string {
  return new Date(ms).toUTCString();
}

describe("a Retry-After in seconds", () => {
  it.each([
    ["3", 3_000],
    ["2.5", 3_000],
    ["3.0", 3_000],
    ["0.001", 1_000],
    ["0", 0],
    [" 7 ", 7_000],
    ["3600", HOUR],
    ["86400", HOUR],
    ["9".repeat(400), HOUR],
  ])("reads %j, rounds a fraction up, and waits an hour at most", (header, ms) => {
    expect(retryAfterMs(header, null, NOW)).toBe(ms);
  });

  it.each([
    null, "", " ", "-1", "-0.5", "+3", "1e3", "0x10", ".5", "3, 5", "3;5", "3s", "3 s", "NaN", "Infinity", "soon", "１２",
    "2030-04-22T18:00:05Z", "1/2/2030", "Apr 22 2030", "2.5.1",
  ])("counts %j as absent", (header) => {
    expect(retryAfterMs(header, null, NOW)).toBeNull();
    expect(retryAfterMs(header, imf(NOW), NOW)).toBeNull();
  }); // prettier-ignore
});

describe("a Retry-After as a date", () => {
  it.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT"],
    ["Sunday, 06-Nov-94 08:49:37 GMT"],
    ["Sun Nov  6 08:49:37 1994"],
  ])("reads the form %j", (text) => {
    expect(httpDate(text, NOW)).toBe(Date.parse("1994-11-06T08:49:37Z"));
  });

  it.each([
    "Sun, 31 Feb 2030 08:00:00 GMT",
    "Sun, 06 Nox 2030 08:00:00 GMT",
    "Sun, 06 Nov 2030 24:00:00 GMT",
    "Sun, 06 Nov 2030 08:60:00 GMT",
    "Sun, 6 Nov 2030 08:00:00 GMT",
    "Sun, 06 Nov 2030 08:00:00 +0800",
    "Sun, 06 Nov 2030 08:00:00 GMT, Sun, 06 Nov 2030 08:00:00 GMT",
  ])("refuses %j", (text) => {
    expect(httpDate(text, NOW)).toBeNull();
  });

  it("reads a two-digit year within 50 years of now", () => {
    expect(httpDate("Monday, 22-Apr-30 18:00:05 GMT", NOW)).toBe(NOW + 5_000);
    expect(httpDate("Monday, 22-Apr-99 18:00:05 GMT", NOW)).toBe(Date.parse("1999-04-22T18:00:05Z"));
  });

  it.each([
    ["an hour behind", -HOUR],
    ["an hour fast", HOUR],
    ["two years behind", -2 * 365 * 24 * HOUR],
    ["right", 0],
  ])("waits as long as the receiver means, although its clock is %s", (_what, offset) => {
    expect(retryAfterMs(imf(NOW + offset + 3_000), imf(NOW + offset), NOW)).toBe(3_000);
  });

  it("reads a date against the local clock when the answer has no readable Date", () => {
    expect(retryAfterMs(imf(NOW + 5_000), null, NOW)).toBe(5_000);
    expect(retryAfterMs(imf(NOW + 5_000), "yesterday", NOW)).toBe(5_000);
  });

  it("counts a past date as absent, and waits an hour at most", () => {
    expect(retryAfterMs(imf(NOW - 1_000), imf(NOW), NOW)).toBeNull();
    expect(retryAfterMs(imf(NOW + 24 * HOUR), imf(NOW), NOW)).toBe(HOUR);
  });
});

it("returns null or a wait between 0 and an hour for any text", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (header, date) => {
      const ms = retryAfterMs(header, date, NOW);
      expect(ms === null || (ms >= 0 && ms <= MAX_RETRY_AFTER_MS)).toBe(true);
    }),
  );
});
