import { expect, it } from "vitest";
import { WAKE_EVERY_MS, WakeTimes } from "../../../src/http/wake-times.ts";

const NOW = Date.UTC(2026, 3, 22);

it("wakes an object once a second, however many requests arrive", () => {
  const times = new WakeTimes();
  const due = Array.from({ length: 2_000 }, (_, ms) => times.isDue("registry", NOW + ms));
  expect(due.flatMap((isDue, ms) => (isDue ? [ms] : []))).toEqual([0, WAKE_EVERY_MS]);
});

it("wakes each object by itself", () => {
  const times = new WakeTimes();
  expect([times.isDue("registry", NOW), times.isDue("coverage", NOW)]).toEqual([true, true]);
});

it("tries again with the next request when a call failed", () => {
  const times = new WakeTimes();
  times.isDue("registry", NOW);
  times.failed("registry");
  expect(times.isDue("registry", NOW + 1)).toBe(true);
});

it("wakes again after the clock was set back", () => {
  const times = new WakeTimes();
  times.isDue("registry", NOW);
  expect(times.isDue("registry", NOW - 7_200_000)).toBe(true);
});
