// Windows that were queued before RECEIVER was set or removed.
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QueueUnderTest, hours } from "../support/queue-under-test.ts";

const RECEIVER = JSON.stringify({ url: "http://receiver.test/in" });
const queue = new QueueUnderTest();
beforeEach(() => {
  queue.setUp();
  vi.spyOn(console, "warn").mockReturnValue();
});
afterEach(() => {
  queue.tearDown();
  Object.assign(env, { RECEIVER: "" });
});

/** Makes the registry read the settings again, as a deployment does. */
async function deployWith(receiver: string): Promise<void> {
  Object.assign(env, { RECEIVER: receiver });
  await evictDurableObject(queue.stub);
  await queue.turn();
}

describe("a window that was queued for a receiver of another kind", () => {
  it("is blocked when RECEIVER was set meanwhile, and sends nothing", async () => {
    await queue.queue({ windows: [hours(0, 1)] });
    await deployWith(RECEIVER);
    expect(queue.runs.started).toEqual([]);
    expect(await queue.states()).toEqual(["1 blocked"]);
    expect((await queue.ask("/windows/1")).json.state_reason).toMatchObject({ code: "receiver_changed" });
  });

  it("is blocked when RECEIVER was removed meanwhile, and the windows behind it start", async () => {
    await queue.queue({ windows: [hours(0, 1)] }, { env: { RECEIVER } });
    await queue.queue({ windows: [hours(4, 5)] });
    await queue.turn();
    expect(await queue.states()).toEqual(["1 blocked", "2 running"]);
    expect(queue.runs.started.map(({ spec }) => spec.http)).toEqual([undefined]);
  });

  it("is blocked as a whole when it is a series, and is cancelled as a whole", async () => {
    await queue.queue({ days: 30, chunk: "1h", options: { live: "ignore" } });
    await deployWith(RECEIVER);
    for (let n = 0; n < 5; n += 1) await queue.turn();
    expect(await queue.states()).toEqual(["1 blocked"]);
    expect((await queue.ask("/windows/1", { method: "DELETE" })).status).toBe(200);
    expect(await queue.states()).toEqual(["1 cancelled"]);
  });

  it("is not blocked when the kind is the same", async () => {
    await queue.queue({ windows: [hours(0, 1)] }, { env: { RECEIVER } });
    await deployWith(RECEIVER);
    expect(queue.runs.started.map(({ spec }) => spec.http !== undefined)).toEqual([true]);
  });
});
