// An operator's decisions over HTTP with the real Durable Objects: the effect of each verb, and refusals that
// change nothing. The run's own tests and test/workerd/inputs-* have the details of each verb.
import { afterEach, beforeEach, expect, it } from "vitest";
import { isoSecond } from "../../src/contract/run-id.ts";
import { askWorker } from "../support/answer-check.ts";
import { TOKEN } from "../support/api-under-test.ts";

async function ask(path: string, method = "GET", body?: unknown) {
  const init: RequestInit = { method, headers: { Authorization: `Bearer ${TOKEN}`, "X-Actor": "li.wei" } };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await askWorker(path, init);
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get("Content-Type") ?? "");
  const json: Record<string, unknown> = isJson ? JSON.parse(text) : {};
  return { status: response.status, json, text };
}

let run = "";

/** Starts a run when the slot is free. Returns its path. */
async function started(fromMs: number, toMs: number): Promise<string> {
  const body = { start: isoSecond(Date.now() + fromMs), end: isoSecond(Date.now() + toMs), replay: true };
  let id: unknown;
  const post = async () => {
    const answer = await ask("/runs", "POST", body);
    id = answer.json["id"];
    return answer.status;
  };
  await expect.poll(post).toBe(201);
  return `/runs/${String(id)}`;
}

async function aborted(path: string): Promise<void> {
  await ask(`${path}?force=true`, "DELETE");
  await expect.poll(async () => (await ask(path)).json["stage_code"]).toBe("aborted");
}

async function isActive(path: string): Promise<boolean | undefined> {
  const listed = (await ask("/runs")).json["items"] as { id: string; active: boolean }[];
  return listed.find(({ id }) => `/runs/${id}` === path)?.active;
}

/** The time of day in UTC, this many hours from now. */
const night = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);

beforeEach(async () => {
  // Within the late margin, so the run keeps listing and does not end by itself.
  run = await started(-60_000, 0);
});

afterEach(() => aborted(run));

it("pauses and resumes, and the audit trail says who did", async () => {
  const paused = await ask(`${run}/pause`, "POST", { note: "partner asks for quiet" });
  expect(paused).toMatchObject({
    status: 202,
    json: { stage_code: "paused", state_reason: { detail: "partner asks for quiet" }, changed: 1 },
  });
  expect(paused.json["leases_out"]).toBeTypeOf("number");
  // A repeated command changes nothing and is no error.
  expect(await ask(`${run}/pause`, "POST")).toMatchObject({ status: 202, json: { changed: 0 } });
  expect(await ask(`${run}/resume`, "POST")).toMatchObject({ status: 202, json: { changed: 1 } });
  expect((await ask(run)).json["stage_code"]).not.toBe("paused");
  expect(await ask(`${run}/resume`, "POST")).toMatchObject({ status: 409, json: { code: "wrong_state" } });

  const events = (await ask(`${run}/events`)).json["items"] as Record<string, unknown>[];
  const changes = events.filter(({ actor }) => actor === "unverified:li.wei").map(({ kind }) => kind);
  expect(changes).toEqual(expect.arrayContaining(["pause", "resume"]));
});

it("releases the slot when it is paused with park, and acquires it again on resume", async () => {
  await ask(`${run}/pause`, "POST", { park: true });
  await expect.poll(() => isActive(run)).toBe(false);
  expect((await ask(`${run}/resume`, "POST")).status).toBe(202);
  await expect.poll(() => isActive(run)).toBe(true);
});

it("names the run that owns the slot when a parked run resumes, and changes nothing", async () => {
  const parked = run;
  await ask(`${parked}/pause`, "POST", { park: true });
  const holder = await started(-7_200_000, -1_000);
  expect(await ask(`${parked}/resume`, "POST")).toMatchObject({
    status: 409,
    json: { code: "slot_taken", run: holder.slice("/runs/".length) },
  });
  expect((await ask(parked)).json["stage_code"]).toBe("paused");
  await aborted(holder);
});

it("frees the slot for another run outside its hours, waits for it, and goes on", async () => {
  const send_between = { from: night(3), to: night(4), zone: "UTC" };
  expect(await ask(run, "PATCH", { send_between })).toMatchObject({
    status: 200,
    json: {
      stage_code: "suspended",
      state_reason: { code: "quiet_hours" },
      limits: { send_between: [send_between] },
    },
  });
  await expect.poll(() => isActive(run)).toBe(false);
  const holder = await started(-7_200_000, -1_000);
  await ask(run, "PATCH", { send_between: null });
  const detail = expect.stringContaining(holder.slice("/runs/".length)) as string;
  await expect
    .poll(async () => (await ask(run)).json["state_reason"])
    .toEqual({ code: "slot_taken", detail });
  await aborted(holder);
  // The run asks again by itself within 15 s. An operator's command asks at once.
  await expect.poll(async () => (await ask(`${run}/retry`, "POST")).status).toBe(202);
  expect((await ask(run)).json["state_reason"]).not.toMatchObject({ code: "slot_taken" });
  expect(await isActive(run)).toBe(true);
});

it("changes limits, which the status shows, and nothing else", async () => {
  const body = { max_lines_per_second: 5_000, max_in_flight: 7, rate: 3 };
  expect(await ask(run, "PATCH", body)).toMatchObject({ status: 200, json: { changed: 3 } });
  expect((await ask(run)).json["rate"]).toMatchObject({
    max_lines_per_second: 5_000,
    max_in_flight: 7,
    files_per_minute: 3,
  });
  await ask(run, "PATCH", { rate: "auto" });
  expect((await ask(run)).json["rate"]).toMatchObject({
    max_lines_per_second: 5_000,
    files_per_minute: "auto",
  });
});

it("refuses what does not fit the run, naming why", async () => {
  const refusals: [string, unknown, number, string][] = [
    ["/accept", { codes: ["late_files"], note: "x" }, 409, "nothing_to_accept"],
    ["/accept", { codes: ["late_files"] }, 422, "note_needed"],
    ["/late/take", {}, 409, "nothing_to_accept"],
    ["/files/999/retry", {}, 404, "unknown_file"],
    ["/files/999/accept", { note: "x" }, 404, "unknown_file"],
    ["/batches/999/retry", {}, 404, "unknown_batch"],
    ["/batches/999/resolve", { outcome: "discard", note: "x" }, 404, "unknown_batch"],
    ["/resume", { answers: "success" }, 409, "wrong_state"],
    ["/resume", { accept_receiver: true }, 422, "note_needed"],
  ];
  for (const [path, body, status, code] of refusals) {
    expect(await ask(run + path, "POST", body), path).toMatchObject({ status, json: { code } });
  }
  // Batches of this run have a thousand lines.
  expect(await ask(run, "PATCH", { rate: 5, max_lines_per_second: 999 })).toMatchObject({
    status: 422,
    json: { code: "invalid_value", errors: [{ pointer: "#/max_lines_per_second" }] },
  });
  expect((await ask(run)).json["rate"]).toMatchObject({ files_per_minute: "auto" });
  expect((await ask(run)).json["exceptions"]).toBe(0);
});

it("shows an empty ledger as empty, not as cut off", async () => {
  const ledger = await ask(`${run}/ledger`);
  expect(ledger.text.trim().split("\n").map((line) => JSON.parse(line) as unknown).at(-1)).toMatchObject({ kind: "end" }); // prettier-ignore
});

it("refuses every verb once the run has ended", async () => {
  await aborted(run);
  for (const path of ["/pause", "/resume", "/retry", "/files/1/retry", "/late/take"]) {
    expect(await ask(run + path, "POST"), path).toMatchObject({ status: 409, json: { code: "run_ended" } });
  }
  expect(await ask(run, "PATCH", { rate: 5 })).toMatchObject({ status: 409, json: { code: "run_ended" } });
});
