// R2 fails: the run pauses instead of retrying at once, shows the cause, and recovers without an operator.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WholeRun } from "../support/run-driver.ts";
import { hookBucket } from "../support/run-faults.ts";
import { ALL_ONCE } from "../support/run-logs.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { permitOf, OK, opened, reportOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const STORAGE_FAILED = { kind: "not_sent", reason: "storage_failed", detail: "R2 is down" } as const;
const STEPS_OF_A_SECOND = 120;

/** Plays a whole run. R2 fails for each call for which `isDown` returns true. */
async function wholeRun(isDown: (port: string) => boolean): Promise<{ whole: WholeRun; calls: string[] }> {
  const whole = new WholeRun(run);
  await whole.prepare();
  const calls: string[] = [];
  hookBucket(async (port, call) => {
    if (!isDown(port)) return call();
    calls.push(port);
    throw new Error("internal error (10001)");
  });
  await run.start({ cleanupGraceMs: 60_000 });
  return { whole, calls };
}

describe("R2 that fails", () => {
  it.each([
    ["senders", "r2.get", (whole: WholeRun) => whole.kept.length > 0],
    ["parsers", "r2.get", () => true],
    ["packs", "r2.put", () => true],
    ["listing", "r2.list", () => true],
  ])(
    "is tried less and less often for %s, is named after a minute, and the run recovers",
    async (side, port) => {
      let isDown = false;
      const { whole, calls } = await wholeRun((called) => isDown && called === port);
      if (side === "senders") {
        whole.deliver = (waiting) => waiting.filter(({ queue }) => queue === "parse-queue-backfill");
        while ((await run.status()).files.open < 2) await whole.step();
        whole.deliver = (waiting) => waiting;
      }
      isDown = true;
      for (let steps = 0; steps < STEPS_OF_A_SECOND; steps += 1) await whole.step();
      const down = await run.status();
      expect(down.state_reason?.code).toBe("storage_unavailable");
      expect(down.stage_code).toBe(side === "senders" ? "suspended" : "scanning_and_queueing");
      expect(down.failures).toMatchObject({ storage: expect.any(Number) });
      // The run pauses for 1 s, 2 s, 4 s … 30 s between its rounds of calls, so the outage lasts about eight rounds. A
      // round of `r2.list` reads five pages, and tries each page three times.
      expect(calls.length).toBeLessThan(port === "r2.list" ? 200 : 40);
      expect(calls.length).toBeGreaterThan(3);
      isDown = false;
      await whole.toTheEnd();
      expect(whole.receiver.compare(whole.kept)).toEqual(ALL_ONCE);
      expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", state_reason: null });
      await run.expectBalanced();
    },
  );

  it("is counted and logged for the report and the deleting, and both are done afterwards", async () => {
    let isDown = false;
    const { whole } = await wholeRun((port) => isDown && port !== "r2.get");
    await whole.toTheEnd();
    isDown = true;
    await run.wait(600_000);
    expect((await run.status()).failures).toMatchObject({ storage: expect.any(Number) });
    isDown = false;
    await run.wait(300_000);
    expect(await run.status()).toMatchObject({ stage_code: "cleaned" });
    expect((await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects).toEqual([]);
  });

  it("lets one batch try after each pause, also after an eviction, and all of them once it worked", async () => {
    await opened(run, [[100, 100, 100, 100]]);
    const [first, second] = [await permitOf(run), await permitOf(run)];
    await reportOutcome(run, first, STORAGE_FAILED);
    await reportOutcome(run, second, STORAGE_FAILED);
    expect(await run.api.next("a.0", [], 1)).toMatchObject({
      kind: "nothing",
      reason: "storage_unavailable",
    });
    await run.evict();
    expect(await run.api.next("a.0", [], 1)).toMatchObject({
      kind: "nothing",
      reason: "storage_unavailable",
    });
    await run.wait(1_100);
    const trial = await permitOf(run);
    expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
    await run.api.done("a.0", [reportOf(trial, OK)]);
    for (let left = 0; left < 3; left += 1) await reportOutcome(run, await permitOf(run), OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: 400, uncertain_attempts: 0 });
    await run.expectBalanced();
  });

  it("leaves the others alone when it fails for one pack", async () => {
    await opened(run, [Array.from({ length: 20 }, () => 100)]);
    const startedAt = Date.now();
    for (let turns = 0; turns < 60 && (await run.status()).batches.done < 19; turns += 1) {
      const permit = await permitOf(run);
      await reportOutcome(run, permit, permit.batch === 2 ? STORAGE_FAILED : OK);
    }
    expect(await run.status()).toMatchObject({ log_lines_sent: 1_900 });
    expect(Date.now() - startedAt).toBeLessThan(120_000);
  });
});
