// Watching for holes through the API, on the real Durable Object and bucket: the change of the mode, a proposed
// hole, its events, and invalid input. The rules are in test/unit/coverage/auto-*.test.ts.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { COVERAGE_NAME } from "../../src/contract/coverage.ts";
import { isoSecond } from "../../src/contract/run-id.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { CELL, HOUR, delivered, objectsOf } from "../support/coverage-bucket.ts";
import { parseMetrics } from "../support/metrics-parser.ts";
import { START, aReport, aStatus, wantedRun } from "../support/registry-fixtures.ts";
import { NOW, admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
const vars: Record<string, string | undefined> = env as never;
const before = { ...vars };
const RANGE = `start=${isoSecond(START)}&end=${isoSecond(START + HOUR)}`;
const namespace: DurableObjectNamespace = env.COVERAGE;
const stub = namespace.getByName(COVERAGE_NAME);

beforeEach(async () => {
  api.setUp();
  const id = crypto.randomUUID();
  Object.assign(env, { LOG_PREFIX: `logs-${id}/`, LIVE_PREFIX: `live-${id}/`, RECEIVER_ID: api.name });
  await forget();
});
afterEach(async () => {
  await api.ask("/auto-replay", { method: "POST", body: { mode: "off" } });
  Object.assign(env, before);
  delete vars["AUTO_REPLAY"];
  api.tearDown();
});

/** The bucket has one Coverage Durable Object, so tests share it. */
async function forget(): Promise<void> {
  await runInDurableObject(stub, (_object, { storage }) => {
    for (const table of ["auto_memo", "auto_windows", "auto_events", "outbox", "asks", "memo", "hours"])
      storage.sql.exec(`DELETE FROM ${table}`);
  });
  await evictDurableObject(stub);
  // The alarm that the constructor sets.
  await runDurableObjectAlarm(stub);
}

/** An hour of files, with a hole from its fifth to its seventh cell. */
async function seed(): Promise<void> {
  const files = delivered(START, 12).map((file, n) => (n >= 4 && n < 7 ? { ...file, done: [] } : file));
  const objects = objectsOf(files, env.LOG_PREFIX, env.LIVE_PREFIX);
  await Promise.all(objects.map(({ key }) => env.LOGS.put(key, "-")));
  // The emulated bucket dates R2 objects with the time of the machine. The clock of the tests is years ahead.
}

async function look(): Promise<void> {
  for (let turns = 0; turns < 50; turns += 1) {
    await runDurableObjectAlarm(stub);
    const { json } = await api.ask("/auto-replay");
    if (json.mode === "off" || json.next_look_at > new Date().toISOString()) return;
    vi.setSystemTime(Date.now() + 1_000);
  }
  throw new Error("the look does not end");
}

/** The mode queue, over a bucket with a hole, after a run that proves the size of the live worker's batches. */
async function watchWithProof(): Promise<void> {
  await seed();
  vi.spyOn(console, "warn").mockReturnValue();
  const live = { batch_size: 1_000, believed: true, doubt: null, doubt_code: null, files_with_markers: 9 };
  vi.spyOn(api.runs, "status").mockImplementation((id) => ({
    ok: true,
    status: { ...aStatus(id), live: live as never },
  }));
  const proving = admitted(await api.api.admit(wantedRun({ startMs: START - 48 * HOUR }), null));
  await api.api.report(aReport(proving, { stage: "cleaned", finished: true }));
  await api.api.release(proving, 1, NOW, true);
  Object.assign(env, { LIVE_BATCH_SIZE: "1000", BACKFILL_ENABLED: "true" });
  await api.ask("/auto-replay", { method: "POST", body: { mode: "queue" } });
}

const HOLE = { start: "2030-04-22T14:20:00Z", end: "2030-04-22T14:35:00Z" };

describe("watching for holes", () => {
  it("is off, and the answer says what it would do", async () => {
    expect(await api.ask("/auto-replay")).toMatchObject({
      status: 200,
      json: {
        mode: "off",
        deployed: "off",
        switched: null,
        after_minutes: 60,
        max_lines_per_second: 10_000,
        live_batch_size: null,
        proven_by: null,
        waits_for: null,
        looked_at: null,
        next_look_at: null,
        proposals: [],
        events: [],
      },
    });
  });

  it("proposes a hole once it is switched on, in /auto-replay and in /coverage", async () => {
    await seed();
    const logged = vi.spyOn(console, "warn").mockReturnValue();
    const body = { mode: "propose", note: "week of the move" };
    const switched = await api.ask("/auto-replay", {
      method: "POST",
      body,
      headers: { "X-Actor": "li.wei" },
    });
    expect(switched).toMatchObject({
      status: 200,
      json: { mode: "propose", deployed: "off", switched: { actor: "unverified:li.wei", note: body.note } },
    });
    await look();
    vi.setSystemTime(Date.now() + 300_000);
    await look();
    const { json } = await api.ask("/auto-replay");
    expect(json.proposals).toMatchObject([{ ...HOLE, state: "proposed", files: 3, window: null }]);
    expect(json.events).toMatchObject([
      { kind: "proposed", actor: "system:auto-replay", detail: { ...HOLE, files: 3 } },
      { kind: "switched", actor: "unverified:li.wei", detail: { from: "off", to: "propose" } },
    ]);
    const coverage = await api.ask(`/coverage?${RANGE}`);
    expect(coverage.json.proposals).toEqual(json.proposals);
    const end = isoSecond(START + CELL);
    expect((await api.ask(`/coverage?start=${isoSecond(START)}&end=${end}`)).json.proposals).toEqual([]);
    expect(logged.mock.calls.length).toBe(0);
  });

  it("looks while the metrics are scraped, shows the cells, and proposes nothing", async () => {
    vi.mocked(Coverage.prototype).metrics.mockRestore();
    await seed();
    const cells = async () => {
      const shown = parseMetrics((await api.ask("/metrics")).text).get("backfill_coverage_cells")?.samples;
      return Object.fromEntries(shown?.map(({ labels, value }) => [labels["state"], value]) ?? []);
    };
    expect(await cells()).toMatchObject({ not_looked_at: 288 });
    for (let turns = 0; turns < 50 && (await cells())["not_looked_at"] !== 0; turns += 1) {
      await runDurableObjectAlarm(stub);
      vi.setSystemTime(Date.now() + 1_000);
    }
    expect(await cells()).toMatchObject({ not_looked_at: 0, not_delivered: 3 });
    const { json } = await api.ask("/auto-replay");
    expect(json).toMatchObject({ mode: "off", proposals: [], events: [] });
    expect(Date.parse(json.next_look_at)).toBeGreaterThan(Date.now());
  });

  it("is woken by any request while the var is on", async () => {
    await seed();
    await api.ask("/health");
    expect(await runInDurableObject(stub, (_object, { storage }) => storage.getAlarm())).toBeNull();
    Object.assign(env, { AUTO_REPLAY: "propose" });
    await api.ask("/health");
    await look();
    expect((await api.ask("/auto-replay")).json.proposals).toMatchObject([{ ...HOLE, state: "proposed" }]);
  });

  it("only proposes in mode queue while no run proves the size of the live worker's batches", async () => {
    await seed();
    vi.spyOn(console, "warn").mockReturnValue();
    Object.assign(env, { LIVE_BATCH_SIZE: "1000", BACKFILL_ENABLED: "true" });
    await api.ask("/auto-replay", { method: "POST", body: { mode: "queue" } });
    await look();
    const { json } = await api.ask("/auto-replay");
    expect(json).toMatchObject({ waits_for: { code: "live_batch_size_unproven" }, live_batch_size: 1_000 });
    expect(json.proposals).toMatchObject([{ ...HOLE, state: "proposed" }]);
  });

  it("queues the hole for a run that leaves out what was delivered, once a run proves the size", async () => {
    await watchWithProof();
    await look();
    vi.setSystemTime(Date.now() + 300_000);
    await look();
    const { json } = await api.ask("/auto-replay");
    expect(json).toMatchObject({ waits_for: null, proven_by: expect.any(String) });
    expect(json.proposals).toMatchObject([{ ...HOLE, state: "queued", window: 1 }]);
    const { items } = (await api.ask("/windows")).json;
    const window = { start: "2030-04-22T14:19:00Z", end: HOLE.end, end_exclusive: true };
    expect(items).toMatchObject([{ id: 1, ...window, actor: "system:auto-replay" }]);
    await runDurableObjectAlarm(api.stub);
    expect(api.runs.started.at(-1)?.spec).toMatchObject({
      actor: "system:auto-replay",
      maxLinesPerSecond: 10_000,
      live: { batchSize: 1_000, waiting: "hold", prefix: env.LIVE_PREFIX },
      parse: { startMs: Date.parse(window.start), endMs: Date.parse(HOLE.end), endExclusive: true },
    });
  });

  it("asks the queue for its answer when the answer to a request is lost", async () => {
    await watchWithProof();
    const asked = vi.spyOn(RunRegistry.prototype, "queueWindows");
    asked.mockImplementationOnce(async function (this: RunRegistry, ...args) {
      // Calls the method that the spy replaces once.
      await this.queueNamedWindows(...args);
      throw new Error("the answer is lost");
    });
    await look();
    expect((await api.ask("/auto-replay")).json).toMatchObject({
      waits_for: { code: "registry_unreachable" },
      proposals: [{ ...HOLE, state: "queueing" }],
    });
    vi.setSystemTime(Date.now() + 300_000);
    await look();
    expect((await api.ask("/auto-replay")).json).toMatchObject({
      waits_for: null,
      proposals: [{ ...HOLE, state: "queued", window: 1 }],
    });
    expect((await api.ask("/windows")).json.items).toHaveLength(1);
  });

  it("asks the queue again when a request did not arrive", async () => {
    await watchWithProof();
    const asked = vi.spyOn(RunRegistry.prototype, "queueWindows");
    asked.mockImplementationOnce(async () => {
      throw new Error("away");
    });
    await look();
    vi.setSystemTime(Date.now() + 300_000);
    await look();
    expect((await api.ask("/auto-replay")).json).toMatchObject({
      waits_for: null,
      proposals: [{ ...HOLE, state: "queued", window: 1 }],
    });
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("goes on after an eviction, with the switch and without a second proposal", async () => {
    await seed();
    await api.ask("/auto-replay", { method: "POST", body: { mode: "propose" } });
    await look();
    await evictDurableObject(stub);
    vi.setSystemTime(Date.now() + 300_000);
    await look();
    expect((await api.ask("/auto-replay")).json).toMatchObject({ mode: "propose", proposals: [{ ...HOLE }] });
  });
});

describe("a bad request", () => {
  it.each<[string, unknown, string]>([
    ["without a mode", {}, "#/mode"],
    ["with an unknown mode", { mode: "on" }, "#/mode"],
    ["with an unknown field", { mode: "off", cap: 1 }, "#/cap"],
    ["with a note that is no text", { mode: "off", note: 1 }, "#/note"],
    ["that is a list", ["off"], "#"],
  ])("is refused on POST /auto-replay %s, and changes nothing", async (_name, body, pointer) => {
    const answer = await api.ask("/auto-replay", { method: "POST", body });
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_body" } });
    expect(answer.json.errors).toContainEqual({ pointer, detail: expect.any(String) });
    expect((await api.ask("/auto-replay")).json).toMatchObject({ mode: "off", events: [] });
  });

  it("needs the token, and takes no parameters", async () => {
    for (const method of ["GET", "POST"]) {
      expect((await api.ask("/auto-replay", { method, token: null })).status).toBe(401);
      expect(await api.ask("/auto-replay?mode=off", { method })).toMatchObject({
        status: 422,
        json: { code: "invalid_query" },
      });
    }
  });
});
