// A run that asked for the slot while a run of the queue sends: the slot is reserved for it, but only while it may have the
// slot.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { QueueUnderTest, hours } from "../support/queue-under-test.ts";
import { aReport, wantedRun } from "../support/registry-fixtures.ts";
import { admitted, NOW } from "../support/registry-under-test.ts";

const queue = new QueueUnderTest();
beforeEach(() => {
  queue.setUp();
  vi.spyOn(console, "warn").mockReturnValue();
});
afterEach(() => queue.tearDown());

it("starts the next window when an overlap refuses the slot to the run for which it is reserved", async () => {
  const wanted = wantedRun({ startMs: Date.parse("2030-04-20T02:00:00Z") });
  const other = admitted(await queue.api.admit(wanted, null));
  await queue.ends(other, { stage: "needs_attention" }, false);
  await queue.queued({ windows: [hours(1, 4)], options: { replay: true } });
  await queue.queue({ windows: [hours(6, 7)] });
  expect(await queue.api.acquire(other)).toMatchObject({ code: "slot_taken" });
  const fence = queue.runs.started.at(-1)?.slot.fence ?? 0;
  const run = queue.lastRun();
  await queue.api.release(run, fence, NOW, true);
  const delivered = { stage: "cleaned", sentSomething: true, finished: true, deliveredAt: NOW } as const;
  await queue.api.report(aReport(run, delivered));
  expect(await queue.api.acquire(other)).toMatchObject({ code: "overlap" });
  await queue.turn();
  expect(queue.startedHours()).toContain("6-7");
});
