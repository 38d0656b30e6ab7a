// Dry runs and plans over HTTP: bodies and their refusals, and lines to look at.
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import type { PlannedAnswer, SampleSourceAnswer } from "../../src/contract/run.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { aReport, wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";
import { NO_MARKERS } from "../../src/contract/live.ts";
import { record, someLines } from "../support/run-logs.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };
const PLAN = "20300422T140000Z_20300422T150000Z_20300422T170000Z";
const HASH = "f".repeat(64);

describe("POST /runs", () => {
  it("starts a dry run without a receiver, and without the slot", async () => {
    const answer = await api.post({ ...BODY, dry_run: true }, { env: { CTYUN_ENDPOINT: undefined } });
    expect(answer.status).toBe(201);
    expect(api.runs.started[0]?.spec).toMatchObject({ dryRun: true });
    expect(await api.post({ ...BODY, start: "2030-04-22T14:30:00Z" })).toMatchObject({ status: 201 });
  });

  it("leaves the member out of the specification of a run that sends", async () => {
    await api.post({ ...BODY, dry_run: false });
    expect(api.runs.started[0]?.spec).not.toHaveProperty("dryRun");
  });

  const refusals: [string, object, string, string[]][] = [
    ["a dry run with a canary", { ...BODY, dry_run: true, canary: 5 }, "invalid_body", ["#/canary"]],
    ["a dry run that continues a run", { dry_run: true, continue_of: PLAN }, "invalid_body", ["#/continue_of"]],
    ["a dry run of a plan", { dry_run: true, from_plan: PLAN, plan_hash: HASH }, "invalid_body", ["#/from_plan"]],
    ["a dry run that is no flag", { ...BODY, dry_run: "yes" }, "invalid_body", ["#/dry_run"]],
    ["a dry run of the future", { ...BODY, end: "2030-04-22T19:00:00Z", dry_run: true }, "window_in_future", ["#/end"]],
    ["a plan without its hash", { from_plan: PLAN }, "invalid_body", ["#/plan_hash"]],
    ["a hash without its plan", { ...BODY, plan_hash: HASH }, "invalid_body", ["#/plan_hash"]],
    ["a hash that is none", { from_plan: PLAN, plan_hash: "F".repeat(64) }, "invalid_body", ["#/plan_hash"]],
    ["a plan that is no run's id", { from_plan: "latest", plan_hash: HASH }, "invalid_body", ["#/from_plan"]],
    ["a plan and a continuation", { from_plan: PLAN, plan_hash: HASH, continue_of: PLAN }, "invalid_body", ["#/continue_of"]],
    [
      "a plan with everything that it decides",
      {
        ...BODY, end_exclusive: true, batch_size: 500, top_level_parent_ray_ids: ["00"], on_corrupt: "fail", dedupe: "off",
        folders: [], max_suspect_ratio: 0.1, format: "edge-3.0", from_plan: PLAN, plan_hash: HASH,
      },
      "invalid_body",
      ["#/start", "#/end", "#/end_exclusive", "#/batch_size", "#/top_level_parent_ray_ids", "#/on_corrupt", "#/dedupe",
        "#/folders", "#/max_suspect_ratio", "#/format"],
    ],
  ]; // prettier-ignore
  it.each(refusals)("refuses %s", async (_what, body, code, pointers) => {
    const answer = await api.post(body);
    expect([answer.status, answer.json.code]).toEqual([422, code]);
    const errors = answer.json.errors as { pointer: string }[];
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual(pointers.toSorted());
    expect(api.runs.started).toEqual([]);
  });

  it("refuses a second dry run with the id of the first", async () => {
    const first = await api.post({ ...BODY, dry_run: true });
    const second = await api.post({ ...BODY, dry_run: true });
    expect(second).toMatchObject({ status: 409, json: { code: "dry_run_under_way", run: first.json.id } });
  });

  it("starts a run from a plan, and points to what is wrong with another one", async () => {
    const planned: PlannedAnswer = {
      ok: true,
      hash: HASH,
      lateMarginMs: 1,
      lookbackMs: 2,
      files: [],
      next: null,
    };
    vi.spyOn(BackfillRun.prototype, "planned").mockResolvedValue(planned);
    const dry = (await api.post({ ...BODY, dry_run: true })).json.id as string;
    await api.api.report(aReport(dry, { stage: "counted", finished: true }));
    const other = { from_plan: dry, plan_hash: "e".repeat(64) };
    expect(await api.post(other)).toMatchObject({
      status: 409,
      json: { code: "plan_outdated", errors: [{ pointer: "#/plan_hash" }] },
    });
    expect(await api.post({ from_plan: PLAN, plan_hash: HASH })).toMatchObject({
      status: 409,
      json: { code: "plan_not_usable", errors: [{ pointer: "#/from_plan" }] },
    });
    const started = await api.post({ from_plan: dry, plan_hash: HASH, canary: 5, note: "approved" });
    expect(started.status).toBe(201);
    expect(api.runs.started.at(-1)?.spec).toMatchObject({
      plan: { run: dry, hash: HASH },
      canary: 5,
      parse: wantedRun().parse,
    });
  });
});

it("answers DELETE of a counted dry run with run_ended", async () => {
  const id = admitted(await api.api.admit(wantedRun(), null));
  vi.spyOn(BackfillRun.prototype, "abort").mockResolvedValue({
    ok: false,
    code: "counted",
    detail: "has ended",
  });
  expect(await api.ask(`/runs/${id}`, { method: "DELETE" })).toMatchObject({
    status: 409,
    json: { code: "run_ended", run: id },
  });
});

function own(name: string): string {
  return `sample/${crypto.randomUUID()}-${name}.log.gz`;
}

describe("GET /runs/:id/sample", () => {
  type Source = Extract<SampleSourceAnswer, { ok: true }>["files"][number];

  async function sampled(
    query: string,
    objects: { key: string; body: Uint8Array; etag?: string; live?: Source["live"] }[],
  ) {
    const id = admitted(await api.api.admit(wantedRun(), null));
    const files: Source[] = [];
    for (const [n, { key, body, etag, live = null }] of objects.entries()) {
      await env.LOGS.put(key, body);
      files.push({ file: n + 1, key, etag: etag ?? "", parse: wantedRun().parse, live });
    }
    vi.spyOn(BackfillRun.prototype, "sampleSource").mockResolvedValue({ ok: true, files });
    return api.ask(`/runs/${id}/sample${query}`);
  }
  it("shows lines as the receiver gets them, with the separator as a JSON escape", async () => {
    const answer = await sampled("?n=3", [{ key: own("a"), body: gzipSync(someLines("s", 5).text) }]);
    expect(answer.status).toBe(200);
    const items = answer.json.items as { file: number; line: number; ray_id: string; text: string }[];
    expect(items.map(({ file, line, ray_id }) => [file, line, ray_id])).toEqual([
      [1, 1, "s-00000"],
      [1, 4, "s-00001"],
      [1, 5, "s-00002"],
    ]);
    const columns = items[0]?.text.split("\u0001") ?? [];
    expect([columns.length, columns[2]]).toEqual([145, "s-00000"]);
    expect(answer.text).toContain("\\u0001");
    expect(answer.text).not.toContain("\u0001");
    expect(answer.json.unread).toEqual([]);
  });

  it("shows 10 lines without n, over as many files as it takes", async () => {
    const files = ["a", "b", "c"].map((name) => ({
      key: own(name),
      body: gzipSync(someLines(name, 4).text),
    }));
    const answer = await sampled("", files);
    expect((answer.json.items as { ray_id: string }[]).map(({ ray_id }) => ray_id)).toEqual(
      ["a", "b", "c"].flatMap((name) => [0, 1, 2, 3].map((n) => `${name}-0000${n}`)).slice(0, 10),
    );
  });

  it("leaves out what the live worker delivered when the markers were frozen", async () => {
    const body = gzipSync(["a", "b", "c", "d"].map((id) => `${record(id)}\n`).join(""));
    const markers = { ...NO_MARKERS, done: [[0, 0]] as [number, number][] };
    const live = { batchSize: 2, prefix: "live/", markers, skips: true };
    const answer = await sampled("", [{ key: own("live"), body, live }]);
    expect(answer.json.items).toMatchObject([
      { line: 3, ray_id: "c" },
      { line: 4, ray_id: "d" },
    ]);
  });

  it("names files that it cannot read, and goes on with the next", async () => {
    const cut = gzipSync(someLines("cut", 900).text);
    const answer = await sampled("?n=100", [
      { key: own("changed"), body: gzipSync(record("x")), etag: "another" },
      { key: own("cut"), body: cut.subarray(0, 20) },
      { key: own("whole"), body: gzipSync(`${record("last")}\n`) },
    ]);
    expect((answer.json.items as { ray_id: string }[]).map(({ ray_id }) => ray_id)).toEqual(["last"]);
    expect(
      (answer.json.unread as { file: number; reason: string }[]).map(({ file, reason }) => [file, reason]),
    ).toEqual([
      [1, "changed"],
      [2, "truncated"],
    ]);
  });

  it("ends after five seconds in a file whose records are all dropped", async () => {
    const dropped = Array.from({ length: 50_000 }, (_, n) => record(`d${n}`, { ParentRayID: "abc" })).join(
      "\n",
    );
    let now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => (now += 500));
    const answer = await sampled("?n=1", [{ key: own("dropped"), body: gzipSync(dropped) }]);
    expect(answer.json).toMatchObject({ items: [], unread: [{ reason: "out_of_time" }] });
  });

  it.each(["?n=0", "?n=101", "?n=-1", "?n=1.5", "?n=ten", "?n=", "?n=1&n=2", "?limit=5"])(
    "refuses %s",
    async (query) => {
      const answer = await sampled(query, []);
      expect([answer.status, answer.json.code]).toEqual([422, "invalid_query"]);
    },
  );

  it("answers start_unconfirmed for a run that has no rows yet", async () => {
    const id = admitted(await api.api.admit(wantedRun(), null));
    const none: SampleSourceAnswer = { ok: false, code: "unknown_run", detail: "" };
    vi.spyOn(BackfillRun.prototype, "sampleSource").mockResolvedValue(none);
    expect(await api.ask(`/runs/${id}/sample`)).toMatchObject({
      status: 503,
      json: { code: "start_unconfirmed" },
    });
  });
});
