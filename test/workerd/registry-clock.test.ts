// The registry's alarm: what it repairs, which runs it pokes, and when it stops.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { POKE_EVERY_MS, START_AGAIN_MS } from "../../durable-objects/run-registry/rules.ts";
import { aReport, HOUR, START, wantedRun } from "../support/registry-fixtures.ts";
import { admitted, NOW, RegistryUnderTest } from "../support/registry-under-test.ts";

const registry = new RegistryUnderTest();
beforeEach(() => registry.setUp());
afterEach(() => registry.tearDown());

describe("the clock", () => {
  it("starts a run whose start failed, because its slot would stay taken for ever", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    registry.runs.failStarts = 2;
    const answer = await registry.api.admit(wantedRun(), null);
    expect(answer).toMatchObject({ ok: false, code: "unconfirmed" });
    expect(await registry.api.admit(wantedRun(), null)).toMatchObject({ code: "slot_taken" });

    vi.setSystemTime(NOW + START_AGAIN_MS);
    expect(await runDurableObjectAlarm(registry.stub)).toBe(true);
    expect(registry.runs.started).toHaveLength(0);
    vi.setSystemTime(NOW + 2 * START_AGAIN_MS);
    expect(await runDurableObjectAlarm(registry.stub)).toBe(true);
    expect(registry.runs.started).toEqual([
      {
        spec: expect.objectContaining({ runId: !answer.ok && "runId" in answer && answer.runId }),
        slot: { fence: 1, notBefore: 0 },
      },
    ]);
    expect(await registry.alarmAt()).toBe(NOW + 2 * START_AGAIN_MS + POKE_EVERY_MS);
  });

  it("pokes an unfinished run every minute, and stops when the last one is finished", async () => {
    const runId = admitted(await registry.api.admit(wantedRun(), null));
    for (const minute of [1, 2]) {
      vi.setSystemTime(NOW + minute * POKE_EVERY_MS);
      await runDurableObjectAlarm(registry.stub);
      expect(registry.runs.poked).toHaveLength(minute);
    }
    await registry.api.release(runId, 1, NOW, false);
    await registry.api.report(aReport(runId, { stage: "cleaned", finished: true }));
    vi.setSystemTime(NOW + 3 * POKE_EVERY_MS);
    await runDurableObjectAlarm(registry.stub);
    expect(registry.runs.poked).toEqual([runId, runId]);
    expect(await registry.alarmAt()).toBeNull();
  });

  it("pokes at the next request after the clock was set back by two hours", async () => {
    for (const back of ["before", "after"]) {
      await registry.api.admit(wantedRun({ startMs: START - (back === "before" ? 0 : 9) * HOUR }), null);
      vi.setSystemTime(Date.now() - 2 * HOUR);
      if (back === "after") await evictDurableObject(registry.stub);
      registry.runs.poked.length = 0;
      await registry.api.poke();
      expect(await registry.alarmAt()).toBeLessThanOrEqual(Date.now() + 1);
      await runDurableObjectAlarm(registry.stub);
      expect(registry.runs.poked.length).toBeGreaterThan(0);
      expect(await registry.alarmAt()).toBeLessThanOrEqual(Date.now() + POKE_EVERY_MS);
    }
  });

  it("pokes a finished run as long as it owns the slot, because its release has to be repeated", async () => {
    const runId = admitted(await registry.api.admit(wantedRun(), null));
    await registry.api.report(aReport(runId, { stage: "aborted", finished: true }));
    vi.setSystemTime(NOW + POKE_EVERY_MS);
    await runDurableObjectAlarm(registry.stub);
    expect(registry.runs.poked).toEqual([runId]);
    expect(await registry.alarmAt()).toBe(NOW + 2 * POKE_EVERY_MS);
  });

  it("pokes 20 runs in a turn, and the others at once in the next", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 25; n++) {
      ids.push(admitted(await registry.api.admit(wantedRun({ startMs: START - n * HOUR }), null)));
      await registry.api.release(String(ids[n]), n + 1, NOW, false);
    }
    vi.setSystemTime(NOW + POKE_EVERY_MS);
    await runDurableObjectAlarm(registry.stub);
    expect(registry.runs.poked).toHaveLength(20);
    expect(await registry.alarmAt()).toBe(NOW + POKE_EVERY_MS + 1);
    await runDurableObjectAlarm(registry.stub);
    expect(new Set(registry.runs.poked)).toEqual(new Set(ids));
    expect(registry.runs.poked).toHaveLength(25);
    expect(await registry.alarmAt()).toBe(NOW + 2 * POKE_EVERY_MS);
  });

  it("goes on when a run does not answer its poke, because the others need theirs", async () => {
    admitted(await registry.api.admit(wantedRun(), null));
    vi.spyOn(BackfillRun.prototype, "poke").mockRejectedValue(new Error("deaf"));
    vi.setSystemTime(NOW + POKE_EVERY_MS);
    await runDurableObjectAlarm(registry.stub);
    expect(await registry.alarmAt()).toBe(NOW + 2 * POKE_EVERY_MS);
  });

  it.each([
    ["missing", null],
    ["overdue", NOW - 1],
  ])("is set again by a poke when the alarm is %s, because alarms get lost", async (_what, alarm) => {
    admitted(await registry.api.admit(wantedRun(), null));
    await registry.setAlarm(alarm);
    await registry.api.poke();
    expect(await registry.alarmAt()).toBe(NOW + POKE_EVERY_MS);
  });

  it("is set again when the object wakes up, because no request may come", async () => {
    admitted(await registry.api.admit(wantedRun(), null));
    await registry.setAlarm(null);
    await evictDurableObject(registry.stub);
    await registry.api.knows("x");
    expect(await registry.alarmAt()).toBe(NOW + POKE_EVERY_MS);
  });

  it("pokes a run again that got the slot back after it was finished", async () => {
    const runId = admitted(await registry.api.admit(wantedRun(), null));
    await registry.api.release(runId, 1, NOW, false);
    await registry.api.report(aReport(runId, { stage: "cleaned", finished: true }));
    await runDurableObjectAlarm(registry.stub);
    expect(await registry.alarmAt()).toBeNull();
    await registry.api.acquire(runId);
    expect(await registry.alarmAt()).not.toBeNull();
    expect((await registry.everyRun())[0]).toMatchObject({ finished: false, active: true });
  });
});
