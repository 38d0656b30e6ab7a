// The sender's steady clock never goes back, even when the system clock does.
import { expect, it } from "vitest";
import { steadyNow } from "../../../src/queues/steady-clock.ts";

it("stands still for one reading when the clock is set back, and goes on from there", () => {
  const from = steadyNow(5_000_000);
  expect(steadyNow(5_000_100) - from).toBe(100);
  expect(steadyNow(1_000) - from).toBe(100);
  expect(steadyNow(2_000) - from).toBe(1_100);
  expect(steadyNow(500) - from).toBe(1_100);
  expect(steadyNow(501) - from).toBe(1_101);
});
