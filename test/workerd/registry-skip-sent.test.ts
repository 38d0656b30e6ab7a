// Windows with `skip_sent`: what earlier runs delivered is left out, and nothing else is.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { NEXT_ATTEMPT_MS } from "../../durable-objects/run-registry/queue/rules.ts";
import { QueueUnderTest, hours } from "../support/queue-under-test.ts";
import { aReport, wantedRun } from "../support/registry-fixtures.ts";
import { admitted, NOW } from "../support/registry-under-test.ts";

const queue = new QueueUnderTest();
beforeEach(() => {
  queue.setUp();
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(BackfillRun.prototype, "limits").mockResolvedValue({ ok: false, code: "unknown_run", detail: "" });
});
afterEach(() => queue.tearDown());

/** Hours 0 to 1 are delivered, the end inside. The next window begins at this instant. Returns the window's run. */
async function sharedInstant(more: Record<string, unknown> = {}): Promise<string> {
  await queue.queued({ windows: [{ ...hours(0, 1), end_exclusive: false }] });
  await queue.delivers(queue.lastRun());
  await queue.queued({ windows: [hours(1, 2)], skip_sent: true, ...more });
  return queue.lastRun();
}

describe("the run of a window that shares one instant with an earlier run", () => {
  it("does not get the slot after another run has sent the window", async () => {
    const run = await sharedInstant();
    expect(queue.runs.started.at(-1)?.spec).toMatchObject({ replay: false });
    // The run is paused before it sends anything, and gives the slot back.
    await queue.ends(run, { stage: "paused" }, false);
    const { parse, ...wanted } = wantedRun({ startMs: Date.parse("2030-04-20T01:00:00Z") });
    const window = { startMs: parse.startMs + 1_000, endExclusive: true };
    const other = admitted(await queue.api.admit({ ...wanted, parse: { ...parse, ...window } }, null));
    const fence = queue.runs.started.at(-1)?.slot.fence ?? 0;
    await queue.api.release(other, fence, NOW, true);
    const delivered = { stage: "cleaned", sentSomething: true, finished: true, deliveredAt: NOW } as const;
    await queue.api.report(aReport(other, delivered));
    expect(await queue.api.acquire(run)).toMatchObject({ ok: false, code: "overlap" });
  });

  it("gets the slot again when no other run sent the window", async () => {
    const run = await sharedInstant();
    await queue.ends(run, { stage: "paused" }, false);
    expect(await queue.api.acquire(run)).toMatchObject({ ok: true });
  });

  it("is continued by a further attempt", async () => {
    const run = await sharedInstant({ max_attempts: 3 });
    await queue.ends(run, { stage: "aborted", finished: true });
    await queue.later(NEXT_ATTEMPT_MS);
    expect(await queue.states()).toEqual(["1 delivered", "2 running"]);
  });
});

describe("a window that a run covers which is not delivered", () => {
  /** Window 2 waits for the run of hours 2 to 3, which needs a person and has no slot. Returns the run. */
  async function covered(): Promise<string> {
    await queue.queued({ windows: [hours(20, 21)] });
    await queue.queue({ windows: [hours(2, 3)], skip_sent: true });
    const first = queue.lastRun();
    await queue.ask("/windows/pause", { method: "POST" });
    await queue.ends(first, { stage: "sent_waiting_cleanup", deliveredAt: NOW });
    const wanted = wantedRun({ startMs: Date.parse("2030-04-20T02:00:00Z") });
    const run = admitted(await queue.api.admit(wanted, null));
    await queue.ends(run, { stage: "needs_attention" }, false);
    await queue.ask("/windows/resume", { method: "POST" });
    await queue.turn();
    return run;
  }

  it("waits, and names the run", async () => {
    const run = await covered();
    expect(await queue.states()).toContain("2 queued");
    const { json } = await queue.ask("/windows/2");
    expect(json.state_reason).toMatchObject({ code: "waits_for_run", detail: expect.stringContaining(run) });
  });

  it("is replayed when the run is aborted without having sent anything", async () => {
    const run = await covered();
    await queue.api.report(aReport(run, { stage: "aborted", finished: true, sentSomething: false }));
    await queue.later(60_000);
    expect(await queue.states()).toContain("2 running");
  });

  it("is delivered when the run is delivered", async () => {
    const run = await covered();
    const delivered = { stage: "cleaned", finished: true, sentSomething: true, deliveredAt: NOW } as const;
    await queue.api.report(aReport(run, delivered));
    await queue.later(60_000);
    expect(await queue.states()).toContain("2 delivered");
  });
});

describe("a series of which a run covers a part that is not delivered", () => {
  it("cuts no window until the run is over, so that no window becomes too old meanwhile", async () => {
    const { parse, ...wanted } = wantedRun({ startMs: Date.parse("2030-04-21T19:00:00Z") });
    const window = { endMs: Date.parse("2030-04-22T17:00:00Z"), endExclusive: true };
    const run = admitted(await queue.api.admit({ ...wanted, parse: { ...parse, ...window } }, null));
    await queue.ends(run, { stage: "needs_attention" }, false);
    const series = { days: 1, chunk: "2h", order: "oldest_first", skip_sent: true, max_age: "3h" };
    await queue.queued({ ...series, options: { live: "ignore" } });
    await queue.delivers(queue.lastRun());
    await queue.later(3_600_000);
    const { json } = await queue.ask("/windows/1");
    expect(json.state_reason).toMatchObject({ code: "waits_for_run" });
    expect(json.chunks.windows).toMatchObject({ delivered: 1 });
    await queue.api.report(aReport(run, { stage: "aborted", finished: true, sentSomething: false }));
    await queue.later(60_000);
    // Each window takes 40 minutes.
    for (let n = 0; n < 14; n += 1) {
      await queue.later(2_400_000);
      await queue.delivers(queue.lastRun());
    }
    expect((await queue.ask("/windows/1")).json).toMatchObject({
      state: "delivered",
      chunks: { windows: { delivered: 12 } },
    });
  });
});
