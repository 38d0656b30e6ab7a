// The routes about existing runs.
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BATCH_STATES, FILE_STATES } from "../../src/contract/states.ts";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { HOUR, START, wantedRun } from "../support/registry-fixtures.ts";
import { NOW, admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

async function aRun(): Promise<string> {
  return admitted(await api.api.admit(wantedRun(), null));
}

describe("an unknown run", () => {
  it.each([
    "x",
    "20300422T140000Z_20300422T150000Z",
    "20300422T140000Z_20300422T150000Z_20301322T180000Z",
    "20300422T140000Z_20300422T150000Z_20300422T180000Z",
    "20300422T140000Z_20300422T150000Z_20300422T180000Z%20",
    "constructor",
  ])("answers 404 on every route, and creates no object for %s", async (id) => {
    const runs = env.BACKFILL_RUN;
    const before = (await listDurableObjectIds(runs)).length;
    for (const path of ["", "?view=raw", "/files", "/batches", "/events", "/ledger"]) {
      expect(await api.ask(`/runs/${id}${path}`), path).toMatchObject({
        status: 404,
        json: { code: "unknown_run" },
      });
    }
    expect(await api.ask(`/runs/${id}`, { method: "DELETE" })).toMatchObject({ status: 404 });
    expect(await api.ask(`/runs/${id}/retry`, { method: "POST" })).toMatchObject({ status: 404 });
    expect(await listDurableObjectIds(runs)).toHaveLength(before);
  });
});

it("is refused by its form before the registry is asked", async () => {
  const asked = vi.spyOn(RunRegistry.prototype, "knows");
  await api.ask("/runs/20300422T140000Z_20300422T150000Z");
  await api.ask("/runs/20300422T140000Z_20300422T150000Z_20300230T180000Z");
  expect(asked).not.toHaveBeenCalled();
});

describe("GET /runs", () => {
  it("pages from the newest run to the oldest", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      vi.setSystemTime(NOW + n * 1_000);
      const id = admitted(await api.api.admit(wantedRun({ startMs: START - n * HOUR }), null));
      await api.api.release(id, n + 1, NOW, false);
      ids.unshift(id);
    }
    const first = await api.ask("/runs?limit=2");
    expect(first.json.items.map((run: { id: string }) => run.id)).toEqual(ids.slice(0, 2));
    const second = await api.ask(`/runs?limit=2&cursor=${encodeURIComponent(first.json.next_cursor)}`);
    expect(second.json).toMatchObject({ items: [{ id: ids[2] }], next_cursor: null });
  });

  it.each([
    ["limit=0", "limit"],
    ["cursor=nonsense", "cursor"],
    ["state=open", "state"],
    ["stage=needs_attention,stuck", "stage"],
    ["stage=", "stage"],
    ["stage=sending&stage=paused", "stage"],
    ["since=yesterday", "since"],
    ["since=2030-04-22T14:00:00", "since"],
    ["until=2030-04-22T14:00:00+08:00", "until"],
    ["since=2030-04-22T14:00:01Z&until=2030-04-22T14:00:00Z", "until"],
    ["exceptions=yes", "exceptions"],
    ["exceptions=", "exceptions"],
  ])("refuses ?%s, naming the parameter", async (query, parameter) => {
    const answer = await api.ask(`/runs?${query}`);
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_query", errors: [{ parameter }] } });
  });
});

describe("GET /runs/:id/map", () => {
  it("asks the run again until all files are counted", async () => {
    const id = await aRun();
    const cells = { start: "2030-04-22T14:00:00.000Z", end: "2030-04-22T14:05:00.000Z", cell_seconds: 300 };
    const map = {
      run: id,
      as_of: "2030-04-22T18:00:00.250Z",
      ...cells,
      states: "d",
      files: [2],
      worst: [2],
      outside: {},
    };
    const asked = vi.spyOn(BackfillRun.prototype, "map").mockResolvedValueOnce({ ok: true, map: null });
    asked.mockResolvedValue({ ok: true, map });
    expect(await api.ask(`/runs/${id}/map`)).toMatchObject({ status: 200, json: map });
    expect(asked).toHaveBeenCalledTimes(2);
    asked.mockResolvedValue({ ok: false, code: "unknown_run", detail: "never started" });
    expect(await api.ask(`/runs/${id}/map`)).toMatchObject({ json: { code: "start_unconfirmed" } });
  });
});

describe("GET /runs/:id/files and batches", () => {
  it("begin at a number, and show the files of a range", async () => {
    const id = await aRun();
    const files = vi.spyOn(BackfillRun.prototype, "listFiles");
    files.mockResolvedValue({ ok: true, page: { items: [], next_cursor: null } });
    const range = "start=2030-04-22T14:00:00Z&end=2030-04-22T14:05:00Z";
    expect(await api.ask(`/runs/${id}/files?from=7&state=open&${range}`)).toMatchObject({ status: 200 });
    const startMs = Date.parse("2030-04-22T14:00:00Z");
    expect(files.mock.calls).toEqual([
      [{ states: ["open"], limit: 100, cursor: null, from: 7, range: { startMs, endMs: startMs + 300_000 } }],
    ]);
    const batches = vi.spyOn(BackfillRun.prototype, "listBatches");
    batches.mockResolvedValue({ ok: true, page: { items: [], next_cursor: null } });
    expect(await api.ask(`/runs/${id}/batches?from=3`)).toMatchObject({ status: 200 });
    expect(batches.mock.calls).toEqual([[{ states: [], limit: 100, cursor: null, from: 3 }]]);
  });

  it.each([
    ["files?from=x", "from"],
    ["files?from=-1", "from"],
    ["files?start=2030-04-22T14:00:00Z", "end"],
    ["files?start=noon&end=2030-04-22T14:00:00Z", "start"],
    ["files?start=2030-04-22T14:00:00Z&end=2030-04-22T14:00:00Z", "end"],
    ["files?start=2030-04-22T14:00:00Z&end=2030-04-22T15:00:01Z", "end"],
    ["batches?start=2030-04-22T14:00:00Z", "start"],
  ])("refuse %s, naming the parameter", async (path, parameter) => {
    const answer = await api.ask(`/runs/${await aRun()}/${path}`);
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_query", errors: [{ parameter }] } });
  });
});

describe("GET /runs/:id/series", () => {
  it("asks the run for the points since an instant, or for all", async () => {
    const id = await aRun();
    const asked = vi.spyOn(BackfillRun.prototype, "series");
    const series = { run: id, as_of: "2030-04-22T18:00:00.250Z", points: [], lines_without_point: 0 };
    asked.mockResolvedValue({ ok: true, series });
    expect(await api.ask(`/runs/${id}/series`)).toMatchObject({ status: 200, json: series });
    const since = "2030-04-22T22:00:10.000%2B08:00";
    expect(await api.ask(`/runs/${id}/series?since=${since}`)).toMatchObject({ status: 200 });
    expect(asked.mock.calls).toEqual([[null], [Date.parse("2030-04-22T14:00:10Z")]]);
    asked.mockResolvedValue({ ok: false, code: "unknown_run", detail: "never started" });
    expect(await api.ask(`/runs/${id}/series`)).toMatchObject({ json: { code: "start_unconfirmed" } });
  });

  it.each([
    ["since=yesterday", "since"],
    ["since=2030-04-22T14:00:00", "since"],
    ["since=2030-04-22T14:00:00Z&since=2030-04-22T14:00:00Z", "since"],
    ["until=2030-04-22T14:00:00Z", "until"],
  ])("refuses ?%s, naming the parameter", async (query, parameter) => {
    const answer = await api.ask(`/runs/${await aRun()}/series?${query}`);
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_query", errors: [{ parameter }] } });
  });
});

describe("GET /runs/:id", () => {
  it("shows the status, or the raw state when asked", async () => {
    const id = await aRun();
    expect(await api.ask(`/runs/${id}`)).toMatchObject({
      status: 200,
      json: { id, stage_code: "scanning_and_queueing" },
    });
    expect(await api.ask(`/runs/${id}?view=raw`)).toMatchObject({ status: 200, json: { send_leases: null } });
    expect(await api.ask(`/runs/${id}?view=cooked`)).toMatchObject({
      status: 422,
      json: { code: "invalid_query" },
    });
  });

  it("reports a run without its first status as starting, not as unknown", async () => {
    const id = await aRun();
    const refused = { ok: false as const, code: "unknown_run" as const, detail: "never started" };
    vi.spyOn(BackfillRun.prototype, "status").mockResolvedValue(refused);
    vi.spyOn(BackfillRun.prototype, "abort").mockResolvedValue(refused);
    expect(await api.ask(`/runs/${id}`)).toMatchObject({
      status: 503,
      json: { code: "start_unconfirmed", run: id },
    });
    expect(await api.ask(`/runs/${id}`, { method: "DELETE" })).toMatchObject({ status: 503 });
  });
});

describe.each([
  ["files", FILE_STATES],
  ["batches", BATCH_STATES],
] as const)("GET /runs/:id/%s", (list, states) => {
  it("passes on the filter and gives the page", async () => {
    const id = await aRun();
    const answer = await api.ask(`/runs/${id}/${list}?state=${states.join(",")}&limit=7&cursor=c`);
    expect(answer).toMatchObject({ status: 200, json: { items: [], next_cursor: "more" } });
    expect(api.queries).toEqual([{ states: [...states], limit: 7, cursor: "c" }]);
  });

  it("refuses a state that does not exist, naming those that do", async () => {
    const id = await aRun();
    const answer = await api.ask(`/runs/${id}/${list}?state=${states[0]},nonsense`);
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ parameter: "state" }] } });
    for (const state of states) expect(answer.json.detail).toContain(state);
    expect(api.queries).toEqual([]);
  });

  it("refuses a cursor that the run does not know", async () => {
    const id = await aRun();
    const method = list === "files" ? "listFiles" : "listBatches";
    vi.spyOn(BackfillRun.prototype, method).mockResolvedValue({ ok: false, code: "bad_cursor", detail: "" });
    const answer = await api.ask(`/runs/${id}/${list}?cursor=c`);
    expect(answer).toMatchObject({
      status: 422,
      json: { code: "invalid_query", errors: [{ parameter: "cursor" }] },
    });
  });
});

describe("GET /runs/:id/events", () => {
  it("gives a page of the audit trail, and takes no state", async () => {
    const id = await aRun();
    expect(await api.ask(`/runs/${id}/events?limit=7&cursor=5`)).toMatchObject({
      status: 200,
      json: { items: [], next_cursor: "more" },
    });
    expect(api.queries).toEqual([{ states: [], limit: 7, cursor: "5" }]);
    expect(await api.ask(`/runs/${id}/events?state=open`)).toMatchObject({
      status: 422,
      json: { errors: [{ parameter: "state" }] },
    });
  });
});

describe("DELETE /runs/:id", () => {
  it("asks the run to stop and answers 202 with its status", async () => {
    const id = await aRun();
    const answer = await api.ask(`/runs/${id}`, { method: "DELETE", headers: { "X-Actor": "li.wei" } });
    expect(answer).toMatchObject({ status: 202, json: { stage_code: "aborting" } });
    expect(api.aborts).toEqual([{ force: false, actor: "unverified:li.wei", note: null }]);
  });

  it("forces only on force=true, because a typo must not cut off an open POST", async () => {
    const id = await aRun();
    await api.ask(`/runs/${id}?force=true`, { method: "DELETE" });
    await api.ask(`/runs/${id}?force=false`, { method: "DELETE" });
    expect(api.aborts.map((abort) => abort.force)).toEqual([true, false]);
    for (const query of ["force=1", "force=", "Force=true"]) {
      expect((await api.ask(`/runs/${id}?${query}`, { method: "DELETE" })).status, query).toBe(422);
    }
    expect(api.aborts).toHaveLength(2);
  });

  it.each([
    [{ force: true, note: " ticket 7 " }, "", { force: true, note: "ticket 7" }],
    [{ note: "ticket 7" }, "?force=true", { force: true, note: "ticket 7" }],
    [{ force: true }, "?force=true", { force: true, note: null }],
    [{}, "", { force: false, note: null }],
  ])("reads the body %j with the query %j", async (body, query, asked) => {
    expect((await api.ask(`/runs/${await aRun()}${query}`, { method: "DELETE", body })).status).toBe(202);
    expect(api.aborts).toEqual([{ ...asked, actor: "token" }]);
  });

  it.each([
    [{ force: "true" }, "", "#/force"],
    [{ reason: "ticket 7" }, "", "#/reason"],
    [{ note: 7 }, "", "#/note"],
    [{ force: false }, "?force=true", "#/force"],
    [{ force: true }, "?force=false", "#/force"],
  ])("refuses the body %j with the query %j, and never reaches the run", async (body, query, pointer) => {
    const answer = await api.ask(`/runs/${await aRun()}${query}`, { method: "DELETE", body });
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_body", errors: [{ pointer }] } });
    expect(api.aborts).toEqual([]);
  });

  it("is refused for a delivered run, because nothing is left to stop", async () => {
    const id = await aRun();
    vi.spyOn(BackfillRun.prototype, "abort").mockResolvedValue({
      ok: false,
      code: "delivered",
      detail: "it is delivered",
    });
    const answer = await api.ask(`/runs/${id}`, { method: "DELETE" });
    expect(answer).toMatchObject({
      status: 409,
      json: { code: "already_delivered", run: id, detail: "it is delivered" },
    });
  });
});
