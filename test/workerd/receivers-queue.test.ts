// The window queues of several receivers in one deployment: each takes, starts and leaves out windows by itself.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, FIRST, RECEIVERS, WINDOW, api, ask, deliver, start } from "../support/several-receivers.ts";

beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

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
