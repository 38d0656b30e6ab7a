// The clock is set back by two hours at any moment of a run, also together with an eviction. The run recovers within
// a minute of the next request. It keeps the cap and the quiet period of an abort, and sends nothing twice.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WholeRun } from "../support/run-driver.ts";
import { ALL_ONCE } from "../support/run-logs.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { answered, claim, permitOf, listed, OK, opened, REFUSED_CONNECTION, sendAll, reportOutcome } from "../support/run-work.ts"; // prettier-ignore

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const STORAGE_FAILED = { kind: "not_sent", reason: "storage_failed", detail: "R2 is down" } as const;

async function setClockBack(evicts: boolean, ms = 2 * HOUR): Promise<void> {
  vi.setSystemTime(Date.now() - ms);
  if (evicts) await run.evict();
}

/** A status request every second, as an operator's page makes. */
async function watchFor(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await run.status();
    await run.wait(1_000);
  }
}

describe.each([false, true])("a clock set back by two hours (evicted: %s)", (evicts) => {
  it("stops no run, at whichever of its steps", async () => {
    for (const at of [1, 2, 3, 4, 6]) {
      run.fresh();
      const whole = new WholeRun(run);
      await whole.prepare();
      await run.start();
      whole.afterStep = async () => void (await run.status());
      for (let steps = 0; steps < at; steps += 1) await whole.step();
      await setClockBack(evicts);
      const from = Date.now();
      for (
        let steps = 0;
        steps < 90 && (await run.status()).stage_code !== "sent_waiting_cleanup";
        steps += 1
      )
        await whole.step();
      expect([at, (await run.status()).stage_code]).toEqual([at, "sent_waiting_cleanup"]);
      expect(Date.now() - from).toBeLessThan(60_000);
      expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
      await run.expectBalanced();
    }
  });

  it("reclaims the leases that are out, and sends their batches again", async () => {
    await opened(run, [[100, 100, 100]]);
    await permitOf(run);
    await permitOf(run);
    await setClockBack(evicts);
    await watchFor(5);
    expect((await run.status()).in_flight).toBe(2);
    await watchFor(35);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 2 });
    await sendAll(run);
    await run.expectBalanced();
  });

  it("enqueues a file again whose message or parser is lost", async () => {
    await listed(run, 2);
    await claim(run, 1);
    run.enqueued = [];
    await setClockBack(evicts);
    await watchFor(60);
    expect(new Set(run.enqueued)).toEqual(new Set([1, 2]));
  });

  it.each([
    ["a retry", answered(503)],
    ["an open breaker", answered(404)],
    ["a Retry-After", answered(429, { retryAfterMs: 20_000 })],
    ["R2 that fails", STORAGE_FAILED],
    ["a connection that is refused", REFUSED_CONNECTION],
  ])("ends the wait of %s", async (_what, outcome) => {
    await opened(run, [[100, 100, 100, 100]]);
    for (let times = 0; times < 2; times += 1) await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), outcome);
    await run.settle();
    await setClockBack(evicts);
    const from = Date.now();
    await watchFor(1);
    await sendAll(run);
    expect(Date.now() - from).toBeLessThan(60_000);
    expect((await run.status()).log_lines_sent).toBe(400);
  });

  it("does not slow the run down", async () => {
    await opened(run, [Array.from({ length: 30 }, () => 100)]);
    for (let times = 0; times < 4; times += 1) await reportOutcome(run, await permitOf(run), OK);
    for (let times = 0; times < 6; times += 1) {
      await reportOutcome(run, await permitOf(run), answered(503));
      await run.wait(1_100);
    }
    await setClockBack(evicts);
    await watchFor(1);
    const from = Date.now();
    await sendAll(run);
    expect(Date.now() - from).toBeLessThan(60_000);
  });

  it("keeps an abort quiet until the leases are over, and the abort ends", async () => {
    await opened(run, [[100, 100]]);
    const permit = await permitOf(run);
    await setClockBack(evicts);
    const answer = await run.api.abort({ force: false, actor: "token" });
    expect(answer).toMatchObject({ ok: true, status: { stage_code: "aborting" } });
    expect((await run.api.renew([permit])).refused).toEqual([]);
    await watchFor(25);
    expect(await run.stage()).toBe("aborting");
    await watchFor(10);
    expect(await run.stage()).toBe("aborted");
    expect((await run.status()).uncertain_attempts).toBe(1);
  });

  it("leaves the grace after delivery no longer than it was", async () => {
    await opened(run, [[100]]);
    await reportOutcome(run, await permitOf(run), OK);
    await run.settle();
    await run.wait(600_000);
    await setClockBack(evicts);
    const from = Date.now();
    const { cleanup } = await run.status();
    expect(Date.parse(String(cleanup.ends_at)) - from).toBeLessThanOrEqual(2 * HOUR);
  });

  it("issues no permit within a second of the earlier permits", async () => {
    await opened(run, [[100, 100, 100]]);
    const before = await permitOf(run);
    const openMs = before.waitMs + before.slackMs;
    await setClockBack(evicts);
    const from = Date.now();
    const after = await permitOf(run);
    // After an eviction the log of permits is gone, so a second has to pass.
    if (evicts) expect(Date.now() + after.waitMs - from).toBeGreaterThanOrEqual(Math.min(openMs, 1_000));
    expect(Date.now() - from).toBeLessThan(15_000);
  });

  it("sets the alarm again that is hours ahead", async () => {
    await opened(run, [[100]]);
    await setClockBack(evicts);
    await run.api.status();
    expect(await run.alarmAt()).toBeLessThanOrEqual(Date.now() + 1);
  });
});

it("changes nothing when it is only half a second", async () => {
  await opened(run, [[100, 100]]);
  const permit = await permitOf(run);
  const leases = await run.leases();
  vi.setSystemTime(Date.now() - 500);
  await run.status();
  expect(await run.leases()).toEqual(leases);
  await reportOutcome(run, permit, OK);
});
