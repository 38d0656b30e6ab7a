// Tests how many sender loops are useful: enough for the rate, and no more than the waiting batches need.
import { expect, it } from "vitest";
import { slowAfterMs, usefulLoops } from "../../../durable-objects/backfill-run/receiver/useful-loops.ts";

const speed = { rate: 100_000, linesPerBatch: 1_000, answerMs: 400, readyMs: 20, lateMs: 10 };

it("are as many as the rate needs, with a quarter more, while many batches wait", () => {
  // 100 batches a second, each for 450 ms.
  expect(usefulLoops(speed, 600)).toBe(57);
  expect(usefulLoops({ ...speed, answerMs: 30 }, 600)).toBe(10);
  expect(usefulLoops({ ...speed, rate: 8_000 }, 600)).toBe(5);
});

it("are as many as send the waiting batches within a second", () => {
  expect(usefulLoops(speed, 50)).toBe(23);
  expect(usefulLoops({ ...speed, answerMs: 30 }, 50)).toBe(4);
  expect(usefulLoops(speed, 1)).toBe(1);
});

it("are not bounded before the receiver has answered, because its speed is unknown", () => {
  expect(usefulLoops({ ...speed, answerMs: null }, 50)).toBe(Infinity);
  expect(usefulLoops({ ...speed, linesPerBatch: null }, 50)).toBe(Infinity);
});

it("do not include a loop whose POST is open for four answer times, and at least two seconds", () => {
  expect([null, 100, 5_000].map(slowAfterMs)).toEqual([2_000, 2_000, 20_000]);
});
