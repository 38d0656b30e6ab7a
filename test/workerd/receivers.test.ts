// Several receivers in one deployment, seen through the API: each has a slot, a list of runs and a check of overlaps of
// its own.
import { evictDurableObject, listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import type { RunSummary } from "../../src/contract/registry.ts";
import { runIdOf } from "../../src/contract/run-id.ts";
import { HOUR, START, aReport, wantedRun } from "../support/registry-fixtures.ts";
import { NOW } from "../support/registry-under-test.ts";
import { ACCOUNT, FIRST, RECEIVERS, SIEM, api, ask, WINDOW, deliver, ids, registryOf, start } from "../support/several-receivers.ts"; // prettier-ignore

beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

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
    expect(await ids()).toEqual([SIEM, ACCOUNT, FIRST]);
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

  it("lets PATCH raise the cap of a run up to the cap of its receiver", async () => {
    await start({ receiver: "siem" });
    const patch = (cap: number) =>
      ask(`/runs/${SIEM}`, { method: "PATCH", body: { max_lines_per_second: cap } });
    expect(await patch(5_001)).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: "#/max_lines_per_second" }] },
    });
    expect((await patch(5_000)).status).toBe(200);
    expect(api.commands).toMatchObject([{ do: "patch", limits: { maxLinesPerSecond: 5_000 } }]);
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

describe("a registry that still has code from before RECEIVERS", () => {
  const later = RunRegistry.prototype;
  // oxlint-disable-next-line typescript/unbound-method -- put back into the same prototype
  const { admitNamed, queueNamedWindows } = later;
  afterEach(() => Object.assign(later, { admitNamed, queueNamedWindows }));

  it("starts no run and queues no window of another receiver, because it lacks the methods", async () => {
    Reflect.deleteProperty(later, "admitNamed");
    Reflect.deleteProperty(later, "queueNamedWindows");
    expect(await start({ receiver: "siem" })).toMatchObject({ status: 500 });
    const body = { windows: [WINDOW], reason: "r", options: { receiver: "siem" } };
    expect(await ask("/windows", { method: "POST", body })).toMatchObject({ status: 500 });
    expect(await ids()).toEqual([]);
    expect((await ask("/windows?receiver=siem")).json.items).toEqual([]);
    expect(await start({})).toMatchObject({ status: 201 });
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

  it("lists the runs of a registry that earlier code made, and then adds another receiver", async () => {
    await start({});
    const namespace: DurableObjectNamespace = env.RUN_REGISTRY;
    await runInDurableObject(namespace.getByName(api.name), (_object, { storage: { sql } }) => {
      sql.exec("DROP TABLE receivers");
      sql.exec("DELETE FROM migrations WHERE name = '0005-receivers'");
    });
    await evictDurableObject(namespace.getByName(api.name));
    expect(await ids()).toEqual([FIRST]);
    expect(await start({ receiver: "siem" })).toMatchObject({ status: 201 });
    expect(await registryOf(null).usedReceivers()).toEqual(["siem"]);
  });

  it("finds the runs of a receiver that another version of the Worker added meanwhile", async () => {
    const gone = { env: { RECEIVERS: "" } };
    expect(await ask(`/runs/${SIEM}`, gone)).toMatchObject({ status: 404 });
    await registryOf(null).useReceiver("siem");
    await registryOf("siem").admitNamed({ ...wantedRun(), receiver: "siem" }, null);
    expect(await ask(`/runs/${SIEM}`, gone)).toMatchObject({ status: 200 });
    expect((await ask("/runs", gone)).json.items).toMatchObject([{ id: SIEM }]);
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
