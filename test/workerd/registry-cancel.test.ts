// Cancelling a window whose run does not exist yet.
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { QueueUnderTest, hours } from "../support/queue-under-test.ts";

const queue = new QueueUnderTest();
beforeEach(() => {
  queue.setUp();
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});
afterEach(() => queue.tearDown());

it("aborts the run when it starts after the cancellation", async () => {
  queue.runs.failStarts = 1;
  await queue.queue({ windows: [hours(0, 1)] });
  await runDurableObjectAlarm(queue.stub);
  expect(queue.runs.started).toHaveLength(0);
  expect((await queue.ask("/windows/1", { method: "DELETE" })).status).toBe(202);
  const before = queue.aborts.length;
  await queue.later(5_000);
  expect(queue.runs.started).toHaveLength(1);
  expect(queue.aborts.slice(before)).toMatchObject([{ actor: "system", force: false }]);
});

it("aborts no run of a window that was not cancelled", async () => {
  queue.runs.failStarts = 1;
  await queue.queue({ windows: [hours(0, 1)] });
  await runDurableObjectAlarm(queue.stub);
  await queue.later(5_000);
  expect(queue.runs.started).toHaveLength(1);
  expect(queue.aborts).toEqual([]);
});
