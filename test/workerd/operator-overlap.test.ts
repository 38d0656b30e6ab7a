// Several runs: lines of a window are not sent again unless an operator confirms it. A continuation sends what the
// aborted run left.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import type { RunLimits } from "../../src/contract/limits.ts";
import type { HttpSending } from "../../src/contract/receivers.ts";
import { TAKEN_OVER_UNLESS_GIVEN, type RunReport, type WantedRun } from "../../src/contract/registry.ts";
import { HOUR, START, aReport, wantedRun } from "../support/registry-fixtures.ts";
import { NOW, RegistryUnderTest, admitted } from "../support/registry-under-test.ts";

const registry = new RegistryUnderTest();
beforeEach(() => registry.setUp());
afterEach(() => registry.tearDown());
let fence = 0;
const HTTP: HttpSending = { form: "lines", beforeEach: null, token: null };

function wanted(over: Partial<WantedRun> = {}, startMs = START): WantedRun {
  return { ...wantedRun({ startMs }), ...over };
}

/** A run that ended with this progress report. The slot is free again. */
async function ended(over: Partial<RunReport>, ask: WantedRun = wanted()): Promise<string> {
  const id = admitted(await registry.api.admit(ask, null));
  fence = registry.runs.started.at(-1)?.slot.fence ?? 0;
  const sentSomething = over.sentSomething ?? false;
  await registry.api.report(aReport(id, { stage: "aborted", finished: true, ...over }));
  await registry.api.release(id, fence, NOW, sentSomething);
  return id;
}

async function runsNow(): Promise<string[]> {
  return (await registry.everyRun()).map(({ id }) => id);
}

describe("a window that another run sent something of", () => {
  it.each(["aborted", "cleaned", "needs_attention", "sent_waiting_cleanup"] as const)(
    "is refused in any stage of that run (%s), named with the overlap, and leaves nothing",
    async (stage) => {
      const earlier = await ended({ stage, sentSomething: true });
      const before = await runsNow();
      expect(
        await registry.api.admit(wanted({}, START + HOUR / 2), { key: "k", bodyHash: "a" }),
      ).toMatchObject({
        ok: false,
        code: "overlap",
        overlaps: [{ run: earlier, start: "2030-04-22T14:30:00Z", end: "2030-04-22T15:00:00Z" }],
      });
      expect(await runsNow()).toEqual(before);
      expect(registry.runs.started).toHaveLength(1);
      // The refusal did not take the slot either.
      expect(await registry.api.admit(wanted({}, START + 5 * HOUR), null)).toMatchObject({ ok: true });
    },
  );

  it("is sent again with replay", async () => {
    await ended({ sentSomething: true });
    expect(await registry.api.admit(wanted({ replay: true }), null)).toMatchObject({ ok: true });
  });

  it("is free when that run sent nothing", async () => {
    await ended({ sentSomething: false });
    expect(await registry.api.admit(wanted(), null)).toMatchObject({ ok: true });
  });

  it("overlaps an adjoining one at the instant that both include, unless one excludes its end", async () => {
    await ended({ sentSomething: true });
    const next = wanted({}, START + HOUR);
    expect(await registry.api.admit(next, null)).toMatchObject({ code: "overlap" });
    const before = wanted({}, START - HOUR);
    expect(await registry.api.admit(before, null)).toMatchObject({ code: "overlap" });
    const open = { ...before, parse: { ...before.parse, endExclusive: true } };
    expect(await registry.api.admit(open, null)).toMatchObject({ ok: true });
  });

  it("stays known after a later report that nothing was sent", async () => {
    const earlier = await ended({ sentSomething: true });
    await registry.api.report(aReport(earlier, { stage: "cleaned", sentSomething: false, finished: true }));
    expect(await registry.api.admit(wanted(), null)).toMatchObject({ code: "overlap" });
  });
});

describe("continue_of", () => {
  it.each(["needs_attention", "paused", "sent_waiting_cleanup", "cleaned", "aborting"] as const)(
    "is refused for a run that is %s, because that run may still send",
    async (stage) => {
      const earlier = await ended({ stage, sentSomething: true });
      expect(await registry.api.admit(wanted({ continueOf: earlier }), null)).toMatchObject({
        ok: false,
        code: "not_continuable",
      });
      expect(await runsNow()).toEqual([earlier]);
    },
  );

  it("is refused for a run that the registry does not know", async () => {
    const continueOf = "20300101T000000Z_20300101T010000Z_20300101T020000Z";
    expect(await registry.api.admit(wanted({ continueOf }), null)).toMatchObject({ code: "not_continuable" });
    expect(await runsNow()).toEqual([]);
  });

  it("inherits the window and everything that decides about batches", async () => {
    const parse = { ...wanted().parse, batchLines: 250 };
    const earlier = await ended(
      { sentSomething: true },
      wanted({ parse, logPrefix: "other/", folders: ["x/"] }),
    );
    const other = wanted({ continueOf: earlier, maxInFlight: 3 }, START + 9 * HOUR);
    expect(await registry.api.admit(other, null)).toMatchObject({ ok: true });
    expect(registry.runs.started.at(-1)?.spec).toMatchObject({
      continueOf: earlier,
      parse,
      logPrefix: "other/",
      folders: ["x/"],
      maxInFlight: 3,
    });
  });

  it.each([
    ["http", "ctyun", HTTP, undefined],
    ["ctyun", "http", undefined, HTTP],
  ])("keeps the kind %s of the receiver when new runs have the kind %s", async (_was, _is, before, now) => {
    const earlier = await ended({ sentSomething: true }, wanted({ ...(before && { http: before }) }));
    const next = wanted({ continueOf: earlier, ...(now && { http: now }) });
    expect(await registry.api.admit(next, null)).toMatchObject({ ok: true });
    expect(registry.runs.started.at(-1)?.spec.http).toEqual(before);
  });

  it("is refused with a cap below the batches that it inherits", async () => {
    const parse = { ...wanted().parse, batchLines: 1_000 };
    const earlier = await ended({ sentSomething: true }, wanted({ parse }));
    expect(
      await registry.api.admit(wanted({ continueOf: earlier, maxLinesPerSecond: 999 }), null),
    ).toMatchObject({
      code: "not_continuable",
    });
  });

  it("is exempt from the overlap with all runs that it goes back to, but with no other", async () => {
    const first = await ended({ sentSomething: true });
    const second = await ended({ sentSomething: true }, wanted({ continueOf: first }));
    const third = await ended({ sentSomething: true }, wanted({ continueOf: second }));
    expect(new Set([first, second, third]).size).toBe(3);
    // Continuing the first run would send what the second run sent.
    expect(await registry.api.admit(wanted({ continueOf: first }), null)).toMatchObject({
      code: "overlap",
      overlaps: [{ run: second }, { run: third }],
    });
    expect(await registry.api.admit(wanted({ continueOf: third }), null)).toMatchObject({ ok: true });
  });

  it("is refused for a run whose window another run sent meanwhile, unless it is a replay", async () => {
    const mine = await ended({ sentSomething: true });
    const stranger = await ended({ sentSomething: true }, wanted({ replay: true }, START + HOUR / 2));
    expect(await registry.api.admit(wanted({ continueOf: mine }), null)).toMatchObject({
      code: "overlap",
      overlaps: [{ run: stranger }],
    });
    expect(await registry.api.admit(wanted({ continueOf: mine, replay: true }), null)).toMatchObject({
      ok: true,
    });
  });

  it("is refused the slot that it released, once another run sent its window", async () => {
    const parked = await ended({ stage: "paused", sentSomething: true, finished: false });
    await ended({ sentSomething: true }, wanted({ replay: true }));
    expect(await registry.api.acquire(parked)).toMatchObject({ ok: false, code: "overlap" });
    // The operator confirms the overlap with the command.
    expect(await registry.api.acquire(parked, true)).toMatchObject({ ok: true });
  });

  it("is found among any number of runs that share no instant, or belong to the same chain", async () => {
    const exclusive = { ...wanted().parse, startMs: START - HOUR, endMs: START, endExclusive: true };
    for (let n = 0; n < 25; n += 1)
      await ended({ sentSomething: true }, wanted({ parse: exclusive, replay: true }));
    let last = await ended({ sentSomething: true });
    for (let n = 0; n < 25; n += 1) last = await ended({ sentSomething: true }, wanted({ continueOf: last }));
    expect(await registry.api.admit(wanted({ continueOf: last }), null)).toMatchObject({ ok: true });
    await registry.api.release(
      registry.runs.started.at(-1)!.spec.runId,
      registry.runs.started.at(-1)!.slot.fence,
      NOW,
      false,
    );
    const stranger = await ended({ sentSomething: true }, wanted({ replay: true }));
    expect(await registry.api.admit(wanted({ continueOf: last }), null)).toMatchObject({
      code: "overlap",
      overlaps: [{ run: stranger }],
    });
  });

  it("sends no faster than the earlier run did in the end, unless the request says so", async () => {
    const started = {
      maxLinesPerSecond: 5_000,
      rate: 7,
      onRefused: "split",
      refusalIsAtomic: true,
      polite: true,
    } as const;
    const earlier = await ended({ sentSomething: true }, wanted({ ...started, canary: 5, note: "first" }));
    const patched = {
      maxLinesPerSecond: 1_000, maxRequestsPerSecond: 2, maxBytesPerSecond: 20_000, maxInFlight: 4, rate: 7, polite: true,
      onUncertain: "hold", sendBetween: [{ from: "01:00", to: "07:00", zone: "Asia/Shanghai" }], dailyLines: 5_000,
    } satisfies RunLimits; // prettier-ignore
    vi.spyOn(BackfillRun.prototype, "limits").mockResolvedValue({ ok: true, limits: patched });
    const ask = (over: Partial<WantedRun>) =>
      wanted({ continueOf: earlier, takeOver: [...TAKEN_OVER_UNLESS_GIVEN], ...over });
    await ended({}, ask({}));
    expect(registry.runs.started.at(-1)?.spec).toMatchObject({
      ...patched, onRefused: "split", refusalIsAtomic: true, canary: null, note: null, replay: false, resendInherited: false,
    }); // prettier-ignore
    expect(registry.runs.started.at(-1)?.spec).not.toHaveProperty("takeOver");

    // Values of the request replace those of the earlier run. If the cap of the deployment is lower now, it applies.
    await ended({}, ask({ takeOver: ["maxBytesPerSecond", "dailyLines"], maxLinesPerSecond: 3_000 }));
    expect(registry.runs.started.at(-1)?.spec).toMatchObject({
      maxLinesPerSecond: 3_000, maxBytesPerSecond: 20_000, maxRequestsPerSecond: null, maxInFlight: 60, onUncertain: "resend",
      sendBetween: null, dailyLines: 5_000,
    }); // prettier-ignore
    const later = wanted({}, START + 20 * HOUR);
    const small = await ended({}, { ...later, parse: { ...later.parse, batchLines: 100 } });
    await ended({}, ask({ continueOf: small, maxLinesPerSecond: 500 }));
    expect(registry.runs.started.at(-1)?.spec).toMatchObject({ maxLinesPerSecond: 500 });
  });

  it("waits while the limits of the earlier run are unknown", async () => {
    const earlier = await ended({ sentSomething: true });
    vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(BackfillRun.prototype, "limits").mockRejectedValue(new Error("down"));
    expect(await registry.api.admit(wanted({ continueOf: earlier }), null)).toMatchObject({
      code: "not_continuable",
    });
    expect(await runsNow()).toEqual([earlier]);
  });
});
