// The routes of the window queue: answers, keys, holes and pages.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import type { CoverageHole, CoverageView } from "../../src/contract/coverage.ts";
import { QueueUnderTest, hours } from "../support/queue-under-test.ts";

const queue = new QueueUnderTest();
beforeEach(() => queue.setUp());
afterEach(() => queue.tearDown());

const KEY = { "Idempotency-Key": "night-17" };

describe("POST /windows", () => {
  it("answers 202 with an outcome for each window, and the queue", async () => {
    await queue.ask("/windows/pause", { method: "POST" });
    const answer = await queue.queue({ windows: [hours(0, 1), hours(0, 1), { start: "x" }] });
    expect(answer).toMatchObject({
      status: 202,
      json: {
        outcomes: [
          { index: 0, outcome: "queued", id: 1, state: "queued", start: "2030-04-20T00:00:00Z", end_exclusive: true },
          { index: 1, outcome: "duplicate", of: { window: 1 } },
          { index: 2, outcome: "dropped", reason: "invalid", errors: [{ pointer: "#/windows/2/start" }, { pointer: "#/windows/2/end" }] },
        ],
        queue: {
          queued: 1,
          running: 0,
          holder: null,
          waits_for: "paused",
          hindrance: { code: "paused", run: null, not_before: null },
          reserved: [],
        },
      },
    }); // prettier-ignore
  });

  it("gives a repeat of the key the first answer, whatever has changed since", async () => {
    const body = { windows: [hours(0, 1)] };
    const first = await queue.queue(body, { headers: KEY });
    await queue.turn();
    const again = await queue.queue(body, { headers: KEY });
    expect(again.status).toBe(202);
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(again.json).toEqual(first.json);
    expect(await queue.queue({ windows: [hours(1, 2)] }, { headers: KEY })).toMatchObject({
      status: 422,
      json: { code: "idempotency_mismatch" },
    });
    expect(await queue.queue({ windows: [] }, { headers: { "Idempotency-Key": "other" } })).toMatchObject({
      status: 422,
    });
    expect(await queue.states()).toEqual(["1 running"]);
  });

  it("forgets a key after a day", async () => {
    await queue.queue({ windows: [hours(0, 1)] }, { headers: KEY });
    await queue.later(86_400_000);
    expect((await queue.queue({ windows: [hours(1, 2)] }, { headers: KEY })).status).toBe(202);
  });

  it("drops what is over the cap of a source, and says when to come again", async () => {
    const windows = Array.from({ length: 3 }, (_, n) => hours(2 * n, 2 * n + 1));
    const vars = { env: { MAX_WINDOWS_PER_SOURCE_PER_MINUTE: "2" } };
    const answer = await queue.queue({ windows, source: "live" }, vars);
    expect(answer.json.outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "queued",
      "queued",
      "dropped",
    ]);
    expect(answer.headers.get("Retry-After")).toBe("60");
    vi.setSystemTime(Date.now() + 59_999);
    expect((await queue.queue({ windows, source: "live" }, vars)).status).toBe(200);
    expect((await queue.queue({ windows: [hours(8, 9)], source: "other" }, vars)).status).toBe(202);
    vi.setSystemTime(Date.now() + 1);
    const later = await queue.queue({ windows: [hours(4, 5)], source: "live" }, vars);
    expect(later.json.outcomes).toMatchObject([{ outcome: "queued" }]);
  });

  it("closes gaps up to COALESCE_SECONDS only with skip_delivered", async () => {
    await queue.ask("/windows/pause", { method: "POST" });
    const windows = [hours(0, 1), hours(1.05, 2)];
    const vars = { env: { LIVE_BATCH_SIZE: "1000" } };
    const outcomes = async (body: object) =>
      (await queue.queue({ windows, ...body }, vars)).json.outcomes.map(
        ({ outcome }: { outcome: string }) => outcome,
      );
    expect(await outcomes({})).toEqual(["queued", "queued"]);
    const live = { live: "skip_delivered", replay: true };
    expect(await outcomes({ options: live })).toEqual(["queued", "coalesced"]);
  });

  it("queues nothing of a body that is refused", async () => {
    for (const body of [{}, { days: 0 }, { days: 3 }, { windows: [hours(0, 1)], options: { canary: 1 } }])
      expect((await queue.queue(body)).status).toBe(422);
    expect(await queue.states()).toEqual([]);
  });

  it("takes 1,000 windows, and refuses more", async () => {
    const windows = Array.from({ length: 1_000 }, (_, n) => hours(-n * 2, -n * 2 + 1));
    expect((await queue.queue({ windows })).json.queue).toMatchObject({ queued: 1_000 });
    expect((await queue.queue({ windows: [...windows, hours(1, 2)] })).status).toBe(422);
  });
});

describe("days: -1", () => {
  it("begins with the day of the oldest raw file, and needs one", async () => {
    const prefix = `oldest-${crypto.randomUUID()}/`;
    const ask = { env: { LOG_PREFIX: prefix } };
    const body = { days: -1, options: { live: "ignore" } };
    expect(await queue.queue(body, ask)).toMatchObject({ status: 409, json: { code: "no_raw_files" } });
    for (const day of ["20300419", "20300301"])
      await env.LOGS.put(`${prefix}${day}/${day}T120000Z_${day}T130000Z_x.log.gz`, "x");
    expect((await queue.queue(body, ask)).json.outcomes).toMatchObject([
      { outcome: "queued", start: "2030-03-01T00:00:00Z", end: "2030-04-22T17:00:00Z" },
    ]);
  });
});

/** Times of the day of `hours`. */
function span(start: string, end: string) {
  return { start: `2030-04-20T${start}Z`, end: `2030-04-20T${end}Z` };
}

function hole(from: string, to: string, inner: [string, string]): CoverageHole {
  const outer = span(from, to);
  return { ...outer, kind: "not_delivered", files: 1, bytes: 1, inner: span(...inner), outer, replays: [] };
}

describe("from_coverage", () => {
  const range = span("00:00:00", "12:00:00");

  function covered(over: Partial<CoverageView>): void {
    vi.spyOn(Coverage.prototype, "view").mockResolvedValue({
      ...range,
      cell_seconds: 300,
      as_of: null,
      complete: true,
      retry_after_ms: null,
      progress: { raw: [1, 1], presence: [1, 1], exact: [1, 1] },
      possible_holes: [],
      oldest_evidence: null,
      states: "",
      proposals: [],
      holes: [
        hole("02:00:00", "02:47:00", ["02:05:00", "02:40:00"]),
        hole("05:00:00", "06:00:00", ["05:00:00", "06:00:00"]),
      ],
      live: { seen: true, note: null, foreign_keys: {} },
      limits: [],
      ...over,
    });
  }

  it("queues the outer span of each hole with skip_delivered, and the inner span without", async () => {
    covered({});
    await queue.ask("/windows/pause", { method: "POST" });
    const outcomes = async (live: string) =>
      (
        await queue.queue(
          { from_coverage: range, options: { live, replay: true } },
          { env: { LIVE_BATCH_SIZE: "1000" } },
        )
      ).json.outcomes;
    expect(await outcomes("skip_delivered")).toMatchObject([
      { outcome: "queued", ...span("02:00:00", "02:47:00"), end_exclusive: true },
      { outcome: "queued", ...span("05:00:00", "06:00:00") },
    ]);
    expect(await outcomes("ignore")).toMatchObject([
      { outcome: "queued", ...span("02:05:00", "02:40:00") },
      { outcome: "queued", ...span("05:00:00", "06:00:00") },
    ]);
  });

  it("queues the second of a hole that Coverage shows as a single instant", async () => {
    covered({ holes: [hole("02:00:00", "02:00:00", ["02:00:00", "02:00:00"])] });
    await queue.ask("/windows/pause", { method: "POST" });
    const { json } = await queue.queue({ from_coverage: range, options: { live: "ignore" } });
    expect(json.outcomes).toMatchObject([{ outcome: "queued", ...span("02:00:00", "02:00:01") }]);
  });

  it("queues nothing while coverage is not complete, and says when to come again", async () => {
    covered({ complete: false, retry_after_ms: 2_500 });
    const answer = await queue.queue({ from_coverage: range, options: { live: "ignore" } });
    expect(answer).toMatchObject({
      status: 409,
      json: { code: "coverage_incomplete", retry_after_seconds: 3 },
    });
    expect(answer.headers.get("Retry-After")).toBe("3");
    expect(await queue.states()).toEqual([]);
  });

  it("has no outcome when there is no hole", async () => {
    covered({ holes: [] });
    expect(await queue.queue({ from_coverage: range, options: { live: "ignore" } })).toMatchObject({
      status: 200,
      json: { outcomes: [] },
    });
  });
});

describe("GET /windows", () => {
  it("shows every window on some page, in the order of starting or newest first", async () => {
    await queue.ask("/windows/pause", { method: "POST" });
    await queue.queue({ windows: [hours(0, 1), hours(2, 3)] });
    await queue.queue({ windows: [hours(4, 5), hours(6, 7)], priority: 3 });
    await queue.ask("/windows/4/move", { method: "POST", body: { before: 1 } });
    for (const [query, order] of [
      ["state=queued&", [3, 4, 1, 2]],
      ["", [4, 3, 2, 1]],
      ["state=queued,delivered&", [4, 3, 2, 1]],
    ] as const) {
      const ids: number[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const path: string = `/windows?${query}limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
        const { json } = await queue.ask(path);
        ids.push(...json.items.map(({ id }: { id: number }) => id));
        cursor = json.next_cursor;
      }
      expect(ids).toEqual(order);
    }
  });

  it.each(["?state=open", "?limit=0", "?cursor=%21", "?cursor=AAAA", "?stat=queued"])(
    "refuses %s",
    async (query) => {
      expect(await queue.ask(`/windows${query}`)).toMatchObject({
        status: 422,
        json: { code: "invalid_query" },
      });
    },
  );

  it.each(["0", "9", "x", "1e3", "99999999999999999999"])("does not know window %s", async (id) => {
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/move"],
    ] as const) {
      const ask = method === "GET" ? { method } : { method, body: path === "" ? {} : { before: 1 } };
      expect(await queue.ask(`/windows/${id}${path}`, ask)).toMatchObject({
        status: 404,
        json: { code: "unknown_window" },
      });
    }
  });

  it.each([{}, { before: 1, after: 1 }, { after: 0 }])("refuses to move a window to %j", async (body) => {
    expect(await queue.ask("/windows/1/move", { method: "POST", body })).toMatchObject({
      status: 422,
      json: { code: "invalid_body" },
    });
  });

  it("refuses to move a window that does not wait", async () => {
    await queue.queued({ windows: [hours(0, 1), hours(2, 3)] });
    for (const [id, before] of [
      [1, 2],
      [2, 1],
    ])
      expect(await queue.ask(`/windows/${id}/move`, { method: "POST", body: { before } })).toMatchObject({
        status: 409,
        json: { code: "window_wrong_state" },
      });
  });
});
