// The lines of send permits by calendar day, compared with a model that remembers every permit.
import fc from "fast-check";
import { expect, it } from "vitest";
import { DailyLines } from "../../../durable-objects/backfill-run/receiver/daily-lines.ts";

const START = Date.parse("2026-03-28T20:00:00Z");
const HOUR = 3_600_000;
const ZONE = "Europe/Berlin";

interface Permit {
  key: string;
  lines: number;
  day: string;
}

const action = fc.oneof(
  fc.record({ do: fc.constant("claim" as const), lines: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constantFrom("return" as const, "renew" as const, "end" as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 14 * HOUR }) }),
  fc.constant({ do: "evict" as const }),
);

it("are exact: permits of the day, without those that were returned", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.integer({ min: 50, max: 200 }), (actions, cap) => {
      let daily = new DailyLines(null);
      let now = START;
      let claims = 0;
      const open: Permit[] = [];
      let counted: Permit[] = [];
      const today = (): string => new Date(now).toLocaleDateString("sv-SE", { timeZone: ZONE });
      const begin = (): void => daily.beginDay(ZONE, now, () => open.map(({ key }) => key));
      for (const one of actions) {
        if (one.do === "pass") now += one.ms;
        else if (one.do === "evict") daily = new DailyLines(JSON.parse(JSON.stringify(daily.keep())));
        else if (one.do === "claim") {
          begin();
          if (!daily.fits(one.lines, cap)) continue;
          daily.issued(one.lines);
          const permit = { key: `${(claims += 1)}/1`, lines: one.lines, day: today() };
          open.push(permit);
          counted.push(permit);
        } else {
          const permit = open[one.which];
          if (!permit) continue;
          begin();
          if (one.do === "end") open.splice(one.which, 1);
          if (one.do === "return") {
            daily.returned(permit.key, permit.lines);
            open.splice(one.which, 1);
            counted = counted.filter((other) => other !== permit);
          }
          if (one.do === "renew" && (!daily.isEarlier(permit.key) || daily.fits(permit.lines, cap))) {
            daily.renewed(permit.key, permit.lines);
            permit.day = today();
          }
        }
        const lines = counted
          .filter(({ day }) => day === today())
          .reduce((sum, permit) => sum + permit.lines, 0);
        expect(daily.lines(ZONE, now)).toBe(lines);
        expect(lines).toBeLessThanOrEqual(cap);
      }
    }),
    { numRuns: 300 },
  );
});

it("are used up when the next batch does not fit, and not any more when a permit is returned", () => {
  const daily = new DailyLines(null);
  daily.beginDay("UTC", START, () => []);
  daily.issued(60);
  expect(daily.isUsedUp(100, "UTC", START)).toBe(false);
  expect(daily.fits(50, 100)).toBe(false);
  expect(daily.isUsedUp(100, "UTC", START)).toBe(true);
  expect(daily.isUsedUp(110, "UTC", START)).toBe(false);
  daily.returned("1/1", 60);
  expect(daily.isUsedUp(100, "UTC", START)).toBe(false);
});

it("stay counted when the clock is set back to an earlier day", () => {
  const daily = new DailyLines(null);
  daily.beginDay("UTC", START, () => []);
  daily.issued(60);
  const earlier = START - 48 * HOUR;
  expect(daily.lines("UTC", earlier)).toBe(60);
  daily.beginDay("UTC", earlier, () => []);
  expect(daily.lines("UTC", earlier)).toBe(60);
  expect(daily.lines("UTC", earlier + 24 * HOUR)).toBe(0);
});
