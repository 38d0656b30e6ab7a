// send_between: when a run may send. Compared with a reference that checks each minute separately.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoursMemo, endOfWork, hoursAt } from "../../../durable-objects/backfill-run/receiver/send-hours.ts";
import { calendarDayAt } from "../../../durable-objects/backfill-run/receiver/zone-clock.ts";
import { WEEKDAYS, type SendRange, type Weekday } from "../../../src/contract/send-hours.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const night: SendRange = { from: "01:00", to: "07:00", zone: "Asia/Shanghai" };

function shown(ranges: readonly SendRange[], now: string): string {
  const hours = hoursAt(ranges, at(now));
  if (!hours.open) return `closed until ${new Date(hours.opensAt).toISOString()}`;
  return hours.closesAt === null ? "open" : `open until ${new Date(hours.closesAt).toISOString()}`;
}

describe("send_between", () => {
  it.each<[string, SendRange[], string, string]>([
    ["opens at from", [night], "2026-04-22T16:59:59.999Z", "closed until 2026-04-22T17:00:00.000Z"],
    [
      "is open from its first instant",
      [night],
      "2026-04-22T17:00:00Z",
      "open until 2026-04-22T23:00:00.000Z",
    ],
    ["is closed from to on", [night], "2026-04-22T23:00:00Z", "closed until 2026-04-23T17:00:00.000Z"],
    [
      "goes across midnight",
      [{ from: "22:00", to: "06:00", zone: "UTC" }],
      "2026-04-22T23:30:00Z",
      "open until 2026-04-23T06:00:00.000Z",
    ],
    [
      "ends a day at 24:00",
      [{ from: "20:00", to: "24:00", zone: "UTC" }],
      "2026-04-22T23:30:00Z",
      "open until 2026-04-23T00:00:00.000Z",
    ],
    [
      "counts a night to the day on which it begins",
      [{ from: "22:00", to: "06:00", zone: "UTC", days: ["fri"] }],
      "2026-04-25T05:00:00Z", // a Saturday
      "open until 2026-04-25T06:00:00.000Z",
    ],
    [
      "is closed on the morning of a named day whose night comes later",
      [{ from: "22:00", to: "06:00", zone: "UTC", days: ["fri"] }],
      "2026-04-24T05:00:00Z", // a Friday
      "closed until 2026-04-24T22:00:00.000Z",
    ],
    [
      "joins ranges that touch",
      [
        { from: "00:00", to: "24:00", zone: "UTC", days: ["sat", "sun"] },
        { from: "22:00", to: "24:00", zone: "UTC", days: ["fri"] },
      ],
      "2026-04-24T22:00:00Z",
      "open until 2026-04-27T00:00:00.000Z",
    ],
    [
      "joins ranges of several zones",
      [night, { from: "01:00", to: "02:00", zone: "Europe/Berlin" }],
      "2026-04-22T22:30:00Z",
      "open until 2026-04-23T00:00:00.000Z",
    ],
    ["never closes", [{ from: "00:00", to: "24:00", zone: "UTC" }], "2026-04-22T22:30:00Z", "open"],
    [
      "is an hour shorter when daylight saving skips an hour",
      [{ from: "01:00", to: "05:00", zone: "Europe/Berlin" }],
      "2026-03-29T00:00:00Z",
      "open until 2026-03-29T03:00:00.000Z",
    ],
    [
      "is an hour longer when an hour comes twice",
      [{ from: "01:00", to: "05:00", zone: "Europe/Berlin" }],
      "2026-10-24T23:00:00Z",
      "open until 2026-10-25T04:00:00.000Z",
    ],
    [
      "closes between two occurrences of a range",
      [{ from: "02:30", to: "03:00", zone: "Europe/Berlin" }],
      "2026-10-25T00:45:00Z",
      "open until 2026-10-25T01:00:00.000Z",
    ],
    [
      "leaves out a range that daylight saving skips",
      [{ from: "02:00", to: "03:00", zone: "Europe/Berlin", days: ["sun"] }],
      "2026-03-28T12:00:00Z",
      "closed until 2026-04-05T00:00:00.000Z",
    ],
    [
      "knows a zone with an offset of 45 minutes",
      [{ from: "01:00", to: "02:00", zone: "Asia/Kathmandu" }],
      "2026-04-22T12:00:00Z",
      "closed until 2026-04-22T19:15:00.000Z",
    ],
  ])("%s", (_what, ranges, now, expected) => {
    expect(shown(ranges, now)).toBe(expected);
  });

  it("agrees with a reference that looks at each minute", () => {
    fc.assert(
      fc.property(fc.array(aRange, { minLength: 1, maxLength: 4 }), anInstant, (ranges, now) => {
        const hours = hoursAt(ranges, now);
        expect(hours.open).toBe(isOpenByText(ranges, now));
        const change = hours.open ? hours.closesAt : hours.opensAt;
        const last = Math.min(change ?? Infinity, now + 8 * 24 * HOUR);
        for (let minute = nextMinute(now); minute < last; minute += MINUTE)
          if (isOpenByText(ranges, minute) !== hours.open)
            throw new Error(`changes at ${minute}, not ${change}`);
        if (change !== null) expect(isOpenByText(ranges, change)).toBe(!hours.open);
      }),
      { numRuns: 60 },
    );
  });

  it("remembers an answer only while it holds", () => {
    fc.assert(
      fc.property(fc.array(aRange, { minLength: 1, maxLength: 3 }), fc.array(anInstant), (ranges, times) => {
        const memo = new HoursMemo();
        for (const now of times) {
          const hours = memo.at(ranges, now);
          expect(hours.open).toBe(hoursAt(ranges, now).open);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("the end of work that goes on only in open hours", () => {
  it.each<[string, number, string]>([
    ["is in the same night", HOUR, "2026-04-22T18:00:00Z"],
    ["may be the end of the night", 6 * HOUR, "2026-04-22T23:00:00Z"],
    ["is in the next night", 7 * HOUR, "2026-04-23T18:00:00Z"],
    ["is in the third night", 13 * HOUR, "2026-04-24T18:00:00Z"],
  ])("%s", (_what, workMs, expected) => {
    expect(endOfWork([night], at("2026-04-22T12:00:00Z"), workMs)).toBe(at(expected));
  });

  it("is unknown when it is months away", () => {
    expect(endOfWork([night], at("2026-04-22T12:00:00Z"), 1_000 * HOUR)).toBeNull();
  });
});

describe("a calendar day", () => {
  it.each([
    ["UTC", "2026-04-22T23:59:59.999Z", "2026-04-23T00:00:00Z"],
    ["Asia/Shanghai", "2026-04-22T16:00:00Z", "2026-04-23T16:00:00Z"],
    ["Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-29T22:00:00Z"],
    // Midnight is skipped here: the day begins at 01:00.
    ["Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z"],
  ])("of %s ends when the next one begins", (zone, now, end) => {
    const today = calendarDayAt(zone, at(now));
    expect(today.endsAt).toBe(at(end));
    expect(calendarDayAt(zone, today.endsAt).day).toBe(today.day + 1);
    expect(calendarDayAt(zone, today.endsAt - 1).day).toBe(today.day);
  });
});

const ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/Santiago"]; // prettier-ignore

const aTime = fc.integer({ min: 0, max: 1_439 }).map(timeOf);
const aRange: fc.Arbitrary<SendRange> = fc
  .record({
    from: aTime,
    to: fc.oneof(aTime, fc.constant("24:00")),
    zone: fc.constantFrom(...ZONES),
    days: fc.option(fc.subarray([...WEEKDAYS], { minLength: 1 }), { nil: undefined }),
  })
  .filter(({ from, to }) => from !== to)
  .map(({ days, ...range }) => (days ? { ...range, days } : range));

/** Any instant, or one near a change of daylight saving. */
const anInstant = fc.oneof(
  fc.integer({ min: at("2024-01-01T00:00:00Z"), max: at("2034-01-01T00:00:00Z") }),
  fc
    .tuple(
      fc.constantFrom("2026-03-08T07:00Z", "2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-11-01T06:00Z", "2026-04-04T15:00Z"),
      fc.integer({ min: -30 * HOUR, max: 10 * HOUR }),
    )
    .map(([change, ms]) => at(change) + ms),
); // prettier-ignore

function timeOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

function nextMinute(now: number): number {
  return (Math.floor(now / MINUTE) + 1) * MINUTE;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Shares no code with the implementation: reads the wall clock as text. */
function isOpenByText(ranges: readonly SendRange[], now: number): boolean {
  return ranges.some(({ zone, from, to, days }) => {
    const format =
      formatters.get(zone) ??
      new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }); // prettier-ignore
    formatters.set(zone, format);
    const [, name = "", time = ""] = /^(\w{3}),? (\d\d:\d\d)$/.exec(format.format(now)) ?? [];
    const today = name.toLowerCase() as Weekday;
    const before = WEEKDAYS[(WEEKDAYS.indexOf(today) + 6) % 7] ?? "sun";
    const counts = (day: Weekday): boolean => !days || days.includes(day);
    if (from < to) return counts(today) && from <= time && time < to;
    return (counts(today) && time >= from) || (counts(before) && time < to);
  });
}
