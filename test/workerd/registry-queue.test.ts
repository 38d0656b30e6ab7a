// The window queue in the registry: which window starts when, and how the end of a run changes its window.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { NEXT_ATTEMPT_MS, TURN_KEPT_MS } from "../../durable-objects/run-registry/queue/rules.ts";
import { HOUR, QueueUnderTest, hours } from "../support/queue-under-test.ts";
import { aReport, wantedRun } from "../support/registry-fixtures.ts";
import { admitted, NOW } from "../support/registry-under-test.ts";

const queue = new QueueUnderTest();
beforeEach(() => {
  queue.setUp();
  vi.spyOn(BackfillRun.prototype, "limits").mockResolvedValue({
    ok: false,
    code: "unknown_run",
    detail: "no limits of its own",
  });
});
afterEach(() => queue.tearDown());

describe("starting", () => {
  it("starts one window after the other, each when the slot is free", async () => {
    await queue.queued({ windows: [hours(0, 1), hours(2, 3), hours(4, 5)] });
    expect(queue.startedHours()).toEqual(["0-1"]);
    await queue.delivers(queue.lastRun());
    expect(await queue.states()).toEqual(["1 delivered", "2 running", "3 queued"]);
    await queue.delivers(queue.lastRun());
    await queue.delivers(queue.lastRun());
    expect(queue.startedHours()).toEqual(["0-1", "2-3", "4-5"]);
    expect(await queue.states()).toEqual(["1 delivered", "2 delivered", "3 delivered"]);
    expect(await queue.alarmAt()).not.toBeNull();
  });

  it("admits a run with the options, the actor and the reason of its request", async () => {
    await queue.queue(
      { windows: [hours(0, 1)], reason: "ticket 4711", options: { polite: true, max_lines_per_second: 500 } },
      { headers: { "X-Actor": "li.wei" } },
    );
    await queue.turn();
    expect(queue.runs.started[0]?.spec).toMatchObject({
      actor: "unverified:li.wei",
      note: "ticket 4711",
      polite: true,
      maxLinesPerSecond: 500,
      queueWindow: 1,
      continueOf: null,
      replay: false,
    });
  });

  it("starts no window while a run of the queue rests without the slot", async () => {
    await queue.queued({ windows: [hours(0, 1), hours(2, 3)] });
    const run = queue.lastRun();
    await queue.ends(run, { stage: "suspended" });
    await queue.later(12 * HOUR);
    expect(queue.startedHours()).toEqual(["0-1"]);
    expect((await queue.ask("/windows")).json.queue).toMatchObject({
      waits_for: `run ${run}, which rests without the slot`,
      hindrance: { code: "run_at_work", run, not_before: null },
    });
    // A run that waits for an operator blocks no other.
    await queue.ends(run, { stage: "needs_attention" });
    expect(queue.startedHours()).toEqual(["0-1", "2-3"]);
  });

  it("takes the highest priority first, and the oldest of equal ones", async () => {
    await queue.queued({ windows: [hours(20, 21)] });
    await queue.queued({ windows: [hours(0, 1)] });
    await queue.queued({ windows: [hours(2, 3)], priority: 5 });
    await queue.queued({ windows: [hours(4, 5)], priority: 5 });
    await queue.queued({ windows: [hours(6, 7)], priority: -1 });
    for (let n = 0; n < 5; n += 1) await queue.delivers(queue.lastRun());
    expect(queue.startedHours()).toEqual(["20-21", "2-3", "4-5", "0-1", "6-7"]);
  });

  it("waits until not_before, and starts others meanwhile", async () => {
    const tonight = new Date(NOW + HOUR).toISOString().replace(/\.\d+/, "");
    await queue.queued({ windows: [hours(0, 1)], not_before: tonight });
    await queue.queued({ windows: [hours(2, 3)] });
    expect(queue.startedHours()).toEqual(["2-3"]);
    await queue.delivers(queue.lastRun());
    expect((await queue.ask("/windows")).json.queue).toMatchObject({
      queued: 1,
      waits_for: expect.stringContaining("not_before"),
      hindrance: { code: "not_before", run: null, not_before: expect.stringMatching(/Z$/) },
    });
    await queue.later(HOUR);
    expect(queue.startedHours()).toEqual(["2-3", "0-1"]);
  });

  it("moves a window before another, also when there is no room between two numbers", async () => {
    await queue.queued({ windows: [hours(20, 21)] });
    await queue.queued({ windows: Array.from({ length: 4 }, (_, n) => hours(2 * n, 2 * n + 1)) });
    for (let n = 0; n < 60; n += 1) {
      const id = n % 2 === 0 ? 5 : 4;
      const moved = await queue.ask(`/windows/${id}/move`, {
        method: "POST",
        body: { before: n % 2 === 0 ? 4 : 5 },
      });
      expect(moved.status).toBe(200);
    }
    await queue.ask("/windows/3/move", { method: "POST", body: { before: 2 } });
    const { json } = await queue.ask("/windows?state=queued");
    expect(json.items.map(({ id }: { id: number }) => id)).toEqual([3, 2, 4, 5]);
  });

  it("moves a window after another, with its priority, also when there is no room between two numbers", async () => {
    await queue.queued({ windows: [hours(20, 21)] });
    await queue.queued({ windows: [hours(0, 1), hours(2, 3), hours(4, 5)] });
    await queue.queued({ windows: [hours(6, 7)], priority: 5 });
    const move = (id: number, after: number) =>
      queue.ask(`/windows/${id}/move`, { method: "POST", body: { after } });
    for (let n = 0; n < 60; n += 1) {
      const [id, after] = n % 2 === 0 ? [3, 2] : [4, 2];
      expect((await move(id, after)).status).toBe(200);
    }
    expect((await move(5, 3)).json).toMatchObject({ id: 5, priority: 0 });
    const { json } = await queue.ask("/windows?state=queued");
    expect(json.items.map(({ id }: { id: number }) => id)).toEqual([2, 4, 3, 5]);
  });

  it("starts nothing while the queue is paused, and goes on after resume", async () => {
    await queue.ask("/windows/pause", { method: "POST", body: { note: "the partner asked" } });
    await queue.queued({ windows: [hours(0, 1)] });
    expect(queue.runs.started).toHaveLength(0);
    const { json } = await queue.ask("/windows");
    expect(json.queue).toMatchObject({
      paused: { actor: "token", note: "the partner asked" },
      waits_for: "paused",
    });
    await queue.ask("/windows/resume", { method: "POST" });
    await queue.turn();
    expect(queue.runs.started).toHaveLength(1);
  });

  it("leaves the slot to a run that asked for it while a run of the queue sent", async () => {
    const earlier = admitted(await queue.api.admit(wantedRun({ startMs: NOW - 99 * HOUR }), null));
    await queue.api.release(earlier, 1, NOW, false);
    queue.runs.started.length = 0;
    await queue.queued({ windows: [hours(0, 1), hours(2, 3)] });
    expect(await queue.api.acquire(earlier)).toMatchObject({
      code: "slot_taken",
      detail: expect.stringContaining("before the next window"),
    });
    await queue.delivers(queue.lastRun());
    expect(queue.startedHours()).toEqual(["0-1"]);
    expect((await queue.ask("/windows")).json.queue).toMatchObject({ reserved: [earlier] });
    expect(await queue.api.acquire(earlier)).toMatchObject({ ok: true, fence: 3 });
    await queue.api.release(earlier, 3, NOW, true);
    await queue.turn();
    expect(queue.startedHours()).toEqual(["0-1", "2-3"]);
  });

  it("goes on when the run that asked for the slot does not take it", async () => {
    const earlier = admitted(await queue.api.admit(wantedRun({ startMs: NOW - 99 * HOUR }), null));
    await queue.api.release(earlier, 1, NOW, false);
    queue.runs.started.length = 0;
    await queue.queued({ windows: [hours(0, 1), hours(2, 3)] });
    await queue.api.acquire(earlier);
    await queue.delivers(queue.lastRun());
    await queue.later(TURN_KEPT_MS - 1);
    expect(queue.startedHours()).toEqual(["0-1"]);
    await queue.later(1);
    expect(queue.startedHours()).toEqual(["0-1", "2-3"]);
  });

  it("starts a window that was admitted before the object was evicted", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    queue.runs.failStarts = 1;
    await queue.queue({ windows: [hours(0, 1), hours(2, 3)] });
    await runDurableObjectAlarm(queue.stub);
    expect(queue.runs.started).toHaveLength(0);
    await evictDurableObject(queue.stub);
    expect(await queue.states()).toEqual(["1 running", "2 queued"]);
    await queue.later(5_000);
    expect(queue.startedHours()).toEqual(["0-1"]);
  });
});

describe("the end of a run", () => {
  it("lets the next window start when a run needs attention, and takes the window up again when it is delivered", async () => {
    await queue.queued({ windows: [hours(0, 1), hours(2, 3)] });
    const first = queue.lastRun();
    await queue.ends(first, { stage: "needs_attention" });
    expect(await queue.states()).toEqual(["1 needs_attention", "2 running"]);
    expect(queue.startedHours()).toEqual(["0-1", "2-3"]);
    await queue.delivers(queue.lastRun());
    await queue.api.report(aReport(first, { stage: "cleaned", deliveredAt: NOW, finished: true }));
    expect(await queue.states()).toEqual(["1 delivered", "2 delivered"]);
  });

  it("continues an aborted run, up to max_attempts, and then fails the window", async () => {
    await queue.queued({ windows: [hours(0, 1)], max_attempts: 2 });
    const first = queue.lastRun();
    await queue.ends(first, { stage: "aborted" });
    await queue.api.report(aReport(first, { stage: "aborted", finished: true }));
    expect(await queue.states()).toEqual(["1 queued"]);
    await queue.later(NEXT_ATTEMPT_MS);
    const second = queue.runs.started.at(-1)?.spec;
    expect(second).toMatchObject({ continueOf: first, queueWindow: 1 });
    await queue.ends(second?.runId ?? "", { stage: "aborted", finished: true });
    expect(await queue.window(1)).toMatchObject({
      state: "failed",
      attempts: 2,
      runs: [first, second?.runId],
      events: [
        { kind: "queued", actor: "token" },
        { kind: "started", actor: "system", detail: { attempt: 1 } },
        { kind: "queued" },
        { kind: "started", detail: { attempt: 2 } },
        { kind: "failed" },
      ],
    });
  });

  it("starts other windows when an aborted run does not answer for its limits", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    await queue.queued({ windows: [hours(0, 1), hours(2, 3)] });
    await queue.ends(queue.lastRun(), { stage: "aborted" });
    await queue.delivers(queue.lastRun());
    const limits = vi.spyOn(BackfillRun.prototype, "limits").mockRejectedValue(new Error("deaf"));
    await queue.queued({ windows: [hours(4, 5)] });
    await queue.delivers(queue.lastRun());
    await queue.later(NEXT_ATTEMPT_MS);
    expect(await queue.states()).toEqual(["1 queued", "2 delivered", "3 delivered"]);
    limits.mockResolvedValue({ ok: false, code: "unknown_run", detail: "" });
    await queue.later(5_000);
    expect(queue.startedHours()).toEqual(["0-1", "2-3", "4-5", "0-1"]);
  });

  it("expires a window that waited too long, by name", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    await queue.queued({ windows: [hours(0, 1)] });
    await queue.queued({ windows: [hours(2, 3)], max_age: "2h" });
    await queue.later(2 * HOUR - 1);
    expect(await queue.states()).toEqual(["1 running", "2 queued"]);
    await queue.later(1);
    expect(await queue.window(2)).toMatchObject({
      state: "expired",
      state_reason: { code: "max_age" },
      expires_at: null,
      events: [{ kind: "queued" }, { kind: "expired", actor: "system" }],
    });
    await queue.delivers(queue.lastRun());
    expect(queue.startedHours()).toEqual(["0-1"]);
    warn.mockRestore();
  });

  it("blocks a window when another run sent a part of it while it waited", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    await queue.queued({ windows: [hours(20, 21)] });
    await queue.queued({ windows: [hours(0, 3)] });
    await queue.queued({ windows: [hours(2, 5)], options: { polite: true } });
    await queue.delivers(queue.lastRun());
    await queue.delivers(queue.lastRun());
    const [other] = queue.runs.started.slice(-1);
    expect(await queue.window(3)).toMatchObject({
      state: "blocked",
      overlaps: [{ run: other?.spec.runId, start: "2030-04-20T02:00:00Z", end: "2030-04-20T03:00:00Z" }],
    });
  });
});

describe("cancel", () => {
  it("takes a queued window out", async () => {
    await queue.queued({ windows: [hours(0, 1), hours(2, 3)] });
    const answer = await queue.ask("/windows/2", { method: "DELETE", body: { note: "done by hand" } });
    expect(answer).toMatchObject({ status: 200, json: { state: "cancelled" } });
    expect(answer.json.events.at(-1)).toMatchObject({
      kind: "cancel",
      actor: "token",
      detail: { note: "done by hand" },
    });
    expect(await queue.ask("/windows/2", { method: "DELETE" })).toMatchObject({
      status: 409,
      json: { code: "window_wrong_state" },
    });
  });

  it("aborts the run of a running window, which gets no further attempt", async () => {
    await queue.queued({ windows: [hours(0, 1)] });
    expect(await queue.ask("/windows/1", { method: "DELETE" })).toMatchObject({ status: 202 });
    expect(queue.aborts).toMatchObject([{ actor: "token", force: false }]);
    await queue.ends(queue.lastRun(), { stage: "aborted", finished: true });
    await queue.later(NEXT_ATTEMPT_MS);
    expect(await queue.states()).toEqual(["1 cancelled"]);
    expect(queue.runs.started).toHaveLength(1);
  });
});
