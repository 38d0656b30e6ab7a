// GET /metrics over the real registry: what it answers, and that a scrape does not fail when a Durable Object does
// not answer.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { STAGES } from "../../src/contract/states.ts";
import { ANSWER_WITHIN_MS } from "../../src/http/metrics/scrape.ts";
import { COVERAGE, runMetrics } from "../support/a-scrape.ts";
import { ApiUnderTest, type Ask } from "../support/api-under-test.ts";
import { tokens } from "../support/callers.ts";
import { parseMetrics } from "../support/metrics-parser.ts";
import { HOUR, START, aReport, wantedRun } from "../support/registry-fixtures.ts";
import { NOW, admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => {
  api.setUp();
  vi.spyOn(BackfillRun.prototype, "metrics").mockImplementation(async function (this: BackfillRun) {
    const { name: run = "" } = (this as unknown as { ctx: DurableObjectState }).ctx.id;
    return { ok: true, metrics: runMetrics({ run }) };
  });
});
afterEach(() => api.tearDown());

/** The values of one metric, by the values of its labels. The label `receiver` is left out. */
async function values(name: string, ask: Ask = {}): Promise<Record<string, number>> {
  const answer = await api.ask("/metrics", ask);
  expect(answer.status).toBe(200);
  const samples = parseMetrics(answer.text).get(name)?.samples ?? [];
  return Object.fromEntries(
    samples.map(({ labels: { receiver: _receiver, ...labels }, value }) => [
      Object.values(labels).join(),
      value,
    ]),
  );
}

async function admit(hours: number): Promise<string> {
  const startMs = START + hours * HOUR;
  vi.setSystemTime(NOW + hours * 1_000);
  return admitted(await api.api.admit(wantedRun({ startMs }), null));
}

/** Admits a run that has ended, so that the slot is free again. */
async function ended(hours: number, over: Parameters<typeof aReport>[1]): Promise<string> {
  const id = await admit(hours);
  await api.api.report(aReport(id, over));
  const [{ fence = 0 } = {}] = await api.rowsOf("SELECT fence FROM slot");
  await api.api.release(id, Number(fence), NOW, false);
  return id;
}

describe("GET /metrics", () => {
  it("answers Prometheus text to the role metrics", async () => {
    const id = await admit(0);
    const env = { API_TOKENS: await tokens() };
    const answer = await api.ask("/metrics", { token: "secret-metrics", env });
    expect(answer.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const stage = parseMetrics(answer.text).get("backfill_run_stage")?.samples;
    expect(stage).toEqual([
      { name: "backfill_run_stage", labels: { run: id, stage: "sending", reason: "slowed" }, value: 1 },
    ]);
    expect(answer.text).toContain(`backfill_slot_held{receiver="${api.name}"} 1\n`);
    expect((await api.ask("/metrics", { method: "HEAD" })).text).toBe("");
  });

  it("counts unfinished runs and those that ended within a day, by stage", async () => {
    const at = { startedAt: NOW - 30 * HOUR, deliveredAt: NOW - 25 * HOUR };
    await ended(0, { stage: "cleaned", finished: true, ...at, endedAt: NOW - 25 * HOUR });
    await ended(2, { stage: "cleaned", finished: true, ...at, endedAt: NOW - 23 * HOUR });
    await ended(4, { stage: "needs_attention" });
    await admit(6);
    const runs = await values("backfill_runs");
    expect(Object.keys(runs)).toEqual([...STAGES]);
    expect(runs).toMatchObject({ cleaned: 1, needs_attention: 1, scanning_and_queueing: 1, aborted: 0 });
  });

  it("gives series to 20 unfinished runs, the most urgent first, and counts the others", async () => {
    const waiting = await ended(0, { stage: "needs_attention" });
    for (let n = 1; n < 22; n += 1) await ended(2 * n, { stage: "sent_waiting_cleanup" });
    const holder = await admit(50);
    const shown = Object.keys(await values("backfill_run_progress_ratio"));
    expect(shown).toHaveLength(20);
    expect(shown.slice(0, 2)).toEqual([holder, waiting]);
    expect(await values("backfill_runs_left_out")).toEqual({ "": 3 });
  });

  it("shows the queue's open windows and its pause", async () => {
    const window = { start: "2030-04-20T14:00:00Z", end: "2030-04-20T15:00:00Z" };
    await api.api.pauseQueue({ actor: "token", note: null });
    const body = { windows: [window], reason: "x", options: { live: "ignore" } };
    expect((await api.ask("/windows", { method: "POST", body })).status).toBe(202);
    expect(await values("backfill_queue_windows")).toMatchObject({ queued: 1, running: 0 });
    expect(await values("backfill_queue_paused")).toEqual({ "": 1 });
  });

  it("leaves a hole that a run replays out of the open cells", async () => {
    const [first = 0] = COVERAGE.holeCells;
    expect(await values("backfill_coverage_hole_cells")).toEqual({ no: 12, yes: 0 });
    const wanted = wantedRun({ startMs: first });
    await api.api.admit({ ...wanted, parse: { ...wanted.parse, endMs: first + 1_200_000 } }, null);
    expect(await values("backfill_coverage_hole_cells")).toEqual({ no: 8, yes: 4 });
  });

  it("shows the registry of each receiver, also while a var cannot be used", async () => {
    const RECEIVERS = JSON.stringify({ siem: { url: "https://siem.example/in" } });
    const body = { start: "2030-04-20T14:00:00Z", end: "2030-04-20T15:00:00Z", receiver: "siem" };
    const { json } = await api.post(body, { env: { RECEIVERS } });
    const held = async (env: Ask["env"]) => {
      const { text } = await api.ask("/metrics", { env: env ?? {} });
      const samples = parseMetrics(text).get("backfill_slot_held")?.samples ?? [];
      return samples.map(({ labels, value }) => [labels["receiver"], value]);
    };
    const both = [[api.name, 0], ["siem", 1]]; // prettier-ignore
    expect(await held({ RECEIVERS })).toEqual(both);
    expect(await held({ RECEIVERS: "{" })).toEqual(both);
    expect(Object.keys(await values("backfill_run_progress_ratio", { env: { RECEIVERS } }))).toEqual([
      json.id,
    ]);
  });

  it("leaves a hole open although a run of another receiver covers it", async () => {
    const [first = 0] = COVERAGE.holeCells;
    const RECEIVERS = JSON.stringify({ siem: { url: "https://siem.example/in" } });
    const [start, end] = [first, first + 1_200_000].map((ms) => new Date(ms).toISOString());
    const ask = { env: { RECEIVERS } };
    expect((await api.post({ start, end, receiver: "siem" }, ask)).status).toBe(201);
    expect(await values("backfill_coverage_hole_cells", ask)).toEqual({ no: 12, yes: 0 });
    expect((await api.post({ start, end }, ask)).status).toBe(201);
    expect(await values("backfill_coverage_hole_cells", ask)).toEqual({ no: 8, yes: 4 });
  });

  it("says that the kill switch is on or off", async () => {
    expect(await values("backfill_enabled")).toEqual({ "": 1 });
    expect(await values("backfill_enabled", { env: { BACKFILL_ENABLED: "false" } })).toEqual({ "": 0 });
  });

  it("refuses parameters", async () => {
    expect(await api.ask("/metrics?run=x")).toMatchObject({ status: 422, json: { code: "invalid_query" } });
  });
});

/** Timers of a scrape that fire only when every other timer is cleared, so that no test waits in real time. */
class LateTimers {
  readonly #waiting = new Map<unknown, () => void>();
  #mayFire = false;

  constructor() {
    const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
    vi.spyOn(globalThis, "setTimeout").mockImplementation((work: () => void, ms) => {
      if (ms !== ANSWER_WITHIN_MS) return set(work, ms);
      const timer = {} as ReturnType<typeof setTimeout>;
      this.#waiting.set(timer, work);
      return timer;
    });
    vi.spyOn(globalThis, "clearTimeout").mockImplementation((timer) => {
      if (!this.#waiting.delete(timer)) return clear(timer);
      this.#fire();
    });
  }

  /** Makes only the last timer fire from now on. */
  onlyOneIsLeft(): void {
    this.#mayFire = true;
    this.#fire();
  }

  #fire(): void {
    if (this.#mayFire && this.#waiting.size === 1) for (const work of this.#waiting.values()) work();
  }
}

describe("a scrape", () => {
  let warned: string[] = [];
  beforeEach(() => {
    warned = [];
    vi.spyOn(console, "warn").mockImplementation((line: string) => void warned.push(line));
    vi.spyOn(console, "error").mockReturnValue();
  });

  it("shows the runs although the configuration cannot be used", async () => {
    const id = await admit(0);
    const env = { BATCH_SIZE: "x" };
    expect(await values("backfill_enabled", { env })).toEqual({ "": 0 });
    expect(Object.keys(await values("backfill_run_stage", { env }))).toEqual([`${id},sending,slowed`]);
    expect(await values("backfill_source_up", { env: { RECEIVER_ID: "a b" } })).toMatchObject({
      registry: 0,
    });
    expect((await api.ask("/runs", { env })).status).toBe(500);
    expect((await api.ask("/metrics", { env, token: "wrong" })).status).toBe(401);
  });

  it("leaves out a run that throws or does not answer in time, and counts it", async () => {
    const [broken, slow, well] = [await ended(0, {}), await ended(2, {}), await ended(4, {})];
    const late = new LateTimers();
    const asked = Promise.withResolvers<void>();
    vi.spyOn(BackfillRun.prototype, "metrics").mockImplementation(async function (this: BackfillRun) {
      const { name: run = "" } = (this as unknown as { ctx: DurableObjectState }).ctx.id;
      if (run === broken) throw new Error("down");
      if (run === slow) {
        late.onlyOneIsLeft();
        await asked.promise;
      }
      return { ok: true, metrics: runMetrics({ run }) };
    });
    const answer = await api.ask("/metrics", { env: { LOG_LEVEL: "warn" } });
    asked.resolve();
    const shown = parseMetrics(answer.text);
    expect(shown.get("backfill_run_stage")?.samples.map(({ labels }) => labels["run"])).toEqual([well]);
    expect(shown.get("backfill_runs_silent")?.samples[0]?.value).toBe(2);
    expect(warned.filter((line) => line.includes("http.metrics_incomplete"))).toHaveLength(1);
  });

  it("shows the other receivers although the registry of one of them is down", async () => {
    // oxlint-disable-next-line typescript/unbound-method -- called on the Durable Object below
    const { metrics } = RunRegistry.prototype;
    vi.spyOn(RunRegistry.prototype, "metrics").mockImplementation(async function (this: RunRegistry) {
      const { name = "" } = (this as unknown as { ctx: DurableObjectState }).ctx.id;
      if (name.endsWith("/siem")) throw new Error("down");
      return metrics.call(this);
    });
    const env = { RECEIVERS: JSON.stringify({ siem: { url: "https://siem.example/in" } }) };
    const { text } = await api.ask("/metrics", { env });
    const samples = parseMetrics(text).get("backfill_slot_held")?.samples ?? [];
    expect(samples.map(({ labels }) => labels["receiver"])).toEqual([api.name]);
    expect(await values("backfill_source_up", { env })).toMatchObject({ registry: 0, coverage: 1 });
  });

  it.each([
    ["registry", RunRegistry.prototype, "backfill_coverage_cells"],
    ["coverage", Coverage.prototype, "backfill_runs"],
  ] as const)("answers without the %s when it is down, and says so", async (source, object, others) => {
    vi.spyOn(object as unknown as { metrics(): Promise<never> }, "metrics").mockRejectedValue(
      new Error("down"),
    );
    expect(await values("backfill_source_up")).toMatchObject({ [source]: 0 });
    expect(await values(others)).not.toEqual({});
  });
});
