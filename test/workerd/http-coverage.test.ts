// The routes about coverage: their answers, their refusals, and the runs that they show next to holes.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { COVERAGE_NAME } from "../../src/contract/coverage.ts";
import { isoSecond } from "../../src/contract/run-id.ts";
import { registryObject } from "../../src/platform/objects.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { CELL, HOUR, delivered, objectsOf } from "../support/coverage-bucket.ts";
import { START, aReport, wantedRun } from "../support/registry-fixtures.ts";
import { NOW, admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
const before = { log: env.LOG_PREFIX, live: env.LIVE_PREFIX };
beforeEach(() => {
  api.setUp();
  const id = crypto.randomUUID();
  Object.assign(env, { LOG_PREFIX: `logs-${id}/`, LIVE_PREFIX: `live-${id}/` });
});
afterEach(() => {
  Object.assign(env, { LOG_PREFIX: before.log, LIVE_PREFIX: before.live });
  api.tearDown();
});

const RANGE = `start=${isoSecond(START)}&end=${isoSecond(START + HOUR)}`;
const DAY_MS = 24 * HOUR;

function instant(ms: number): string {
  return isoSecond(START + ms);
}

async function seed(): Promise<void> {
  const files = delivered(START, 12).map((file, n) => (n >= 4 && n < 7 ? { ...file, done: [] } : file));
  const objects = objectsOf(files, env.LOG_PREFIX, env.LIVE_PREFIX);
  await Promise.all(objects.map(({ key }) => env.LOGS.put(key, "-")));
}

async function work(): Promise<void> {
  const namespace: DurableObjectNamespace = env.COVERAGE;
  const stub = namespace.getByName(COVERAGE_NAME);
  for (let turns = 0; turns < 50 && (await runDurableObjectAlarm(stub)); turns += 1)
    vi.setSystemTime(Date.now() + 1_000);
}

describe("GET /coverage", () => {
  it("answers at once, and later with every member that clients rely on", async () => {
    await seed();
    const first = await api.ask(`/coverage?${RANGE}`);
    expect(first).toMatchObject({ status: 200, json: { states: "............", complete: false, runs: [] } });
    await work();
    const { json } = await api.ask(`/coverage?${RANGE}&columns=true`);
    expect(Object.keys(json)).toEqual([
      "start", "end", "cell_seconds", "as_of", "complete", "retry_after_ms", "progress", "oldest_evidence", "states",
      "columns", "holes", "possible_holes", "live", "proposals", "receiver", "runs", "limits",
    ]); // prettier-ignore
    expect(json).toMatchObject({
      start: "2030-04-22T14:00:00Z",
      end: "2030-04-22T15:00:00Z",
      cell_seconds: 300,
      complete: true,
      retry_after_ms: null,
      progress: { raw: [1, 1], presence: [1, 1], exact: [1, 1] },
      oldest_evidence: "2030-04-22T14:00:00Z",
      states: "ddddnnnddddd",
      holes: [
        { start: "2030-04-22T14:20:00Z", end: "2030-04-22T14:35:00Z", files: 3, bytes: 3, replays: [] },
      ],
      live: { seen: true, note: null },
    });
    expect(Object.keys(json.columns)).toEqual([
      "raw_files", "raw_bytes", "live_files", "done_batches", "waiting_batches", "last_done_at",
      "judged_at",
    ]); // prettier-ignore
    for (const column of Object.values(json.columns)) expect(column).toHaveLength(12);
    expect(json.limits.join()).toContain("not yet seen on production R2");
  });

  it("names the runs of the range, and those that cover a hole", async () => {
    await seed();
    const aside = admitted(await api.api.admit(wantedRun({ startMs: START + 6 * CELL }), null));
    await api.api.report(aReport(aside, { finished: true }));
    await api.api.release(aside, 1, NOW, false);
    const covers = admitted(await api.api.admit(wantedRun(), null));
    const delivery = { stage: "cleaned", sentSomething: true, deliveredAt: NOW } as const;
    await api.api.report(aReport(covers, { ...delivery, finished: true }));
    await api.api.release(covers, 2, NOW, true);
    const outside = admitted(await api.api.admit(wantedRun({ startMs: START - 2 * HOUR }), null));
    await api.ask(`/coverage?${RANGE}`);
    await work();
    const { json } = await api.ask(`/coverage?${RANGE}`);
    expect(json.holes[0].replays).toEqual([covers]);
    expect(json.runs.map(({ id }: { id: string }) => id).toSorted()).toEqual([covers, aside].toSorted());
    expect(json.runs).not.toContainEqual(expect.objectContaining({ id: outside }));
    expect(json.runs.find(({ id }: { id: string }) => id === covers)).toEqual({
      id: covers,
      start: "2030-04-22T14:00:00Z",
      end: "2030-04-22T15:00:00Z",
      stage_code: "cleaned",
      delivery_completed: true,
      dry_run: false,
    });
  });

  it("lists runs of another receiver only when asked, and never as the replay of a hole", async () => {
    const ask = { env: { RECEIVERS: JSON.stringify({ siem: { url: "https://siem.example/in" } }) } };
    await seed();
    const { json: run } = await api.post({ start: instant(0), end: instant(HOUR), receiver: "siem" }, ask);
    const report = { stage: "cleaned", sentSomething: true, deliveredAt: NOW, finished: true } as const;
    await registryObject(env, api.name, "siem").report(aReport(run.id, report));
    await api.ask(`/coverage?${RANGE}`, ask);
    await work();
    const first = await api.ask(`/coverage?${RANGE}`, ask);
    expect(first.json).toMatchObject({ receiver: "default", runs: [], holes: [{ replays: [] }] });
    const siem = await api.ask(`/coverage?${RANGE}&receiver=siem`, ask);
    expect(siem.json).toMatchObject({
      receiver: "siem",
      runs: [{ id: run.id, delivery_completed: true }],
      holes: [{ replays: [] }],
    });
    expect(siem.json.states).toBe(first.json.states);
    expect(await api.ask(`/coverage?${RANGE}&receiver=other`, ask)).toMatchObject({
      status: 422,
      json: { errors: [{ parameter: "receiver" }] },
    });
  });

  it("counts no aborted run among the replays of a hole", async () => {
    await seed();
    const aborted = admitted(await api.api.admit(wantedRun(), null));
    await api.api.report(aReport(aborted, { stage: "aborted", finished: true, sentSomething: true }));
    await api.ask(`/coverage?${RANGE}`);
    await work();
    const { json } = await api.ask(`/coverage?${RANGE}`);
    expect([json.holes[0].replays, json.runs.length]).toEqual([[], 1]);
  });

  it("counts no dry run among the replays of a hole", async () => {
    await seed();
    admitted(await api.api.admit({ ...wantedRun(), dryRun: true }, null));
    await api.ask(`/coverage?${RANGE}`);
    await work();
    const { json } = await api.ask(`/coverage?${RANGE}`);
    expect([json.holes[0].replays, json.runs.length]).toEqual([[], 1]);
    expect(json.runs[0]).toMatchObject({ delivery_completed: false, dry_run: true });
  });

  it("widens the range to whole cells, up to the end of the present one", async () => {
    const from = isoSecond(START + 61_000);
    const { json } = await api.ask(`/coverage?start=${from}&end=${isoSecond(START + 301_000)}`);
    expect([json.start, json.end, json.states]).toEqual([
      "2030-04-22T14:00:00Z",
      "2030-04-22T14:10:00Z",
      "..",
    ]);
    const end = isoSecond(Math.ceil(NOW / CELL) * CELL);
    expect(await api.ask(`/coverage?start=${from}&end=${end}`)).toMatchObject({ status: 200, json: { end } });
  });
});

describe("GET /coverage/files", () => {
  it("shows each file of the range with its counted markers", async () => {
    await seed();
    const path = `/coverage/files?start=${isoSecond(START + 3 * CELL)}&end=${isoSecond(START + 5 * CELL)}`;
    expect((await api.ask(path)).json).toMatchObject({ complete: false, files: [] });
    await work();
    const { json } = await api.ask(path);
    expect(json).toMatchObject({ complete: true, files_left_off: 0, start: "2030-04-22T14:15:00Z" });
    expect(json.files).toMatchObject([
      {
        start: "2030-04-22T14:15:00Z",
        end: "2030-04-22T14:20:00Z",
        state: "delivered",
        done: 3,
        waiting: 0,
        missing: [],
      },
      {
        start: "2030-04-22T14:20:00Z",
        state: "not_delivered",
        done: 0,
        waiting: 0,
        missing: [],
        first_done_at: null,
      },
    ]);
    expect(Object.keys(json.files[0])).toEqual([
      "key", "start", "end", "size", "uploaded", "state", "done", "waiting", "missing", "first_done_at", "last_done_at",
    ]); // prettier-ignore
  });
});

describe("POST /coverage/refresh", () => {
  it("shows what is known and looks again", async () => {
    await seed();
    await api.ask(`/coverage?${RANGE}`);
    await work();
    const body = { start: isoSecond(START), end: isoSecond(START + HOUR) };
    const answer = await api.ask("/coverage/refresh", { method: "POST", body });
    expect(answer).toMatchObject({
      status: 202,
      json: { complete: false, states: "ddddnnnddddd", runs: [] },
    });
    await work();
    expect((await api.ask(`/coverage?${RANGE}`)).json).toMatchObject({
      complete: true,
      states: "ddddnnnddddd",
    });
  });
});

describe("a bad range", () => {
  const week = 7 * DAY_MS;
  const QUERIES: [string, string, string][] = [
    ["without a start", `end=${instant(HOUR)}`, "start"],
    ["without an end", `start=${instant(0)}`, "end"],
    ["that cannot be read", `start=yesterday&end=${instant(HOUR)}`, "start"],
    ["without a zone", `start=2030-04-22T14:00:00&end=${instant(HOUR)}`, "start"],
    ["that is reversed", `start=${instant(HOUR)}&end=${instant(0)}`, "end"],
    ["that is empty", `start=${instant(0)}&end=${instant(0)}`, "end"],
    ["in the future", `start=${instant(HOUR)}&end=${instant(DAY_MS)}`, "end"],
    ["with an unknown parameter", `${RANGE}&from=1`, "from"],
    ["with a repeated parameter", `${RANGE}&start=${instant(0)}`, "start"],
  ];
  const ONLY_STATES: [string, string, string][] = [
    ["longer than seven days", `start=${instant(-week)}&end=${instant(1_000)}`, "end"],
    ["with an unknown detail", `${RANGE}&detail=all`, "detail"],
    ["with columns that are neither true nor false", `${RANGE}&columns=1`, "columns"],
  ];
  const FILES: [string, string, string][] = [
    ["longer than an hour", `start=${instant(0)}&end=${instant(HOUR + 1_000)}`, "end"],
    ["with a detail", `${RANGE}&detail=exact`, "detail"],
  ];

  it.each([
    ...[...QUERIES, ...ONLY_STATES].map((one) => ["/coverage", ...one] as const),
    ...[...QUERIES, ...FILES].map((one) => ["/coverage/files", ...one] as const),
  ])("is refused on GET %s %s", async (path, _name, query, parameter) => {
    const list = vi.spyOn(env.LOGS, "list");
    const answer = await api.ask(`${path}?${query}`);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_query" } });
    expect(answer.json.errors).toContainEqual({ parameter, detail: expect.any(String) });
    await work();
    expect(list).not.toHaveBeenCalled();
  });

  it.each<[string, unknown, string]>([
    ["without an end", { start: instant(0) }, "#/end"],
    ["that is reversed", { start: instant(HOUR), end: instant(0) }, "#/end"],
    ["in the future", { start: instant(0), end: instant(DAY_MS) }, "#/end"],
    ["longer than seven days", { start: instant(-week), end: instant(1_000) }, "#/end"],
    ["as numbers", { start: 1, end: 2 }, "#/start"],
    ["with an unknown field", { start: instant(0), end: instant(HOUR), columns: true }, "#/columns"],
    ["with an unknown detail", { start: instant(0), end: instant(HOUR), detail: "all" }, "#/detail"],
  ])("is refused on POST /coverage/refresh %s", async (_name, body, pointer) => {
    const answer = await api.ask("/coverage/refresh", { method: "POST", body });
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_body" } });
    expect(answer.json.errors).toContainEqual({ pointer, detail: expect.any(String) });
  });

  it("needs the token like every other route", async () => {
    for (const [method, path] of [
      ["GET", `/coverage?${RANGE}`],
      ["GET", `/coverage/files?${RANGE}`],
      ["POST", "/coverage/refresh"],
    ] as const) {
      expect((await api.ask(path, { method, token: null })).status).toBe(401);
    }
  });
});
