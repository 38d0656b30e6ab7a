// The routes for an operator's decisions: the command that reaches the run, and the answer for each refusal.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OperatorCode } from "../../src/contract/operator.ts";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { ApiUnderTest, type Answer } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

async function aRun(): Promise<string> {
  return admitted(await api.api.admit(wantedRun(), null));
}

async function give(path: string, body?: unknown, method = "POST"): Promise<Answer> {
  return api.ask(`/runs/${await aRun()}${path}`, { method, body });
}

type Command = Record<string, unknown>;
const VERBS: [string, unknown, number, Command][] = [
  ["/accept", { codes: ["late_files"] }, 200, { do: "accept_codes", codes: ["late_files"] }],
  [
    "/accept",
    { codes: ["empty_window", "foreign_folders", "empty_window"] },
    200,
    { do: "accept_codes", codes: ["empty_window", "foreign_folders"] },
  ],
  ["/late/take", {}, 202, { do: "take_late", replay: false }],
  ["/files/7/retry", {}, 202, { do: "retry_file", file: 7, allowDuplicates: false, replay: false }],
  [
    "/files/7/retry",
    { allow_duplicates: true },
    202,
    { do: "retry_file", file: 7, allowDuplicates: true, replay: false },
  ],
  ["/files/7/accept", {}, 200, { do: "accept_file", file: 7 }],
  ["/batches/8/retry", {}, 202, { do: "retry_batch", batch: 8, replay: false }],
  [
    "/batches/8/resolve",
    { outcome: "delivered" },
    200,
    { do: "resolve_batch", batch: 8, outcome: "delivered", replay: false },
  ],
  [
    "/batches/8/resolve",
    { outcome: "discard" },
    200,
    { do: "resolve_batch", batch: 8, outcome: "discard", replay: false },
  ],
  [
    "/batches/8/resolve",
    { outcome: "resend" },
    202,
    { do: "resolve_batch", batch: 8, outcome: "resend", replay: false },
  ],
  ["/retry", {}, 202, { do: "retry_all", replay: false }],
  ["/retry", { replay: true }, 202, { do: "retry_all", replay: true }],
  ["/late/take", { replay: true }, 202, { do: "take_late", replay: true }],
  ["/batches/8/retry", { replay: true }, 202, { do: "retry_batch", batch: 8, replay: true }],
  [
    "/files/7/retry",
    { replay: true },
    202,
    { do: "retry_file", file: 7, allowDuplicates: false, replay: true },
  ],
  ["/pause", {}, 202, { do: "pause", park: false }],
  ["/pause", { park: true }, 202, { do: "pause", park: true }],
  ["/resume", {}, 202, { do: "resume", acceptReceiver: false, answers: null }],
  [
    "/resume",
    { accept_receiver: true, answers: "refused" },
    202,
    { do: "resume", acceptReceiver: true, answers: "refused" },
  ],
  ["/verify", {}, 202, { do: "verify" }],
];

describe("an operator's request", () => {
  it.each(VERBS)(
    "reaches the run with actor and note: POST …%s %j is answered %i",
    async (path, body, status, command) => {
      const id = await aRun();
      const answer = await api.ask(`/runs/${id}${path}`, {
        method: "POST",
        body: { ...(body as object), note: " ticket 7 " },
        headers: { "X-Actor": "li.wei" },
      });
      expect([answer.status, answer.json.leases_out, answer.json.changed]).toEqual([status, 2, 3]);
      expect(answer.json).toMatchObject({ stage_code: "scanning_and_queueing", lines: { read: 0 } });
      expect(api.commands).toEqual([{ ...command, actor: "unverified:li.wei", note: "ticket 7" }]);
    },
  );

  it.each(VERBS.filter(([, body]) => Object.keys(body as object).length === 0))(
    "needs no body on POST …%s, because every field is optional",
    async (path, _body, status, command) => {
      expect((await give(path)).status).toBe(status);
      expect(api.commands).toEqual([{ ...command, actor: "token", note: null }]);
    },
  );

  it.each([
    [{ max_lines_per_second: 100 }, { maxLinesPerSecond: 100 }],
    [{ max_in_flight: 60 }, { maxInFlight: 60 }],
    [
      { rate: "auto", max_in_flight: 1 },
      { rate: "auto", maxInFlight: 1 },
    ],
    [
      { max_requests_per_second: 3, max_bytes_per_second: 10_000 },
      { maxRequestsPerSecond: 3, maxBytesPerSecond: 10_000 },
    ],
    [
      { max_requests_per_second: null, max_bytes_per_second: null },
      { maxRequestsPerSecond: null, maxBytesPerSecond: null },
    ],
    [
      { polite: false, on_uncertain: "hold" },
      { polite: false, onUncertain: "hold" },
    ],
    [
      { send_between: { from: "22:00", to: "24:00", zone: "UTC" }, daily_lines: 100 },
      { sendBetween: [{ from: "22:00", to: "24:00", zone: "UTC" }], dailyLines: 100 },
    ],
    [
      { send_between: null, daily_lines: null },
      { sendBetween: null, dailyLines: null },
    ],
  ])("changes these limits and no other: PATCH %j", async (body, limits) => {
    expect(await give("", body, "PATCH")).toMatchObject({ status: 200, json: { changed: 3 } });
    expect(api.commands).toEqual([{ do: "patch", limits, actor: "token", note: null }]);
  });

  it.each([
    ["/accept", {}, "#/codes"],
    ["/accept", { codes: [] }, "#/codes"],
    ["/accept", { codes: "late_files" }, "#/codes"],
    ["/accept", { codes: ["late_files", "all"] }, "#/codes/1"],
    ["/late/take", { codes: [] }, "#/codes"],
    ["/files/7/retry", { allow_duplicates: "true" }, "#/allow_duplicates"],
    ["/files/7/accept", { note: "x".repeat(1_001) }, "#/note"],
    ["/files/7/accept", { note: 7 }, "#/note"],
    ["/files/7/accept", { notes: "a typo" }, "#/notes"],
    ["/batches/8/retry", { allow_duplicates: true }, "#/allow_duplicates"],
    ["/batches/8/resolve", {}, "#/outcome"],
    ["/batches/8/resolve", { outcome: "discard", replay: true }, "#/replay"],
    ["/retry", { replay: "true" }, "#/replay"],
    ["/batches/8/resolve", { outcome: "done" }, "#/outcome"],
    ["/retry", [], "#"],
    ["/pause", { park: 1 }, "#/park"],
    ["/resume", { accept_receiver: null }, "#/accept_receiver"],
    ["/resume", { answers: "maybe" }, "#/answers"],
    ["/verify", { now: true }, "#/now"],
  ])("is refused at its fault, and never reaches the run: POST …%s %j", async (path, body, pointer) => {
    expect(await give(path, body)).toMatchObject({
      status: 422,
      json: { code: "invalid_body", errors: [{ pointer }] },
    });
    expect(api.commands).toEqual([]);
  });

  it.each([
    [{}, "#"],
    [{ note: "nothing else" }, "#"],
    [{ max_lines_per_second: 99 }, "#/max_lines_per_second"],
    [{ max_lines_per_second: 100_001 }, "#/max_lines_per_second"],
    [{ max_in_flight: 61 }, "#/max_in_flight"],
    [{ rate: 0 }, "#/rate"],
    [{ batch_size: 100 }, "#/batch_size"],
    [{ max_lines_per_second: null }, "#/max_lines_per_second"],
    [{ max_in_flight: null }, "#/max_in_flight"],
    [{ rate: null }, "#/rate"],
    [{ polite: null }, "#/polite"],
    [{ on_uncertain: "ask" }, "#/on_uncertain"],
    [{ max_requests_per_second: 0 }, "#/max_requests_per_second"],
    [{ max_bytes_per_second: 9_999 }, "#/max_bytes_per_second"],
  ])("is refused when it changes nothing or breaks a bound: PATCH %j", async (body, pointer) => {
    const answer = await give("", body, "PATCH");
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_body" } });
    expect(answer.json.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(api.commands).toEqual([]);
  });

  it("refuses a cap above the deployment's", async () => {
    const id = await aRun();
    const ask = { method: "PATCH", env: { MAX_LINES_PER_SECOND: "2000" } };
    expect(await api.ask(`/runs/${id}`, { ...ask, body: { max_lines_per_second: 2_001 } })).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: "#/max_lines_per_second" }] },
    });
    expect((await api.ask(`/runs/${id}`, { ...ask, body: { max_lines_per_second: 2_000 } })).status).toBe(
      200,
    );
  });

  it.each(["/files/0/retry", "/files/-1/accept", "/files/1.0/retry", "/files/x/accept", "/files/1e3/retry"])(
    "answers 404 for …%s, because files have numbers from 1",
    async (path) => {
      expect(await give(path, {})).toMatchObject({ status: 404, json: { code: "unknown_file" } });
      expect(api.commands).toEqual([]);
    },
  );

  it("answers 404 for a text that is no batch number, however long it is", async () => {
    for (const number of ["0", "01", "9".repeat(16)]) {
      const answer = await giveAgain(`/batches/${number}/retry`);
      expect(answer, number).toMatchObject({ status: 404, json: { code: "unknown_batch" } });
    }
    expect(api.commands).toEqual([]);
  });

  it("refuses parameters, because an option in the wrong place must not mean its default", async () => {
    expect(await give("/pause?park=true")).toMatchObject({
      status: 422,
      json: { code: "invalid_query", errors: [{ parameter: "park" }] },
    });
    expect(api.commands).toEqual([]);
  });

  it("refuses an actor that could forge the audit trail", async () => {
    const id = await aRun();
    const ask = { method: "POST", headers: { "X-Actor": "x".repeat(101) } };
    expect(await api.ask(`/runs/${id}/retry`, ask)).toMatchObject({
      status: 422,
      json: { code: "invalid_header" },
    });
    expect(api.commands).toEqual([]);
  });

  it("refuses a body that is no JSON", async () => {
    expect(await give("/pause", "park")).toMatchObject({ status: 400, json: { code: "body_not_json" } });
  });
});

const ANOTHER = "20300422T140000Z_20300422T150000Z_20300423T010203Z";
describe("a run's refusal", () => {
  const codes: [OperatorCode, number, string, string][] = [
    ["unknown_run", 503, "start_unconfirmed", "/files/7/accept"],
    ["run_ended", 409, "run_ended", "/files/7/accept"],
    ["unknown_file", 404, "unknown_file", "/files/7/accept"],
    ["unknown_batch", 404, "unknown_batch", "/batches/7/retry"],
    ["wrong_state", 409, "wrong_state", "/files/7/accept"],
    ["nothing_to_accept", 409, "nothing_to_accept", "/late/take"],
    ["note_needed", 422, "note_needed", "/files/7/accept"],
    ["send_needed", 422, "send_needed", "/files/7/accept"],
  ];
  it.each(codes)("goes out as %s with %i %s", async (code, status, onTheWire, path) => {
    api.operated = { ok: false, code, detail: "for this reason" };
    const answer = await give(path);
    expect([answer.status, answer.json.code]).toEqual([status, onTheWire]);
    if (onTheWire === code) expect(answer.json.detail).toBe("for this reason");
  });

  it("points at the note when the note is missing", async () => {
    api.operated = { ok: false, code: "note_needed", detail: "say why" };
    expect((await give("/files/7/accept")).json.errors).toEqual([{ pointer: "#/note", detail: "say why" }]);
  });

  it.each([
    ["maxLinesPerSecond", "#/max_lines_per_second"],
    ["maxInFlight", "#/max_in_flight"],
    ["onUncertain", "#/on_uncertain"],
    ["rate", "#/rate"],
    ["dailyLines", "#/daily_lines"],
  ] as const)("points at the field when the value of %s is refused", async (limit, pointer) => {
    api.operated = { ok: false, code: "invalid_value", limit, detail: "could never leave" };
    const body = { max_lines_per_second: 100, max_in_flight: 1, rate: 1 };
    expect(await give("", body, "PATCH")).toMatchObject({
      status: 422,
      json: { code: "invalid_value", errors: [{ pointer, detail: "could never leave" }] },
    });
  });

  it("names the run that owns the slot when the slot is taken", async () => {
    api.operated = { ok: false, code: "slot_taken", detail: "", holder: "another" };
    expect(await give("/retry")).toMatchObject({ status: 409, json: { code: "slot_taken", run: "another" } });
  });

  it("names the run that sent these lines meanwhile, and what both cover", async () => {
    const overlaps = [{ run: ANOTHER, start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" }];
    api.operated = { ok: false, code: "overlap", detail: "sent before", overlaps };
    expect(await give("/retry")).toMatchObject({ status: 409, json: { code: "overlap", overlaps } });
  });

  it("hides what was thrown", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(BackfillRun.prototype, "operate").mockRejectedValue(new Error("sekret"));
    const answer = await give("/retry");
    expect([answer.status, answer.json.code]).toEqual([500, "internal_error"]);
    expect(answer.text).not.toContain("sekret");
  });
});

/** Repeats the command on the same run. */
async function giveAgain(path: string): Promise<Answer> {
  const id = (await api.everyRun())[0]?.id ?? (await aRun());
  return api.ask(`/runs/${id}${path}`, { method: "POST" });
}
