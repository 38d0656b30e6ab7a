// POST /runs: what starts a run, what is refused, and that a refusal changes nothing.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiUnderTest, type Ask } from "../support/api-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };
const RUN = "20300422T140000Z_20300422T150000Z_20300422T180000Z";

describe("POST /runs", () => {
  it("answers 201 with the run's place and its first status", async () => {
    const answer = await api.post(BODY);
    expect([answer.status, answer.headers.get("Location"), answer.json.id]).toEqual([
      201,
      `/runs/${RUN}`,
      RUN,
    ]);
    expect(answer.headers.get("Idempotent-Replayed")).toBeNull();
  });

  it("takes an end that is now, a single second, and a time in another offset", async () => {
    const end = "2030-04-23T02:00:00+08:00";
    expect(await api.post({ start: end, end })).toMatchObject({ status: 201 });
  });

  it("records who asked, and with which options", async () => {
    await api.post({ ...BODY, batch_size: 500, note: "ticket 7" }, { headers: { "X-Actor": "li.wei" } });
    expect(api.runs.started[0]?.spec).toMatchObject({
      actor: "unverified:li.wei",
      note: "ticket 7",
      parse: { batchLines: 500 },
    });
  });

  const refusals: [string, unknown, Ask, number, string, string | null][] = [
    ["no JSON", "start=now", {}, 400, "body_not_json", null],
    ["an empty body", "", {}, 400, "body_not_json", null],
    [
      "a body over 64 KiB",
      JSON.stringify({ ...BODY, note: "x".repeat(65_536) }),
      {},
      413,
      "body_too_large",
      null,
    ],
    ["a list", [BODY], {}, 422, "invalid_body", "#"],
    ["a missing end", { start: BODY.start }, {}, 422, "invalid_body", "#/end"],
    ["an unknown field", { ...BODY, batchsize: 1 }, {}, 422, "invalid_body", "#/batchsize"],
    ["a number as time", { ...BODY, start: 1903096800 }, {}, 422, "invalid_body", "#/start"],
    ["a fraction of a second", { ...BODY, end: "2030-04-22T15:00:00.5Z" }, {}, 422, "invalid_body", "#/end"],
    [
      "a day that does not exist",
      { ...BODY, start: "2030-02-30T00:00:00Z" },
      {},
      422,
      "invalid_body",
      "#/start",
    ],
    ["a batch too small", { ...BODY, batch_size: 99 }, {}, 422, "invalid_body", "#/batch_size"],
    ["a rate out of range", { ...BODY, rate: 101 }, {}, 422, "invalid_body", "#/rate"],
    [
      "a cap above the deployment's",
      { ...BODY, max_lines_per_second: 100_001 },
      {},
      422,
      "invalid_body",
      "#/max_lines_per_second",
    ],
    ["a reversed window", { start: BODY.end, end: BODY.start }, {}, 422, "window_reversed", "#/end"],
    [
      "an empty window",
      { start: BODY.end, end: BODY.end, end_exclusive: true },
      {},
      422,
      "window_empty",
      "#/end",
    ],
    ["the future", { ...BODY, end: "2030-04-22T18:00:01Z" }, {}, 422, "window_in_future", "#/end"],
    ["eight days", { ...BODY, start: "2030-04-14T14:00:00Z" }, {}, 422, "window_too_long", "#/end"],
    ["a long actor", BODY, { headers: { "X-Actor": "x".repeat(101) } }, 422, "invalid_header", null],
    ["a long key", BODY, { headers: { "Idempotency-Key": "x".repeat(256) } }, 422, "invalid_header", null],
    ["the kill switch", BODY, { env: { BACKFILL_ENABLED: "false" } }, 503, "disabled", null],
    ["the kill switch absent", BODY, { env: { BACKFILL_ENABLED: undefined } }, 503, "disabled", null],
  ];
  it.each(refusals)("refuses %s and changes nothing", async (_what, body, ask, status, code, pointer) => {
    const answer = await api.post(body, { ...ask, headers: { "Idempotency-Key": "k", ...ask.headers } });
    expect([answer.status, answer.json.code, answer.json.status]).toEqual([status, code, status]);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    if (pointer) expect(answer.json.errors).toEqual([{ pointer, detail: expect.any(String) }]);
    expect(await api.everyRun()).toEqual([]);
    expect(api.runs.started).toEqual([]);
    // The refusal also uses up neither the slot nor the key.
    expect(await api.post(BODY, { headers: { "Idempotency-Key": "k" } })).toMatchObject({ status: 201 });
  });

  it("names the missing secrets, because without them nothing can be sent", async () => {
    const answer = await api.post(BODY, { env: { CTYUN_URI_EDGE: undefined, CTYUN_PRIVATE_KEY: "" } });
    expect(answer).toMatchObject({
      status: 503,
      json: { code: "receiver_not_configured", missing: ["CTYUN_URI_EDGE", "CTYUN_PRIVATE_KEY"] },
    });
    expect(await api.everyRun()).toEqual([]);
  });

  it("returns the runs that a long window splits into, and takes each of them", async () => {
    const answer = await api.post({ start: "2030-04-01T00:00:00Z", end: "2030-04-16T00:00:00Z" });
    expect(answer.json.split).toHaveLength(3);
    for (const window of answer.json.split) {
      const started = await api.post(window);
      expect(started.status).toBe(201);
      await api.api.release(
        started.json.id,
        (await api.rowsOf("SELECT fence FROM slot"))[0]?.["fence"] as number,
        0,
        false,
      );
    }
  });

  it("refuses a second run while one is active, naming it", async () => {
    await api.post(BODY);
    const answer = await api.post({ ...BODY, start: "2030-04-22T13:00:00Z" });
    expect(answer).toMatchObject({ status: 409, json: { code: "slot_taken", run: RUN } });
    expect(await api.everyRun()).toHaveLength(1);
  });
});

describe("a repeat with the same Idempotency-Key", () => {
  const keyed = { headers: { "Idempotency-Key": "key-1" } };

  it("is answered as the first time, word for word, although the run moved on", async () => {
    const first = await api.post(BODY, keyed);
    const again = await api.post(`{ "end": "${BODY.end}", "start": "${BODY.start}" }`, keyed);
    expect([again.status, again.text, again.headers.get("Location")]).toEqual([
      201,
      first.text,
      `/runs/${RUN}`,
    ]);
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(api.runs.started).toHaveLength(1);
  });

  it("is answered as the first time even while nothing new may start", async () => {
    const first = await api.post(BODY, keyed);
    const again = await api.post(BODY, {
      ...keyed,
      env: { BACKFILL_ENABLED: "false", CTYUN_ENDPOINT: undefined },
    });
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  it("is refused with another body, because one key is one intent", async () => {
    await api.post(BODY, keyed);
    for (const body of [
      { ...BODY, note: "x" },
      { ...BODY, nonsense: 1 },
    ]) {
      expect(await api.post(body, keyed)).toMatchObject({
        status: 422,
        json: { code: "idempotency_mismatch" },
      });
    }
    expect(await api.everyRun()).toHaveLength(1);
  });

  it("leads to the same run when the first answer was 503", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    api.runs.failStarts = 1;
    const first = await api.post(BODY, keyed);
    expect(first).toMatchObject({ status: 503, json: { code: "start_unconfirmed", run: RUN } });
    expect([first.headers.get("Retry-After"), first.headers.get("Location")]).toEqual(["5", `/runs/${RUN}`]);
    expect(await api.post(BODY, keyed)).toMatchObject({ status: 201, json: { id: RUN } });
    expect(await api.everyRun()).toHaveLength(1);
  });

  it.each([
    ["nothing may start", { BACKFILL_ENABLED: "false", CTYUN_ENDPOINT: undefined }],
    ["the body is refused", { MAX_LINES_PER_SECOND: "2000" }],
  ])("leads to this run when the first answer was 503 and %s meanwhile", async (_meanwhile, env) => {
    vi.spyOn(console, "error").mockReturnValue();
    const body = { ...BODY, max_lines_per_second: 5_000 };
    api.runs.failStarts = 2;
    expect((await api.post(body, keyed)).status).toBe(503);
    const again = await api.post(body, { ...keyed, env });
    expect(again).toMatchObject({ status: 503, json: { code: "start_unconfirmed", run: RUN } });
    expect(await api.post(body, { ...keyed, env })).toMatchObject({ status: 201, json: { id: RUN } });
    expect(await api.everyRun()).toHaveLength(1);
  });
});
