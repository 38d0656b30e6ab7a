// A run waits when the receiver asks for it, shows until when, and continues by itself.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, OK, opened, reportOf, sendAll, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

describe("a Retry-After", () => {
  it.each([429, 500, 502, 503, 504, 521, 408, 404])(
    "holds the whole run with a Retry-After of its %i, and the status names the time",
    async (status) => {
      await opened(run, [[100, 100, 100]]);
      const [first, second] = [await permitOf(run), await permitOf(run)];
      await reportOutcome(run, first, answered(status, { retryAfterMs: 30_000 }));
      await reportOutcome(run, second, OK);
      const until = new Date(Date.now() + 30_000).toISOString();
      await run.settle();
      const held = await run.status();
      expect(held).toMatchObject({
        stage_code: "suspended",
        state_reason: { code: "receiver_asked_to_wait" },
      });
      expect(held.state_reason?.detail).toContain(until);
      for (let seconds = 0; seconds < 28; seconds += 2) {
        expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
        await run.wait(2_000);
      }
      await run.evict();
      expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
      await run.wait(3_000);
      expect((await run.status()).state_reason?.code).not.toBe("receiver_asked_to_wait");
      await sendAll(run);
      await run.expectBalanced();
    },
  );

  it("applies a Retry-After that comes with a late answer", async () => {
    await opened(run, [[100, 100]]);
    const late = await permitOf(run);
    await run.wait(31_000);
    await reportOutcome(run, late, answered(503, { retryAfterMs: 60_000 }));
    expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
    expect((await run.status()).state_reason?.code).toBe("receiver_asked_to_wait");
  });

  it("does not show a Retry-After when no work waits for it", async () => {
    await opened(run, [[100, 100]]);
    const [first, second] = [await permitOf(run), await permitOf(run)];
    await reportOutcome(run, first, answered(429, { retryAfterMs: 60_000 }));
    await reportOutcome(run, first, OK);
    await reportOutcome(run, second, OK);
    await run.settle();
    expect(await run.stage()).toBe("sent_waiting_cleanup");
  });
});

describe("the receiver's fingerprint", () => {
  it.each([
    ["of this version", "http://receiver.test\n/log/edge", null],
    ["of a version that kept the slash", "http://receiver.test/\n/log/edge", null],
    ["of another host", "http://elsewhere.test\n/log/edge", "receiver_changed"],
    ["of another path", "http://receiver.test\n/log", "receiver_changed"],
  ])("is compared by meaning: %s", async (_what, receiver, code) => {
    await opened(run, [[100, 100]]);
    await run.api.done("test.0", [reportOf(await permitOf(run), OK, { receiver })]);
    await run.settle();
    expect((await run.status()).state_reason?.code ?? null).toBe(code);
  });
});
