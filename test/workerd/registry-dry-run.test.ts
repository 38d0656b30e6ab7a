// Admission of dry runs and of runs made from them: the slot, earlier runs, and which plan may be replayed.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import type { WantedRun } from "../../src/contract/registry.ts";
import type { PlannedAnswer } from "../../src/contract/run.ts";
import { aReport, HOUR, START, wantedRun } from "../support/registry-fixtures.ts";
import { admitted, HASH, NOW, RegistryUnderTest } from "../support/registry-under-test.ts";

const registry = new RegistryUnderTest();
beforeEach(() => registry.setUp());
afterEach(() => registry.tearDown());

const dry = (over: { startMs?: number } = {}): WantedRun => ({ ...wantedRun(over), dryRun: true });
const sending = (over: { startMs?: number } = {}): WantedRun => wantedRun(over);

/** Ends the run, as the run itself would report its end. */
async function ended(runId: string, stage: "counted" | "aborted"): Promise<void> {
  await registry.api.report(aReport(runId, { stage, finished: true }));
}

describe("a dry run", () => {
  it("is admitted while another run sends, and leaves the slot to it", async () => {
    const sender = admitted(await registry.api.admit(sending(), null));
    const counting = admitted(await registry.api.admit(dry({ startMs: START - HOUR }), null));
    expect((await registry.everyRun()).map(({ id, active, dry_run }) => ({ id, active, dry_run }))).toEqual([
      { id: sender, active: true, dry_run: false },
      { id: counting, active: false, dry_run: true },
    ]);
    expect(registry.runs.started.at(-1)?.spec.dryRun).toBe(true);
    await registry.api.release(sender, 1, NOW, false);
    expect(await registry.api.admit(sending({ startMs: START + HOUR }), null)).toMatchObject({ ok: true });
  });

  it("counts a window that an earlier run sent, without replay", async () => {
    const sender = admitted(await registry.api.admit(sending(), null));
    await registry.api.release(sender, 1, NOW, true);
    expect(await registry.api.admit(sending(), null)).toMatchObject({ code: "overlap" });
    expect(await registry.api.admit(dry(), null)).toMatchObject({ ok: true });
  });

  it("is never an obstacle for a run of the same window", async () => {
    const counting = admitted(await registry.api.admit(dry(), null));
    expect(await registry.api.admit(sending(), null)).toMatchObject({ ok: true });
    await ended(counting, "counted");
    expect((await registry.everyRun()).find(({ id }) => id === counting)).toMatchObject({
      sent_something: false,
      stage_code: "counted",
    });
  });

  it.each(["counted", "aborted"] as const)(
    "is refused while another counts, until that one is %s",
    async (stage) => {
      const first = admitted(await registry.api.admit(dry(), null));
      const second = await registry.api.admit(dry({ startMs: START - HOUR }), { key: "k", bodyHash: HASH });
      expect(second).toMatchObject({ ok: false, code: "dry_run_under_way", holder: first });
      expect(await registry.everyRun()).toHaveLength(1);
      await ended(first, stage);
      expect(await registry.api.admit(dry({ startMs: START - HOUR }), null)).toMatchObject({ ok: true });
    },
  );

  it("lets one of two simultaneous dry runs through", async () => {
    const answers = await Promise.all([
      registry.api.admit(dry(), null),
      registry.api.admit(dry({ startMs: START - HOUR }), null),
    ]);
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
  });

  it("never gets the slot, whatever it asks", async () => {
    const counting = admitted(await registry.api.admit(dry(), null));
    const error = await registry.api.acquire(counting, true).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(await registry.api.admit(sending(), null)).toMatchObject({ ok: true });
  });

  it("is not continued", async () => {
    const counting = admitted(await registry.api.admit(dry(), null));
    await ended(counting, "aborted");
    vi.spyOn(BackfillRun.prototype, "limits").mockResolvedValue({
      ok: false,
      code: "unknown_run",
      detail: "",
    });
    const answer = await registry.api.admit({ ...sending(), continueOf: counting }, null);
    expect(answer).toMatchObject({ code: "not_continuable", detail: expect.stringContaining("dry run") });
  });
});

describe("the run for which a dry run waits", () => {
  it("is the holder of the slot, unless it last reported that it parses nothing", async () => {
    expect(await registry.api.sendingRun()).toBe(null);
    const sender = admitted(await registry.api.admit(sending(), null));
    expect(await registry.api.sendingRun()).toBe(sender);
    await registry.api.report(aReport(sender, { stage: "paused" }));
    expect(await registry.api.sendingRun()).toBe(null);
    for (const stage of ["suspended", "sending", "scanning_and_queueing"] as const) {
      await registry.api.report(aReport(sender, { stage }));
      expect(await registry.api.sendingRun()).toBe(sender);
    }
    await registry.api.release(sender, 1, NOW, false);
    expect(await registry.api.sendingRun()).toBe(null);
  });
});

describe("a run made from a plan", () => {
  const hash = "f".repeat(64);
  const plan: PlannedAnswer = {
    ok: true,
    hash,
    lateMarginMs: 1_200_000,
    lookbackMs: 7_200_000,
    files: [],
    next: null,
  };
  const from = (run: string, over: Partial<WantedRun> = {}): WantedRun => ({
    ...sending(),
    plan: { run, hash },
    ...over,
  });

  async function countedRun(answer: PlannedAnswer = plan): Promise<string> {
    vi.spyOn(BackfillRun.prototype, "planned").mockResolvedValue(answer);
    const wanted = dry({ startMs: START - 2 * HOUR });
    const planned = { ...wanted, folders: ["eu/"], parse: { ...wanted.parse, batchLines: 321 } };
    const id = admitted(await registry.api.admit(planned, null));
    await ended(id, "counted");
    return id;
  }

  it("takes over what decides lines and files, and keeps its own limits", async () => {
    const id = await countedRun();
    admitted(await registry.api.admit(from(id, { maxLinesPerSecond: 777, note: "mine" }), null));
    const spec = registry.runs.started.at(-1)?.spec;
    expect(spec).toMatchObject({
      plan: { run: id, hash },
      folders: ["eu/"],
      lateMarginMs: 1_200_000,
      lookbackMs: 7_200_000,
      maxLinesPerSecond: 777,
      note: "mine",
      parse: { batchLines: 321, startMs: START - 2 * HOUR },
    });
    expect(spec?.dryRun).toBeUndefined();
    expect(spec?.runId.startsWith("20300422T120000Z_20300422T130000Z_")).toBe(true);
    expect((await registry.everyRun()).find((run) => run.id === spec?.runId)).toMatchObject({ active: true });
  });

  it.each([
    ["an unknown run", null, "plan_not_usable", "from_plan"],
    ["a run that sends", { ok: false, code: "not_dry", detail: "" }, "plan_not_usable", "from_plan"],
    ["an unfinished run", { ok: false, code: "not_counted", detail: "" }, "plan_not_usable", "from_plan"],
    ["another hash", { ...plan, hash: "e".repeat(64) }, "plan_outdated", "plan_hash"],
  ] satisfies [string, PlannedAnswer | null, string, string][])(
    "is refused for %s, and changes nothing",
    async (_what, answer, code, field) => {
      const id =
        answer === null ? "20300422T140000Z_20300422T150000Z_20300422T170000Z" : await countedRun(answer);
      const before = await registry.everyRun();
      expect(await registry.api.admit(from(id), null)).toMatchObject({ ok: false, code, field });
      expect(await registry.everyRun()).toEqual(before);
      expect(await registry.api.sendingRun()).toBe(null);
    },
  );

  it("is refused with a cap below the planned batches", async () => {
    const id = await countedRun();
    expect(await registry.api.admit(from(id, { maxLinesPerSecond: 320 }), null)).toMatchObject({
      code: "plan_not_usable",
      field: "max_lines_per_second",
    });
  });

  it("is refused while the dry run's object does not answer", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const id = await countedRun();
    vi.spyOn(BackfillRun.prototype, "planned").mockRejectedValue(new Error("down"));
    expect(await registry.api.admit(from(id), null)).toMatchObject({
      code: "plan_not_usable",
      field: "from_plan",
    });
  });

  it("needs the slot, and replay for a window that was sent before, like any run", async () => {
    const id = await countedRun();
    const sender = admitted(await registry.api.admit(sending({ startMs: START - 2 * HOUR }), null));
    expect(await registry.api.admit(from(id), null)).toMatchObject({ code: "slot_taken" });
    await registry.api.release(sender, 1, NOW, true);
    expect(await registry.api.admit(from(id), null)).toMatchObject({ code: "overlap" });
    expect(await registry.api.admit(from(id, { replay: true }), null)).toMatchObject({ ok: true });
  });
});
