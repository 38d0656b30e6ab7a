// The Coverage Durable Object in the real runtime with a real bucket: turns of its alarm, evictions, failing lists,
// refreshes.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CoverageApi, CoverageView } from "../../src/contract/coverage.ts";
import { CELL, DAY, HOUR, delivered, keyOf, objectsOf, type SeededFile } from "../support/coverage-bucket.ts";

const NOW = Date.parse("2030-04-22T18:00:00.250Z");
const START = Date.parse("2026-04-22T00:00:00Z");
const RANGE = { startMs: START, endMs: START + 2 * HOUR };
/** The files of two hours with a hole of three cells and partly delivered edges. */
const FILES: SeededFile[] = delivered(START, 24).map((file, n) => {
  if (n >= 10 && n < 13) return { ...file, done: [] };
  if (n === 9) return { ...file, done: [0] };
  return n === 13 ? { ...file, done: [2] } : file;
});
const STATES = "dddddddddpnnnpdddddddddd";

let stub: DurableObjectStub;
let api: CoverageApi;
const before = { log: env.LOG_PREFIX, live: env.LIVE_PREFIX };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  const id = crypto.randomUUID();
  // Coverage reads the settings at each call, and each test has keys of its own.
  Object.assign(env, { LOG_PREFIX: `logs-${id}/`, LIVE_PREFIX: `live-${id}/` });
  const namespace: DurableObjectNamespace = env.COVERAGE;
  stub = namespace.getByName(id);
  api = stub as unknown as CoverageApi;
});
afterEach(async () => {
  // An alarm that is left would list in a later test, with the prefixes of that test.
  await runInDurableObject(stub, (_object, { storage }) => storage.deleteAlarm());
  Object.assign(env, { LOG_PREFIX: before.log, LIVE_PREFIX: before.live });
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function seed(files: readonly SeededFile[]): Promise<void> {
  const objects = objectsOf(files, env.LOG_PREFIX, env.LIVE_PREFIX);
  await Promise.all(objects.map(({ key }) => env.LOGS.put(key, "-")));
}

/** Makes turns until no turn is due. */
async function work(): Promise<number> {
  for (let turns = 0; turns < 100; turns += 1) {
    if (!(await runDurableObjectAlarm(stub))) return turns;
    vi.setSystemTime(Date.now() + 1_000);
  }
  throw new Error("the alarm does not rest");
}

async function seen(): Promise<CoverageView> {
  await api.view(RANGE, "presence", false);
  await work();
  return api.view(RANGE, "presence", false);
}

describe("the coverage object", () => {
  it("answers at once, and knows the hole and its edges when its turns are over", async () => {
    await seed(FILES);
    const first = await api.view(RANGE, "presence", false);
    expect(first).toMatchObject({
      states: ".".repeat(24),
      complete: false,
      retry_after_ms: 1_000,
      as_of: null,
    });
    await work();
    const view = await api.view(RANGE, "presence", false);
    expect(view).toMatchObject({ states: STATES, complete: true, retry_after_ms: null });
    expect(view.holes).toEqual([
      {
        kind: "not_delivered",
        start: "2026-04-22T00:45:00Z",
        end: "2026-04-22T01:10:00Z",
        files: 5,
        bytes: 5,
        inner: { start: "2026-04-22T00:50:00Z", end: "2026-04-22T01:05:00Z" },
        outer: { start: "2026-04-22T00:45:00Z", end: "2026-04-22T01:10:00Z" },
        replays: [],
      },
    ]);
  });

  it("counts the markers of files that a request names", async () => {
    await seed([{ startMs: START, done: [0, 1, 4], waiting: [2] }]);
    const range = { startMs: START, endMs: START + HOUR };
    await api.files(range);
    await work();
    const { files, complete } = await api.files(range);
    expect(complete).toBe(true);
    expect(files).toMatchObject([
      { key: keyOf({ startMs: START }, env.LOG_PREFIX), state: "partly", done: 3, waiting: 1, missing: [3] },
    ]);
  });

  it("goes on after an eviction between any two turns", async () => {
    await seed(FILES);
    // Each list takes a second, so that a turn ends after three or four lists.
    const really = env.LOGS.list.bind(env.LOGS);
    let lists = 0;
    vi.spyOn(env.LOGS, "list").mockImplementation(async (options) => {
      lists += 1;
      vi.setSystemTime(Date.now() + 1_000);
      return really({ ...options, limit: 7 });
    });
    await api.view(RANGE, "presence", false);
    let turns = 0;
    for (; turns < 100; turns += 1) {
      await evictDurableObject(stub);
      if (!(await runDurableObjectAlarm(stub))) break;
    }
    expect(turns).toBeGreaterThan(5);
    expect(lists).toBeGreaterThan(15);
    expect(await api.view(RANGE, "presence", false)).toMatchObject({ states: STATES, complete: true });
  });

  it("keeps its clock through failing lists, and waits longer each time", async () => {
    await seed(FILES);
    vi.spyOn(console, "warn").mockReturnValue();
    const list = vi.spyOn(env.LOGS, "list").mockRejectedValue(new Error("R2 is down"));
    await api.view(RANGE, "presence", false);
    const waits: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await runDurableObjectAlarm(stub)).toBe(true);
      const at = await runInDurableObject(stub, (_object, state) => state.storage.getAlarm());
      waits.push((at ?? 0) - Date.now());
    }
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    list.mockRestore();
    await work();
    expect((await api.view(RANGE, "presence", false)).states).toBe(STATES);
  });

  it("rests when nothing is left, and two minutes after the last request", async () => {
    await seed(FILES);
    await seen();
    expect(await runInDurableObject(stub, (_object, state) => state.storage.getAlarm())).toBeNull();
    await api.refresh(RANGE, "presence");
    vi.setSystemTime(Date.now() + 121_000);
    const list = vi.spyOn(env.LOGS, "list");
    await work();
    expect(list).not.toHaveBeenCalled();
  });

  it("keeps old hours, and looks again when a request asks for a refresh", async () => {
    await seed(FILES);
    expect((await seen()).states).toBe(STATES);
    await seed(FILES.map((file) => ({ ...file, done: [0, 1, 2] })));
    vi.setSystemTime(Date.now() + DAY);
    expect((await seen()).states).toBe(STATES);
    expect((await api.refresh(RANGE, "presence")).states).toBe(STATES);
    await work();
    expect((await api.view(RANGE, "presence", false)).states).toBe("d".repeat(24));
  });

  it("forgets everything when the prefix of the logs or of the markers changes", async () => {
    await seed(FILES);
    await seen();
    const other = env.LIVE_PREFIX;
    Object.assign(env, { LIVE_PREFIX: "nothing/" });
    expect((await api.view(RANGE, "presence", false)).states).toBe(".".repeat(24));
    await work();
    expect(await api.view(RANGE, "presence", false)).toMatchObject({
      states: "?".repeat(24),
      holes: [],
      live: { seen: false, note: expect.stringContaining("LIVE_PREFIX") },
    });
    Object.assign(env, { LIVE_PREFIX: other });
  });

  it("counts foreign keys by kind and goes on", async () => {
    await seed(FILES);
    const { LIVE_PREFIX: live = "", LOG_PREFIX: log = "" } = env;
    const orphan =
      objectsOf([{ startMs: START + CELL, name: "gone", done: [0] }], log, live).at(-1)?.key ?? "";
    for (const key of [`${live}readme.md`, `${live}x/y.txt`, `${live}a-b.txt`, orphan])
      await env.LOGS.put(key, "-");
    const view = await seen();
    expect(view.states).toBe(STATES);
    expect(view.live.foreign_keys).toEqual({ not_a_marker: 3, marker_without_raw_file: 1 });
  });
});
