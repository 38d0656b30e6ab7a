// Pause, park, resume, and limits that change during a run.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { act, acted, ACTOR, eventsOf, everyRow, openedAs } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { permitOf, OK, putLogs, sendAll, reportOutcome, TIMEOUT } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const resume = { do: "resume", acceptReceiver: false, answers: null } as const;

describe("a pause", () => {
  it("allows no claim from then on, lets open POSTs end, and shows them as in flight", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    const open = await permitOf(run);
    expect(await acted(run, { do: "pause", park: false }, "partner asks")).toMatchObject({
      leasesOut: 1,
      changed: 1,
      status: { stage_code: "paused", state_reason: { code: "operator", detail: "partner asks" } },
    });
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect(await run.api.renew([open])).toMatchObject({ refused: [] });
    await reportOutcome(run, open, OK);
    run.wakeUps = 0;
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({ stage_code: "paused", log_lines_sent: LINES, in_flight: 0 });
    expect(run.wakeUps).toBe(0);
    expect(run.released).toEqual([]);
  });

  it("enqueues no further file, because parsing stops after the current one", async () => {
    await putLogs(run, 3);
    await run.start();
    await run.settle();
    expect(await run.api.claimFile(1)).toMatchObject({ ok: true });
    await acted(run, { do: "pause", park: false });
    run.enqueued = [];
    await run.wait(10_000);
    expect(run.enqueued).toEqual([]);
    expect(await run.api.claimFile(2)).toMatchObject({ ok: false });
    expect(await run.api.renewFile(1, 1)).toMatchObject({ ok: true });
    await acted(run, resume);
    await run.wait(60_000);
    expect(await run.api.claimFile(2)).toMatchObject({ ok: true });
  });

  it("survives an eviction, and the first resume ends it", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await acted(run, { do: "pause", park: false });
    await run.evict();
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect(await acted(run, resume, "go on")).toMatchObject({ status: { stage_code: "sending" } });
    await sendAll(run);
    expect((await run.status()).log_lines_sent).toBe(200);
    const changes = [...(await eventsOf(run, "pause")), ...(await eventsOf(run, "resume"))];
    expect(changes.map(({ actor }) => actor)).toEqual([ACTOR, ACTOR]);
    expect(changes[1]?.detail).toMatchObject({ note: "go on" });
  });

  it("is refused for a delivered run, and changes nothing", async () => {
    await openedAs(run, [[LINES]], {});
    await sendAll(run);
    await run.wait(1_000);
    const before = await everyRow(run);
    expect(await act(run, { do: "pause", park: true })).toMatchObject({ ok: false, code: "wrong_state" });
    expect(await act(run, resume)).toMatchObject({ ok: false });
    const after = (await everyRow(run)) as unknown[][];
    expect(after.slice(1)).toEqual((before as unknown[][]).slice(1));
  });
});

describe("park", () => {
  it("releases the slot only with no lease out, because its sender may still post", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    const open = await permitOf(run);
    await acted(run, { do: "pause", park: true });
    for (let renewals = 0; renewals < 4; renewals += 1) {
      await run.wait(10_000);
      expect(await run.api.renew([open])).toMatchObject({ refused: [] });
    }
    expect(run.released).toEqual([]);
    await reportOutcome(run, open, OK);
    await run.wait(1_000);
    expect(run.released).toHaveLength(1);
    expect((await run.status()).stage_code).toBe("paused");
  });

  it("is what any pause means for a run of the window queue, so that the next window starts", async () => {
    await openedAs(run, [[LINES, LINES]], { queueWindow: 7 });
    await acted(run, { do: "pause", park: false });
    await run.wait(1_000);
    expect(run.released).toHaveLength(1);
    expect(await run.status()).toMatchObject({ stage_code: "paused", spec: { queue_window: 7 } });
  });

  it("waits out a sender that vanished before it releases the slot", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await permitOf(run);
    await acted(run, { do: "pause", park: true });
    await run.wait(29_000);
    expect(run.released).toEqual([]);
    await run.wait(10_000);
    expect(run.released).toHaveLength(1);
    expect(await run.status()).toMatchObject({ stage_code: "paused", uncertain_attempts: 1 });
  });

  it("follows a plain pause, and a plain pause cancels it before the slot is released", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    const open = await permitOf(run);
    await acted(run, { do: "pause", park: false });
    await acted(run, { do: "pause", park: true });
    await acted(run, { do: "pause", park: false });
    await reportOutcome(run, open, OK);
    await run.wait(5_000);
    expect(run.released).toEqual([]);
  });

  it("acquires the slot again on resume, before anything is claimable", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await acted(run, { do: "pause", park: true });
    await run.wait(2_000);
    expect(run.released).toHaveLength(1);
    expect(await acted(run, resume)).toMatchObject({ status: { stage_code: "sending" } });
    expect(await run.row("SELECT slot, slot_fence FROM run")).toEqual({ slot: "owned", slot_fence: 2 });
    await sendAll(run);
    expect((await run.status()).log_lines_sent).toBe(200);
  });

  it("refuses resume on a taken slot, names the holder, and leaves the run paused", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await acted(run, { do: "pause", park: true });
    await run.wait(2_000);
    vi.spyOn(RunRegistry.prototype, "acquire").mockImplementation(async () => ({
      ok: false,
      code: "slot_taken",
      detail: "run other owns the receiver's slot",
      holder: "other",
    }));
    const before = await everyRow(run);
    for (const command of [
      resume,
      { do: "retry_all" },
      { do: "resolve_batch", batch: 1, outcome: "resend" },
    ] as const) {
      expect(await act(run, command)).toMatchObject({ ok: false, code: "slot_taken", holder: "other" });
    }
    expect(await everyRow(run)).toEqual(before);
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
    // A command that makes nothing sendable needs no slot.
    await acted(run, { do: "resolve_batch", batch: 1, outcome: "delivered" }, "seen");
    expect((await run.status()).stage_code).toBe("paused");
  });
});

describe("PATCH", () => {
  it("lowers max_in_flight from the next claim on, and ends no lease", async () => {
    await openedAs(run, [Array.from({ length: 8 }, () => LINES)], {});
    const out = [await permitOf(run), await permitOf(run), await permitOf(run)];
    await acted(run, { do: "patch", limits: { maxInFlight: 2 } }, "partner is weak");
    expect(await run.api.next("test.0", [], 1)).toMatchObject({ kind: "wait", reason: "max_in_flight" });
    expect(await run.api.renew(out)).toMatchObject({ refused: [] });
    for (const [n, permit] of out.entries()) {
      await reportOutcome(run, permit, OK);
      const next = await run.api.next("test.0", [], 1);
      expect([n, next.kind === "wait" && next.reason]).toEqual([n, n === 0 ? "max_in_flight" : false]);
      if (next.kind === "grants") break;
    }
    expect(await eventsOf(run, "patch")).toMatchObject([
      {
        actor: ACTOR,
        detail: { changes: { max_in_flight: { from: 60, to: 2 } }, note: "partner is weak", changed: 1 },
      },
    ]);
  });

  it("spaces the permits that follow by max_lines_per_second, and not those before", async () => {
    await openedAs(run, [Array.from({ length: 8 }, () => LINES)], {});
    await acted(run, { do: "patch", limits: { maxLinesPerSecond: LINES } });
    const begins: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const { waitMs, ...permit } = await permitOf(run);
      begins.push(Date.now() + waitMs);
      await reportOutcome(run, permit, OK);
    }
    const gaps = begins.slice(1).map((at, n) => at - (begins[n] ?? 0));
    for (const gap of gaps.slice(1)) expect(gap).toBeGreaterThanOrEqual(990);
    await acted(run, { do: "patch", limits: { maxLinesPerSecond: 100_000 } });
    await permitOf(run);
    const from = Date.now();
    await permitOf(run);
    expect(Date.now() - from).toBeLessThan(900);
  });

  it("survives an eviction", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await acted(run, { do: "patch", limits: { maxLinesPerSecond: 777, maxInFlight: 1, rate: 6 } });
    await run.evict();
    expect((await run.status()).rate).toMatchObject({ max_lines_per_second: 777, max_in_flight: 1, files_per_minute: 6 }); // prettier-ignore
    await permitOf(run);
    expect(await run.api.next("test.0", [], 1)).toMatchObject({ kind: "wait", reason: "max_in_flight" });
  });

  it("is refused below the largest batch, and changes nothing", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    const before = await everyRow(run);
    expect(
      await act(run, { do: "patch", limits: { maxLinesPerSecond: LINES - 1, maxInFlight: 3 } }),
    ).toMatchObject({
      ok: false,
      code: "invalid_value",
      limit: "maxLinesPerSecond",
    });
    expect(await everyRow(run)).toEqual(before);
    await acted(run, { do: "patch", limits: { maxLinesPerSecond: LINES } });
    await sendAll(run);
    expect((await run.status()).log_lines_sent).toBe(200);
  });
});
