// Several receivers in one deployment, seen through the API: each has a slot, a queue, a list of runs and a check of
// overlaps of its own.
import { listDurableObjectIds, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunSummary } from "../../src/contract/registry.ts";
import { runIdOf } from "../../src/contract/run-id.ts";
import { registryObject } from "../../src/platform/objects.ts";
import { HOUR, START, aReport } from "../support/registry-fixtures.ts";
import { ApiUnderTest, type Answer, type Ask } from "../support/api-under-test.ts";
import { NOW } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

const RECEIVERS = JSON.stringify({
  siem: { url: "https://siem.example/in", max_lines_per_second: 5_000 },
  account: { kind: "ctyun", endpoint: "https://b.example", uri: "/in", private_key: "k" },
});
const WINDOW = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };

function ask(path: string, more: Ask = {}): Promise<Answer> {
  return api.ask(path, { ...more, env: { RECEIVERS, ...more.env } });
}

function start(body: object, more: Ask = {}): Promise<Answer> {
  return ask("/runs", { method: "POST", body: { ...WINDOW, ...body }, ...more });
}

function registryOf(receiver: string | null) {
  return registryObject(env, api.name, receiver);
}

async function ids(query = ""): Promise<string[]> {
  const { json } = await ask(`/runs${query}`);
  return json.items.map(({ id }: RunSummary) => id);
}

/** Reports that the run has sent lines, and ends it. */
async function deliver(receiver: string | null, id: string, fence = 1): Promise<void> {
  const registry = registryOf(receiver);
  const report = aReport(id, { stage: "cleaned", finished: true, sentSomething: true, deliveredAt: NOW });
  await registry.report(report);
  await registry.release(id, fence, NOW, true);
}

const [FIRST, SIEM, ACCOUNT] = [undefined, "siem", "account"].map((receiver) =>
  runIdOf(START, START + HOUR, NOW - (NOW % 1_000), receiver),
);

describe("POST /runs", () => {
  it("starts a run for each receiver at the same second, each with its own id and slot", async () => {
    const [first, siem, account] = await Promise.all([
      start({}),
      start({ receiver: "siem" }),
      start({ receiver: "account" }),
    ]);
    expect([first.status, siem.status, account.status]).toEqual([201, 201, 201]);
    expect([first, siem, account].map(({ headers }) => headers.get("Location"))).toEqual(
      [FIRST, SIEM, ACCOUNT].map((id) => `/runs/${id}`),
    );
    expect(await ids()).toEqual([FIRST, SIEM, ACCOUNT].toSorted().toReversed());
    const { json } = await ask("/runs");
    expect(json.items.every(({ active }: RunSummary) => active)).toBe(true);
    expect(new Set(json.items.map(({ receiver }: RunSummary) => receiver))).toEqual(
      new Set(["default", "siem", "account"]),
    );
  });

  it("refuses a second run of the same receiver while the first run has its slot", async () => {
    await start({ receiver: "siem" });
    const later = { start: "2030-04-22T15:00:00Z", end: "2030-04-22T16:00:00Z", receiver: "siem" };
    expect(await start(later)).toMatchObject({ status: 409, json: { code: "slot_taken", run: SIEM } });
    expect(await start({ ...later, receiver: "default" })).toMatchObject({ status: 201 });
  });

  it("refuses an unknown receiver, names the known ones, and changes nothing", async () => {
    const refused = await start({ receiver: "other" });
    expect(refused).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: "#/receiver", detail: "expected one of default, siem, account" }] },
    });
    expect(await start({ receiver: "Not A Name" })).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: "#/receiver" }] },
    });
    expect(await ids()).toEqual([]);
  });

  it("checks the cap of the receiver, not the cap of the deployment", async () => {
    expect(await start({ receiver: "siem", max_lines_per_second: 5_001 })).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: "#/max_lines_per_second" }] },
    });
    expect(await start({ receiver: "siem" })).toMatchObject({ status: 201 });
    expect(api.runs.started.at(-1)?.spec).toMatchObject({
      runId: SIEM,
      receiver: "siem",
      maxLinesPerSecond: 5_000,
      http: { form: "lines" },
      parse: { record: "whole" },
    });
  });

  it("starts no run with skip_delivered for another receiver than the first", async () => {
    const live = { live: "skip_delivered", live_batch_size: 1_000 };
    for (const receiver of ["siem", "account"])
      expect(await start({ ...live, receiver })).toMatchObject({
        status: 422,
        json: { errors: [{ pointer: "#/live" }] },
      });
    expect(await start(live)).toMatchObject({ status: 201 });
  });

  it("looks for earlier runs of the same receiver only", async () => {
    await start({});
    await deliver(null, String(FIRST));
    expect(await start({ receiver: "siem" })).toMatchObject({ status: 201 });
    await deliver("siem", String(SIEM));
    expect(await start({ receiver: "siem" })).toMatchObject({ status: 409, json: { code: "overlap" } });
    expect(await start({ receiver: "account" })).toMatchObject({ status: 201 });
  });

  it("starts no second run when the key of a request comes again with another receiver", async () => {
    const headers = { "Idempotency-Key": "hole-1" };
    expect(await start({ receiver: "siem" }, { headers })).toMatchObject({ status: 201 });
    for (const receiver of [{}, { receiver: "account" }])
      expect(await start(receiver, { headers })).toMatchObject({
        status: 422,
        json: { code: "idempotency_mismatch" },
      });
    const again = await start({ receiver: "siem" }, { headers });
    expect([again.status, again.headers.get("Idempotent-Replayed"), again.json.id]).toEqual([201, "true", SIEM]);
    expect(await ids()).toEqual([SIEM]);
  }); // prettier-ignore

  it("keeps the receiver in a continuation, which may not name one", async () => {
    await start({ receiver: "siem" });
    await registryOf("siem").report(aReport(String(SIEM), { stage: "aborted", finished: true }));
    await registryOf("siem").release(String(SIEM), 1, NOW, false);
    const body = { continue_of: SIEM };
    const refused = await api.post({ ...body, receiver: "account" }, { env: { RECEIVERS } });
    expect(refused).toMatchObject({ status: 422, json: { errors: [{ pointer: "#/receiver" }] } });
    const gone = await api.post(body, { env: { RECEIVERS: "" } });
    expect(gone).toMatchObject({ status: 422, json: { errors: [{ pointer: "#/continue_of" }] } });
    const continued = await api.post(body, { env: { RECEIVERS } });
    expect(continued.status).toBe(201);
    const id = continued.headers.get("Location")?.slice("/runs/".length) ?? "";
    expect(id).toMatch(/_siem$/);
    expect(api.runs.started.at(-1)?.spec).toMatchObject({ runId: id, receiver: "siem", continueOf: SIEM });
  });
});

describe("GET /runs", () => {
  it("shows every run once, newest first, whatever the length of a page is", async () => {
    for (let n = 0; n < 4; n += 1) {
      // Two runs of each receiver have the same second of creation.
      vi.setSystemTime(NOW + Math.floor(n / 2) * 1_000);
      const [from, to] = [START - n * HOUR, START - (n - 1) * HOUR].map((ms) => new Date(ms).toISOString());
      for (const receiver of ["default", "siem", "account"]) {
        const started = await start({ start: from, end: to, end_exclusive: true, receiver });
        const id = started.headers.get("Location")?.slice("/runs/".length) ?? "";
        await deliver(receiver === "default" ? null : receiver, id, n + 1);
      }
    }
    const all = await ids("?limit=1000");
    expect(all).toHaveLength(12);
    const rank = (id: string) => `${id.split("_")[2]} ${id}`;
    expect(all).toEqual(all.toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1)));
    for (const limit of [1, 2, 5, 11, 12]) {
      const paged: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const { json } = await ask(
          `/runs?limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        expect(json.items.length).toBeLessThanOrEqual(limit);
        paged.push(...json.items.map(({ id }: RunSummary) => id));
        cursor = json.next_cursor;
      }
      expect(paged, `limit ${limit}`).toEqual(all);
    }
    expect(await ids("?receiver=siem")).toEqual(all.filter((id) => id.endsWith("_siem")));
    expect(await ids("?receiver=default")).toEqual(all.filter((id) => id.split("_").length === 3));
    expect(await ask("/runs?receiver=other")).toMatchObject({
      status: 422,
      json: { errors: [{ parameter: "receiver", detail: "expected one of default, siem, account" }] },
    });
    expect((await ask("/stats?zone=UTC")).json.runs.delivered).toBe(12);
    expect((await ask("/stats?receiver=siem")).json.runs.delivered).toBe(4);
  });

  it("still shows the runs of a receiver whose name is no longer in RECEIVERS", async () => {
    await start({ receiver: "siem" });
    const gone = { env: { RECEIVERS: "" } };
    expect((await ask("/runs", gone)).json.items).toMatchObject([{ id: SIEM, receiver: "siem" }]);
    expect(await ask(`/runs/${SIEM}`, gone)).toMatchObject({ status: 200 });
    expect((await ask("/system", gone)).json.receivers).toEqual([
      { name: "default", kind: "ctyun", max_lines_per_second: 100_000, slot_holder: null },
      { name: "siem", kind: null, max_lines_per_second: null, slot_holder: SIEM },
    ]);
    expect(await start({ receiver: "siem" }, gone)).toMatchObject({ status: 422 });
  });

  it("makes no registry for a name that the deployment never had", async () => {
    await ask("/runs");
    const before = (await listDurableObjectIds(env.RUN_REGISTRY)).length;
    const id = runIdOf(START, START + HOUR, NOW, "unheard-of");
    expect(await ask(`/runs/${id}`)).toMatchObject({ status: 404, json: { code: "unknown_run" } });
    expect(await ask("/windows?receiver=unheard-of")).toMatchObject({ status: 422 });
    expect(await listDurableObjectIds(env.RUN_REGISTRY)).toHaveLength(before);
  });
});

describe("the queue of a receiver", () => {
  const body = { windows: [WINDOW], reason: "why" };
  const post = (options: object, more: object = {}) =>
    ask("/windows", { method: "POST", body: { ...body, ...more, options } });

  it("takes the windows of its receiver alone", async () => {
    expect(await post({ receiver: "siem" })).toMatchObject({
      status: 202,
      json: { receiver: "siem", outcomes: [{ outcome: "queued", id: 1 }], queue: { queued: 1 } },
    });
    expect(await ask("/windows")).toMatchObject({ json: { receiver: "default", items: [] } });
    expect(await ask("/windows?receiver=siem")).toMatchObject({
      json: { receiver: "siem", items: [{ id: 1, state: "queued" }] },
    });
    expect(await ask("/windows/1")).toMatchObject({ status: 404 });
    expect(await ask("/windows/1?receiver=siem")).toMatchObject({ status: 200, json: { receiver: "siem" } });
  });

  it("leaves out only what runs of its receiver sent", async () => {
    await start({});
    await deliver(null, String(FIRST));
    const skip = { skip_sent: true };
    expect((await post({ receiver: "siem" }, skip)).json.outcomes).toMatchObject([{ outcome: "queued", state: "queued" }]);
    expect((await post({}, skip)).json.outcomes).toMatchObject([{ outcome: "duplicate", of: { run: FIRST } }]);
    expect((await post({ receiver: "account" })).json.outcomes).toMatchObject([{ outcome: "queued", state: "queued" }]);
  }); // prettier-ignore

  it("starts its window while a run of another receiver sends, by the clock of its own registry", async () => {
    Object.assign(env, { RECEIVERS });
    await start({});
    const namespace: DurableObjectNamespace = env.RUN_REGISTRY;
    await post({ receiver: "account" });
    await runDurableObjectAlarm(namespace.getByName(`${api.name}/account`));
    const { json } = await ask("/windows?receiver=account", { env: { RECEIVERS } });
    expect(json.items).toMatchObject([{ state: "running", run: ACCOUNT }]);
    expect(api.runs.started.map(({ spec }) => [spec.runId, spec.receiver])).toEqual([
      [FIRST, undefined],
      [ACCOUNT, "account"],
    ]);
  });

  it("is paused, resumed and changed alone", async () => {
    await post({ receiver: "siem" });
    const pause = await ask("/windows/pause?receiver=siem", { method: "POST" });
    expect(pause).toMatchObject({ status: 200, json: { receiver: "siem", paused: { actor: "token" } } });
    expect((await ask("/windows")).json.queue.paused).toBeNull();
    expect((await ask("/windows?receiver=siem")).json.queue.hindrance.code).toBe("paused");
    const cancelled = await ask("/windows/1?receiver=siem", { method: "DELETE" });
    expect(cancelled).toMatchObject({ status: 200, json: { state: "cancelled", receiver: "siem" } });
  });

  it("waits while the name of its receiver is missing, and says so", async () => {
    await post({ receiver: "siem" });
    const { json } = await ask("/windows?receiver=siem", { env: { RECEIVERS: "" } });
    // The registry reads the settings of its own deployment, which has no RECEIVERS in this test.
    expect(json.queue).toMatchObject({
      hindrance: { code: "receiver_not_configured" },
      waits_for: "the receiver siem in RECEIVERS",
    });
  });

  it("takes no holes, because holes are about the first receiver", async () => {
    const range = { from_coverage: WINDOW, windows: undefined };
    expect(await post({ receiver: "siem", live: "ignore" }, range)).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: "#/from_coverage" }] },
    });
  });

  it("needs no word about the live worker for days, because the live worker sends to the first receiver", async () => {
    const days = { days: 1, windows: undefined };
    expect(await post({}, days)).toMatchObject({ status: 422, json: { code: "live_mode_needed" } });
    expect(await post({ receiver: "siem" }, days)).toMatchObject({ status: 202 });
  });

  it("does not take the key of a request to another queue", async () => {
    const headers = { "Idempotency-Key": "k" };
    const keyed = (options: object) =>
      ask("/windows", { method: "POST", body: { ...body, options }, headers });
    expect(await keyed({ receiver: "siem" })).toMatchObject({ status: 202 });
    expect(await keyed({})).toMatchObject({ status: 422, json: { code: "idempotency_mismatch" } });
    expect(await keyed({ receiver: "siem" })).toMatchObject({ json: { receiver: "siem" } });
    expect((await ask("/windows")).json.items).toEqual([]);
  });
});
