// POST /runs/plan: the estimate of a run, without starting the run.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import type { CoverageWindow, WindowFile } from "../../src/contract/coverage.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { hookBucket } from "../support/run-faults.ts";
import { aReport, HOUR, START, wantedRun } from "../support/registry-fixtures.ts";
import { admitted, NOW } from "../support/registry-under-test.ts";
import { stampOf } from "../support/run-listing.ts";

const api = new ApiUnderTest();
let prefix = "";
beforeEach(() => {
  api.setUp();
  prefix = `plan-${crypto.randomUUID()}/`;
  covers({});
});
afterEach(() => api.tearDown());

const MINUTE = 60_000;
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };

function covers(over: Partial<CoverageWindow>) {
  const cells = 12;
  const none = Array.from({ length: cells }, () => null);
  return vi.spyOn(Coverage.prototype, "window").mockResolvedValue({
    complete: true,
    retry_after_ms: null,
    as_of: "2030-04-22T18:00:00Z",
    oldest_evidence: null,
    live_seen: false,
    states: ".".repeat(cells),
    columns: { raw_files: none, raw_bytes: none, live_files: none, done_batches: none, waiting_batches: none, last_done_at: none, judged_at: none },
    files: [],
    next: null,
    ...over,
  }); // prettier-ignore
}

function keyOf(fromMs: number, toMs: number): string {
  return `${prefix}20300422/${stampOf(fromMs)}_${stampOf(toMs)}_x.log.gz`;
}

/** Puts `count` files, each covering a minute, from the start of the window on. */
async function putMinutes(count: number, bytes = 1_000): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, n) => keyOf(START + n * MINUTE, START + (n + 1) * MINUTE));
  for (const key of keys) await env.LOGS.put(key, "x".repeat(bytes));
  return keys;
}

function fileOf(key: string, state: WindowFile["state"]): WindowFile {
  return { key, state, size: 1, startMs: 0, endMs: 0, uploadedAt: 0, done: null, waiting: null };
}

function plan(body: object = BODY, vars: Record<string, string | undefined> = {}) {
  return api.ask("/runs/plan", { method: "POST", body, env: { LOG_PREFIX: prefix, ...vars } });
}

function codesOf(json: { warnings: { code: string }[] }): string[] {
  return json.warnings.map(({ code }) => code);
}

describe("a plan of an hour", () => {
  it("names files, bytes, span and gaps, and starts nothing", async () => {
    const keys = await putMinutes(6);
    const calls: string[] = [];
    hookBucket((port, call) => {
      calls.push(port);
      return call();
    });
    const { status, json } = await plan();
    expect(status).toBe(200);
    expect(json).toMatchObject({
      window: { ...BODY, interval: "[2030-04-22T14:00:00Z, 2030-04-22T15:00:00Z]" },
      complete: true,
      raw: { files: 6, bytes: 6_000, span: { start: BODY.start, end: "2030-04-22T14:06:00Z" } },
      uncovered: [{ start: "2030-04-22T14:06:00Z", end: BODY.end }],
      uncovered_seconds: 54 * 60,
      slot: { holder: null },
      overlaps: [],
      files_left_off: 0,
    });
    expect((json.files as { key: string }[]).map(({ key }) => key)).toEqual(keys);
    expect(codesOf(json)).toEqual(["uncovered", "rough_estimate"]);
    expect(new Set(calls)).toEqual(new Set(["r2.list"]));
    expect(await api.everyRun()).toEqual([]);
    expect(api.runs.started).toEqual([]);
  });

  it("matches the files that a run of this window would list", async () => {
    const overlapping = [keyOf(START - 5 * MINUTE, START), keyOf(START + HOUR, START + HOUR + MINUTE)];
    const others = [
      keyOf(START - 9 * MINUTE, START - 5 * MINUTE),
      keyOf(START + HOUR + MINUTE, START + HOUR + 2 * MINUTE),
    ];
    for (const key of [...overlapping, ...others, `${prefix}20300422/notes.txt`])
      await env.LOGS.put(key, "x");
    const { json } = await plan();
    expect((json.files as { key: string }[]).map(({ key }) => key).toSorted()).toEqual(
      overlapping.toSorted(),
    );
    expect((await plan({ ...BODY, end_exclusive: true })).json.raw).toMatchObject({ files: 1 });
  });

  it("says by file what was delivered by the live worker, and warns of lines that would go twice", async () => {
    const [first = "", second = "", third = ""] = await putMinutes(3);
    covers({ live_seen: true, files: [fileOf(first, "delivered"), fileOf(second, "partly")] });
    const { json } = await plan();
    expect(json.live).toMatchObject({
      seen: true,
      complete: true,
      files: { delivered: 1, partly: 1, not_delivered: 0, waiting: 0, marked: 0, unknown: 1 },
    });
    expect((json.files as { key: string; live: string }[]).map(({ key, live }) => [key, live])).toEqual([
      [first, "delivered"],
      [second, "partly"],
      [third, "unknown"],
    ]);
    expect(codesOf(json)).toContain("delivered_live");
    const skipping = await plan({ ...BODY, live: "skip_delivered", live_batch_size: 1_000 });
    expect(skipping.json.live).toEqual(json.live);
    // A wholly delivered file gives no line to a run that skips delivered lines.
    expect([json.lines.high, skipping.json.lines.high]).toEqual([75, 50]);
    expect(skipping.json.raw).toEqual(json.raw);
    expect(codesOf(skipping.json)).not.toContain("delivered_live");
    expect(codesOf(skipping.json)).not.toContain("live_of_partner");
  });

  it("warns of lines that would go twice also in a window that is too long to list", async () => {
    const cells = Array.from({ length: 24 }, (_, n) => (n < 3 ? 2 : 0));
    const none = cells.map(() => null);
    const columns = { raw_files: cells, raw_bytes: cells, live_files: cells, done_batches: none, waiting_batches: none, last_done_at: none, judged_at: none }; // prettier-ignore
    covers({ live_seen: true, states: "d".repeat(24), columns });
    const long = { ...BODY, end: new Date(START + 2 * HOUR).toISOString() };
    const { json } = await plan(long);
    expect(json.live).toMatchObject({ files: null, files_with_markers: 6 });
    expect(json.warnings).toContainEqual({
      code: "delivered_live",
      detail: expect.stringMatching(/^6 of 6 files were delivered live/),
    });
    const skipping = await plan({ ...long, live: "skip_delivered", live_batch_size: 1_000 });
    expect(codesOf(skipping.json)).not.toContain("delivered_live");
  });

  it("warns of batches of the live worker without an answer, whether delivered lines are skipped or not", async () => {
    const [first = "", second = ""] = await putMinutes(2);
    covers({ live_seen: true, files: [fileOf(first, "waiting"), fileOf(second, "not_delivered")] });
    for (const options of [{}, { live: "skip_delivered", live_batch_size: 1_000 }])
      expect(codesOf((await plan({ ...BODY, ...options })).json)).toContain("live_unanswered");
    const siem = { RECEIVERS: '{"siem": {"url": "https://siem.example/in"}}' };
    expect(codesOf((await plan({ ...BODY, receiver: "siem" }, siem)).json)).not.toContain("live_unanswered");
  });

  it("warns that the live worker delivers nothing to the receiver of RECEIVER", async () => {
    const [first = ""] = await putMinutes(1);
    covers({ live_seen: true, files: [fileOf(first, "delivered")] });
    const vars = { RECEIVER: '{"url":"https://logs.example.com/in"}' };
    const all = await plan(BODY, vars);
    expect(codesOf(all.json)).toEqual(["uncovered", "rough_estimate"]);
    const skipping = await plan({ ...BODY, live: "skip_delivered", live_batch_size: 1_000 }, vars);
    expect(codesOf(skipping.json)).toContain("live_of_partner");
  });

  it("plans for a receiver by its own runs, and warns of a receiver with the same address", async () => {
    const [first = ""] = await putMinutes(1);
    covers({ live_seen: true, files: [fileOf(first, "delivered")] });
    const copy = { kind: "ctyun", endpoint: "http://receiver.test", uri: "/log/edge", private_key: "k" };
    const vars = { RECEIVERS: JSON.stringify({ copy, siem: { url: "https://siem.example/in" } }) };
    const sender = admitted(await api.api.admit(wantedRun(), null));
    await api.api.report(aReport(sender, { sentSomething: true }));
    const of = async (receiver: string) => (await plan({ ...BODY, receiver }, vars)).json;
    expect(await of("siem")).toMatchObject({ receiver: "siem", overlaps: [], slot: { holder: null } });
    expect(await of("default")).toMatchObject({ receiver: "default", slot: { holder: sender } });
    // The live worker delivered nothing to another receiver.
    expect(codesOf(await of("siem"))).toEqual(["uncovered", "rough_estimate"]);
    expect(codesOf(await of("copy"))).toEqual(["uncovered", "same_address", "rough_estimate"]);
    expect(codesOf(await of("default"))).toContain("same_address");
  });

  it("names the slot's holder and the runs that sent lines of the window, but no dry run", async () => {
    const sender = admitted(await api.api.admit(wantedRun(), null));
    await api.api.report(aReport(sender, { sentSomething: true }));
    const dry = admitted(await api.api.admit({ ...wantedRun(), dryRun: true }, null));
    const { json } = await plan();
    expect(json).toMatchObject({
      slot: { holder: sender },
      overlaps: [{ run: sender, stage_code: "sending" }],
    });
    expect(JSON.stringify(json.overlaps)).not.toContain(dry);
    expect(codesOf(json)).toEqual(expect.arrayContaining(["slot_taken", "overlap"]));
    await api.api.release(sender, 1, NOW, true);
    expect(codesOf((await plan({ ...BODY, replay: true })).json)).not.toContain("overlap");
  });

  it("estimates lines from the newest counted run", async () => {
    await putMinutes(3, 20_000);
    const dry = admitted(await api.api.admit({ ...wantedRun(), dryRun: true }, null));
    await api.api.report(aReport(dry, { stage: "counted", finished: true }));
    const files = [10_000, 20_000, 40_000].map((size) => ({ size, lines: { kept: 100 } }));
    vi.spyOn(BackfillRun.prototype, "listFiles").mockResolvedValue({
      ok: true,
      page: { items: files as never, next_cursor: null },
    });
    const { json } = await plan({ ...BODY, max_lines_per_second: 100, batch_size: 100 });
    expect(json).toMatchObject({
      lines: { low: 150, high: 600, bytes_per_line: { low: 100, high: 400, from: { run: dry, files: 3 } } },
      batches: { low: 3, high: 9 },
      minutes_at_cap: { low: 0.1, high: 0.1 },
    });
    expect(codesOf(json)).not.toContain("rough_estimate");
  });

  it("warns of what would refuse or delay a start", async () => {
    const at = { start: "2030-04-22T17:00:00Z", end: "2030-04-22T18:00:00Z" };
    const { json } = await plan(at, { BACKFILL_ENABLED: "false", CTYUN_ENDPOINT: undefined });
    expect(codesOf(json)).toEqual(
      expect.arrayContaining(["disabled", "receiver_not_configured", "no_raw_file", "late_files"]),
    );
  });

  it("does without Coverage and without R2, and says so", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(console, "warn").mockReturnValue();
    vi.spyOn(Coverage.prototype, "window").mockRejectedValue(new Error("down"));
    vi.spyOn(env.LOGS, "list").mockRejectedValue(new Error("R2 is down"));
    const { status, json } = await plan();
    expect(status).toBe(200);
    expect(json).toMatchObject({ complete: false, live: null, retry_after_ms: 1_000 });
    expect(codesOf(json)).toEqual(expect.arrayContaining(["incomplete", "coverage_unavailable"]));
  });

  it("ends its listing in time, and says that it is incomplete", async () => {
    await putMinutes(3);
    const really = env.LOGS.list.bind(env.LOGS);
    vi.spyOn(env.LOGS, "list").mockImplementation(async (options) => {
      vi.setSystemTime(Date.now() + 800);
      return really({ ...options, limit: 1 });
    });
    const { json } = await plan();
    expect(json.complete).toBe(false);
    expect(codesOf(json)).toContain("incomplete");
  });
});

describe("a plan of more than an hour", () => {
  const LONG = { start: "2030-04-22T12:00:00Z", end: "2030-04-22T15:00:00Z" };

  it("lists nothing, and answers from what Coverage has looked at", async () => {
    const list = vi.spyOn(env.LOGS, "list");
    const cells = Array.from({ length: 36 }, (_, n) => (n < 12 ? 5 : n < 14 ? 0 : null));
    const asked = covers({
      complete: false,
      retry_after_ms: 700,
      columns: {
        raw_files: cells,
        raw_bytes: cells.map((count) => count && count * 1_000),
        live_files: cells,
        done_batches: [],
        waiting_batches: [],
        last_done_at: [],
        judged_at: [],
      },
    });
    const { json } = await plan(LONG);
    expect(json).toMatchObject({
      complete: false,
      retry_after_ms: 700,
      raw: { files: 60, bytes: 60_000, span: null },
      uncovered: [{ start: "2030-04-22T13:00:00Z", end: "2030-04-22T13:10:00Z" }],
      live: { files: null, files_with_markers: 60 },
      files: null,
    });
    expect(list).not.toHaveBeenCalled();
    expect(asked).toHaveBeenCalledWith(
      { startMs: Date.parse(LONG.start), endMs: Date.parse(LONG.end) },
      "presence",
      null,
    );
  });
});

it.each([
  ["the future", { ...BODY, end: "2030-04-22T19:00:00Z" }, "window_in_future", "#/end"],
  ["an unknown field", { ...BODY, files: 3 }, "invalid_body", "#/files"],
  ["eight days", { ...BODY, start: "2030-04-14T14:00:00Z" }, "window_too_long", "#/end"],
  ["no window", {}, "invalid_body", "#/start"],
] satisfies [string, object, string, string][])(
  "refuses a plan of %s",
  async (_what, body, code, pointer) => {
    const { status, json } = await plan(body);
    expect([status, json.code, json.errors[0].pointer]).toEqual([422, code, pointer]);
  },
);
