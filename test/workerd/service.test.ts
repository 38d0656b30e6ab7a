// The entrypoint BackfillService over real RPC: who may call what, what the answers are, and hostile arguments.
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BackfillServiceApi, ServiceRefusal } from "../../src/contract/service.ts";
import { isoSecond } from "../../src/contract/run-id.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { HOUR, START } from "../support/registry-fixtures.ts";

const api = new ApiUnderTest();
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };
const RUN = "20300422T140000Z_20300422T150000Z_20300422T180000Z";
const vars: Record<string, string | undefined> = env as never;
const before = { ...vars };

beforeEach(() => {
  api.setUp();
  setVars({ RECEIVER_ID: api.name, BINDING_ROLES: '{"live": "operator", "watch": "viewer"}' });
});
afterEach(() => {
  api.tearDown();
  setVars({ RECEIVER_ID: before["RECEIVER_ID"], BINDING_ROLES: undefined, API_TOKEN: before["API_TOKEN"] });
});

/** The entrypoint reads the vars at each call. */
function setVars(changes: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete vars[name];
    else vars[name] = value;
  }
}

function bound(props: unknown = { name: "live" }): BackfillServiceApi {
  const loopback = exports as unknown as {
    BackfillService(options: { props: unknown }): BackfillServiceApi;
  };
  return loopback.BackfillService({ props });
}

/** Passes whatever RPC can carry. */
function hostile(value: unknown): never {
  return value as never;
}

describe("a service call", () => {
  it("starts a run under the caller's name, as POST /runs does", async () => {
    const answer = await bound().startRun({ ...BODY, note: "window not delivered" });
    expect(answer).toMatchObject({ ok: true, replayed: false, id: RUN, run: { id: RUN } });
    expect(api.runs.started[0]?.spec).toMatchObject({ actor: "binding:live", note: "window not delivered" });
  });

  it("gets the first answer again when it repeats its key", async () => {
    const key = { idempotencyKey: "window-7" };
    await bound().startRun(BODY, key);
    expect(await bound().startRun({ end: BODY.end, start: BODY.start }, key)).toMatchObject({
      ok: true,
      replayed: true,
      id: RUN,
    });
    const other = await bound().startRun({ ...BODY, batch_size: 500 }, key);
    expect(other).toMatchObject({ ok: false, code: "idempotency_mismatch" });
    expect(api.runs.started).toHaveLength(1);
  });

  it("starts a run and queues a window for another receiver, and shows its runs", async () => {
    setVars({ RECEIVERS: JSON.stringify({ siem: { url: "https://siem.example/in" } }) });
    const id = `${RUN}_siem`;
    const started = await bound().startRun({ ...BODY, receiver: "siem" });
    expect(started).toMatchObject({ ok: true, id, run: { receiver: "siem" } });
    expect(await bound().startRun({ ...BODY, receiver: "other" })).toMatchObject({
      ok: false,
      code: "invalid_body",
      errors: [{ pointer: "#/receiver" }],
    });
    const windows = [{ start: "2030-04-22T15:00:00Z", end: "2030-04-22T16:00:00Z" }];
    const queued = await bound().queueWindows({ windows, reason: "x", options: { receiver: "siem" } });
    expect(queued).toMatchObject({ ok: true, receiver: "siem", queue: { holder: id } });
    const range = { start: isoSecond(START), end: isoSecond(START + HOUR) };
    const of = async (receiver: string) => bound().coverage({ ...range, receiver });
    expect(await of("siem")).toMatchObject({ ok: true, coverage: { receiver: "siem", runs: [{ id }] } });
    expect(await of("default")).toMatchObject({ ok: true, coverage: { receiver: "default", runs: [] } });
    expect(await of("other")).toMatchObject({ ok: false, errors: [{ pointer: "#/receiver" }] });
    expect(await bound().status(id)).toMatchObject({ ok: true, run: { id } });
    setVars({ RECEIVERS: undefined });
  });

  it("shows a run and coverage to a viewer, and starts nothing for one", async () => {
    await bound().startRun(BODY);
    const viewer = bound({ name: "watch" });
    expect(await viewer.status(RUN)).toMatchObject({ ok: true, run: { id: RUN } });
    const range = { start: isoSecond(START), end: isoSecond(START + HOUR) };
    const seen = await viewer.coverage({ ...range, columns: true });
    expect(seen).toMatchObject({ ok: true, coverage: { states: "............", runs: [{ id: RUN }] } });
    expect(seen.ok && seen.coverage.columns?.raw_files).toHaveLength(12);
    expect(await viewer.startRun({ ...BODY, replay: true })).toMatchObject({
      ok: false,
      code: "not_allowed",
    });
    expect(api.runs.started).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ["has a name that is no text", { name: 7 }],
    ["has no name", {}],
    ["has an unknown name", { name: "other" }],
  ])("gets only health when its binding %s", async (_name, props) => {
    const stranger = bound(props);
    expect(await stranger.health()).toEqual({ ok: true });
    const range = { start: isoSecond(START), end: isoSecond(START + HOUR) };
    for (const answer of [
      await stranger.startRun(BODY),
      await stranger.status(RUN),
      await stranger.coverage(range),
    ])
      expect(answer).toMatchObject({ ok: false, code: "unknown_caller" });
    expect(api.runs.started).toHaveLength(0);
  });

  it("gets only health while BINDING_ROLES is not set", async () => {
    setVars({ BINDING_ROLES: undefined });
    expect(await bound().startRun(BODY)).toMatchObject({ ok: false, code: "unknown_caller" });
    expect(await bound().health()).toEqual({ ok: true });
  });

  it("learns that a var is bad, but not which", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    setVars({ BINDING_ROLES: "secret-typed-here" });
    const answers = [await bound().health(), await bound().startRun(BODY)];
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, code: "bad_configuration" });
    expect(JSON.stringify(answers)).not.toMatch(/secret-typed-here|BINDING_ROLES/);
  });

  it("gets internal_error, and no text of it, when the registry throws", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    setVars({ RECEIVER_ID: "x".repeat(64) });
    vi.spyOn(env.RUN_REGISTRY, "getByName").mockImplementation(() => {
      throw new Error("https://partner.example/?key=1");
    });
    const answer = await bound().startRun(BODY);
    expect(answer).toMatchObject({ ok: false, code: "internal_error" });
    expect(JSON.stringify(answer)).not.toContain("partner");
    expect(logged.mock.calls.join()).toContain("service.unexpected");
  });

  it("gets object_unavailable while the registry restarts", async () => {
    setVars({ RECEIVER_ID: "y".repeat(64) });
    vi.spyOn(env.RUN_REGISTRY, "getByName").mockImplementation(() => {
      throw Object.assign(new Error("reset"), { retryable: true });
    });
    expect(await bound().startRun(BODY)).toMatchObject({ ok: false, code: "object_unavailable" });
  });
});

describe("queueWindows", () => {
  const windows = [BODY, { start: BODY.end, end: BODY.start }];

  it("queues windows under the caller's name, with one outcome for each", async () => {
    const answer = await bound().queueWindows({ windows, reason: "not delivered" });
    expect(answer).toMatchObject({
      ok: true,
      replayed: false,
      outcomes: [
        { index: 0, outcome: "queued", id: 1 },
        { index: 1, outcome: "dropped", reason: "invalid", errors: [{ pointer: "#/windows/1/end" }] },
      ],
    });
    const { json } = await api.ask("/windows/1");
    expect(json).toMatchObject({ actor: "binding:live", source: "binding:live", reason: "not delivered" });
  });

  it("gives the first answer again for a repeated key, and keeps a source that is given", async () => {
    const key = { idempotencyKey: "7" };
    const body = { windows: [BODY], reason: "not delivered", source: "zone-1" };
    await bound().queueWindows(body, key);
    expect(await bound().queueWindows(body, key)).toMatchObject({
      ok: true,
      replayed: true,
      outcomes: [{ id: 1 }],
    });
    expect((await api.ask("/windows/1")).json.source).toBe("zone-1");
    const other = await bound().queueWindows({ ...body, reason: "another" }, key);
    expect(other).toMatchObject({ ok: false, code: "idempotency_mismatch" });
  });

  it.each<[string, unknown, string, string | null]>([
    ["nothing", undefined, "invalid_body", "#"],
    ["a list", [BODY], "invalid_body", "#"],
    ["no reason", { windows: [BODY] }, "invalid_body", "#/reason"],
    ["a function as window", { windows: [() => BODY], reason: "x" }, "invalid_body", "#/windows/0"],
    [
      "too many windows",
      { windows: Array.from({ length: 1_001 }, () => BODY), reason: "x" },
      "invalid_body",
      "#/windows",
    ],
    [
      "a bad option",
      { windows: [BODY], reason: "x", options: { batch_size: 1 } },
      "invalid_body",
      "#/options/batch_size",
    ],
    ["a huge body", { windows: [BODY], reason: "x".repeat(300_000) }, "body_too_large", null],
    ["a duration without live", { last: "1d", reason: "x" }, "live_mode_needed", "#/options/live"],
  ])("is refused as a value, and queues nothing: %s", async (_name, body, code, pointer) => {
    const answer = (await bound().queueWindows(hostile(body))) as ServiceRefusal;
    expect(answer).toMatchObject({ ok: false, code });
    if (pointer !== null) expect(answer.errors).toContainEqual({ pointer, detail: expect.any(String) });
    expect((await api.ask("/windows")).json.items).toEqual([]);
  });

  it("is refused to a viewer and to a stranger", async () => {
    const body = { windows: [BODY], reason: "x" };
    expect(await bound({ name: "watch" }).queueWindows(body)).toMatchObject({ code: "not_allowed" });
    expect(await bound({ name: "other" }).queueWindows(body)).toMatchObject({ code: "unknown_caller" });
    expect((await api.ask("/windows")).json.items).toEqual([]);
  });
});

describe("a bad argument of startRun", () => {
  const cyclic: Record<string, unknown> = { ...BODY };
  cyclic["self"] = cyclic;
  it.each<[string, unknown, string, string | null]>([
    ["nothing", undefined, "invalid_body", "#"],
    ["a text", "start", "invalid_body", "#"],
    ["a function", () => BODY, "invalid_body", "#"],
    ["a function as a field", { ...BODY, note: () => "x" }, "invalid_body", "#/note"],
    ["a date as a field", { ...BODY, end: new Date(START) }, "invalid_body", "#/end"],
    ["a cyclic object", cyclic, "invalid_body", "#"],
    ["a big number", { ...BODY, batch_size: 500n }, "invalid_body", "#/batch_size"],
    ["a huge note", { ...BODY, note: "x".repeat(1_000_000) }, "body_too_large", null],
    ["a missing end", { start: BODY.start }, "invalid_body", "#/end"],
    ["an unknown field", { ...BODY, batchsize: 1 }, "invalid_body", "#/batchsize"],
    ["a member __proto__", JSON.parse('{"__proto__": {"start": "x"}}'), "invalid_body", "#/__proto__"],
    ["a reversed window", { start: BODY.end, end: BODY.start }, "window_reversed", "#/end"],
    ["a window in the future", { ...BODY, end: "2031-01-01T00:00:00Z" }, "window_in_future", "#/end"],
  ])("is refused as a value, and starts nothing: %s", async (_name, body, code, pointer) => {
    const answer = (await bound().startRun(hostile(body))) as ServiceRefusal;
    expect(answer).toMatchObject({ ok: false, code, detail: expect.any(String) });
    if (pointer !== null) expect(answer.errors).toContainEqual({ pointer, detail: expect.any(String) });
    expect(api.runs.started).toHaveLength(0);
  });

  it.each<[string, unknown, string]>([
    ["a text", "key", "options"],
    ["an unknown option", { key: "1" }, "key"],
    ["an empty key", { idempotencyKey: "" }, "idempotencyKey"],
    ["a function as key", { idempotencyKey: () => "1" }, "options"],
  ])("is refused in the options: %s", async (_name, options, parameter) => {
    const answer = await bound().startRun(BODY, hostile(options));
    expect(answer).toMatchObject({ ok: false, code: "invalid_options", errors: [{ parameter }] });
    expect(api.runs.started).toHaveLength(0);
  });
});

describe("a bad argument", () => {
  it.each<[string, unknown]>([
    ["a number", 7],
    ["a path", "../20300422"],
    ["an unknown id", RUN],
    ["a huge text", "x".repeat(60_000)],
  ])("of status is refused as a value: %s", async (_name, id) => {
    const answer = await bound().status(hostile(id));
    expect(answer).toMatchObject({ ok: false, code: "unknown_run" });
    expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  });

  it.each<[string, unknown, string]>([
    ["nothing", null, "#"],
    ["no end", { start: BODY.start }, "#/end"],
    ["a range in the future", { ...BODY, end: "2031-01-01T00:00:00Z" }, "#/end"],
    ["an unknown detail", { ...BODY, detail: "all" }, "#/detail"],
    ["columns as text", { ...BODY, columns: "true" }, "#/columns"],
  ])("of coverage is refused as a value: %s", async (_name, range, pointer) => {
    const answer = await bound().coverage(hostile(range));
    expect(answer).toMatchObject({ ok: false, code: "invalid_body", errors: [{ pointer }] });
  });
});
