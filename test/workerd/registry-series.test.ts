// Windows that leave out what was sent, and series: what the queue cuts them into, and when.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QueueUnderTest, hours } from "../support/queue-under-test.ts";

const queue = new QueueUnderTest();
beforeEach(() => queue.setUp());
afterEach(() => queue.tearDown());

describe("skip_sent", () => {
  it("sends only what earlier runs left out, in windows of their own", async () => {
    await queue.queued({ windows: [hours(1, 2), hours(4, 5)] });
    await queue.delivers(queue.lastRun());
    await queue.delivers(queue.lastRun());
    await queue.queued({ windows: [hours(0, 6)], skip_sent: true });
    for (let n = 0; n < 3; n += 1) await queue.delivers(queue.lastRun());
    expect(queue.startedHours()).toEqual(["1-2", "4-5", "0-1", "2-4", "5-6"]);
    expect(await queue.queued({ windows: [hours(0, 6)], skip_sent: true })).toMatchObject([
      { outcome: "duplicate" },
    ]);
  });

  it("shares the single instant of an earlier run's inclusive end, and says so", async () => {
    await queue.queued({ windows: [{ ...hours(1, 2), end_exclusive: false }] });
    await queue.delivers(queue.lastRun());
    await queue.queued({ windows: [hours(1, 3)], skip_sent: true });
    expect(queue.startedHours()).toEqual(["1-2", "2-3"]);
    expect((await queue.window(2)).events.at(-1)).toMatchObject({
      kind: "started",
      detail: { shared_instants: ["2030-04-20T02:00:00Z"] },
    });
  });
});

describe("a series", () => {
  const options = { live: "ignore" };

  it("is cut into days, one after the other, newest or oldest first", async () => {
    for (const order of ["oldest_first", "newest_first"]) {
      await queue.queued({ days: 3, order, options: { ...options, replay: true } });
      for (let n = 0; n < 3; n += 1) await queue.delivers(queue.lastRun());
    }
    // Now is 18:00 of the third day; the end is the last whole hour before the late margin.
    expect(queue.startedHours()).toEqual(["-7-17", "17-41", "41-65", "41-65", "17-41", "-7-17"]);
    expect(await queue.window(1)).toMatchObject({
      kind: "series",
      state: "delivered",
      chunks: { chunk_seconds: 86_400, left: null, windows: { delivered: 3 } },
    });
  });

  it("leaves out with skip_sent what runs covered, and queues nothing on a repeat", async () => {
    await queue.queued({ days: 3, skip_sent: true, options });
    for (let n = 0; n < 3; n += 1) await queue.delivers(queue.lastRun());
    expect(await queue.queued({ days: 3, skip_sent: true, options })).toMatchObject([
      { outcome: "duplicate" },
    ]);
    await queue.queued({ days: 5, skip_sent: true, options });
    for (let n = 0; n < 2; n += 1) await queue.delivers(queue.lastRun());
    expect(queue.startedHours()).toEqual(["-7-17", "17-41", "41-65", "-55--31", "-31--7"]);
    expect(await queue.window(5)).toMatchObject({
      state: "delivered",
      chunks: { windows: { delivered: 2 } },
    });
  });

  it("waits behind windows of a higher priority, and stays cancelled", async () => {
    await queue.queued({ last: "2d", options });
    await queue.queued({ windows: [hours(-99, -98)], priority: 1 });
    await queue.delivers(queue.lastRun());
    expect(queue.startedHours().at(-1)).toBe("-99--98");
    await queue.ask("/windows/1", { method: "DELETE" });
    await queue.delivers(queue.lastRun());
    expect(await queue.states()).toEqual(["1 cancelled", "2 delivered", "3 delivered"]);
    expect(queue.runs.started).toHaveLength(2);
  });

  it("of ten years is one row, and its turns stay short", async () => {
    await queue.queued({ days: 3_650, options });
    expect(await queue.states()).toHaveLength(2);
    await queue.delivers(queue.lastRun());
    expect(await queue.states()).toHaveLength(3);
  });
});
