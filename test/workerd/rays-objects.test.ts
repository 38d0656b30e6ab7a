// GET /runs/:id/rays/:ray: which raw objects a search reads, and which requests it refuses.
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { linesOf, logName, ndjson, rayIds, record } from "../support/inputs-under-test.ts";
import { IDS, MINUTE, RaysUnderTest } from "../support/rays-under-test.ts";
import { WINDOW_START } from "../support/run-under-test.ts";

const run = new RaysUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** A time within the range of file `n`. */
const timeOf = (n: number) => ({ EdgeStartTimestamp: WINDOW_START / 1_000 + 60 * n });

describe("the raw objects", () => {
  it("are named when they are gone", async () => {
    const key = await run.deliverThree();
    await env.LOGS.delete(key);
    expect((await run.ask(IDS[3]!)).json).toMatchObject({
      found: [],
      looked_at: [{ file: 1, key, state: "closed", result: "raw_object_gone", occurrences: 0 }],
      next_cursor: null,
    });
  });

  it("are named when they are other objects now", async () => {
    const key = await run.deliverThree();
    await env.LOGS.put(key, gzipSync(linesOf(["new"])));
    expect((await run.ask("new")).json).toMatchObject({
      found: [],
      looked_at: [{ key, result: "raw_object_changed" }],
    });
  });

  it("are named when they are damaged, with what was found before", async () => {
    await run.put(logName(0), gzipSync(linesOf(IDS)).subarray(0, -4));
    await run.deliver();
    const answer = await run.ask(IDS[3]!);
    expect(answer.json).toMatchObject({
      found: [
        { line: 4, verdict: "not_sent", detail: expect.stringContaining("file 1 is failed: truncated") },
      ],
      looked_at: [{ result: "damaged", detail: expect.stringContaining("truncated"), occurrences: 1 }],
    });
  });

  it("are named when an earlier object under the same key was sent", async () => {
    const key = await run.deliverThree();
    await env.LOGS.put(key, gzipSync(linesOf([...IDS.slice(0, 100), ...rayIds("b", 20)])));
    await run.rows("UPDATE files SET state = 'changed'");
    await run.rows("UPDATE totals SET files_closed = files_closed - 1, files_changed = files_changed + 1");
    await run.rows("UPDATE run SET delivered_at = NULL, stage = 'sending'");
    await run.decide({ do: "retry_file", file: 1, allowDuplicates: true });
    const answer = await run.ask(IDS[3]!);
    expect(answer.json.looked_at).toMatchObject([{ result: "searched", earlier_object_batches: 2 }]);
    expect(answer.json.found).toMatchObject([
      {
        verdict: "sent",
        batch: 1,
        batches: [{ reason: "the same as batch 1" }, { batch: 1, state: "done" }],
      },
    ]);
  });

  it("are searched from the nearest to the farthest, and only those near the instant", async () => {
    for (const n of [1, 20, 30, 59])
      await run.put(logName(n), gzipSync(ndjson([record(`r${n}`, timeOf(n))])));
    await run.deliver({}, { lateMarginMs: 10 * MINUTE });
    const answer = await run.ask("none", "?at=2030-04-22T14:21:00.5Z");
    expect(answer.json.looked_at.map(({ file }) => file)).toEqual([2, 3]);
    expect(answer.json).toMatchObject({ found: [], next_cursor: null });
    expect((await run.ask("r30", "?at=2030-04-22T22:21:00%2B08:00")).json.found).toHaveLength(1);
    expect((await run.ask("none")).json.looked_at.map(({ file }) => file)).toEqual([1, 2, 3, 4]);
  });

  it("that one request has no time for are left to the next", async () => {
    for (const n of [1, 2, 3]) await run.put(logName(n), gzipSync(linesOf(["x"])));
    await run.deliver();
    const seen: unknown[] = [];
    for (let query = "?"; ;) {
      let now = Date.now();
      const spy = vi.spyOn(Date, "now").mockImplementation(() => (now += 4_000));
      const { json } = await run.ask("x", query);
      spy.mockRestore();
      run.pass(MINUTE);
      seen.push(...json.found.map(({ file }) => file));
      expect(json.looked_at.length).toBeLessThan(3);
      if (json.next_cursor === null) break;
      query = `?cursor=${json.next_cursor}`;
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it("that take too long by themselves are named, and the search goes on behind them", async () => {
    await run.put(
      logName(1),
      gzipSync(ndjson(Array.from({ length: 9_000 }, (_, n) => record(n === 0 ? "x" : `r${n}`)))),
    );
    await run.put(logName(2), gzipSync(linesOf(["x"])));
    await run.deliver();
    let now = Date.now();
    const spy = vi.spyOn(Date, "now").mockImplementation(() => (now += 700));
    const first = await run.ask("x");
    spy.mockRestore();
    expect(first.json).toMatchObject({
      found: [{ file: 1, line: 1, verdict: expect.stringMatching(/sent|unknown/) }],
      looked_at: [{ file: 1, result: "out_of_time" }],
      next_cursor: "1",
    });
    run.pass(MINUTE);
    expect((await run.ask("x", "?cursor=1")).json).toMatchObject({ found: [{ file: 2 }], next_cursor: null });
  });

  it("are searched by one request at a time", async () => {
    await run.deliverThree();
    const both = await Promise.all([run.ask(IDS[3]!), run.ask(IDS[4]!)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 429]);
    const refused = both.find(({ status }) => status === 429);
    expect(refused?.json.code).toBe("query_under_way");
    expect(refused?.headers.get("Retry-After")).toBe("10");
    expect(await run.found(IDS[3]!)).toHaveLength(1);
  });

  it("are searched again after a search that failed", async () => {
    await run.deliverThree();
    vi.spyOn(console, "error").mockImplementation(() => {});
    const get = vi.spyOn(env.LOGS, "get").mockRejectedValue(new Error("R2 failed"));
    expect((await run.ask(IDS[3]!)).status).toBe(500);
    get.mockRestore();
    expect(await run.found(IDS[3]!)).toHaveLength(1);
  });
});

describe("a search", () => {
  it.each([
    ["", "?at=", "at"],
    ["", "?at=yesterday", "at"],
    ["", "?at=2030-04-22T14:00:00", "at"],
    ["", "?at=1900000000", "at"],
    ["", "?at=2030-04-22T14:00:00+08:00", "at"],
    ["", "?at=2030-04-21T14:00:00Z", "at"],
    ["", "?at=2030-04-23T14:00:00Z", "at"],
    ["", "?at=2030-04-22T14:00:00Z&at=2030-04-22T14:00:00Z", "at"],
    ["", "?limit=5", "limit"],
    ["", "?cursor=x", "cursor"],
    ["", "?cursor=1-1", "cursor"],
    ["", "?at=2030-04-22T14:30:00Z&cursor=1", "cursor"],
    ["x".repeat(65), "", "ray"],
    ["caf\u00e9", "", "ray"],
    ["a\nb", "", "ray"],
  ])("of %j with %s is refused, and names %s", async (ray, query, parameter) => {
    await run.put(logName(0), gzipSync(linesOf(["x"])));
    await run.deliver();
    const before = await run.rows("SELECT * FROM run");
    const answer = await run.ask(ray || "x", query);
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_query", errors: [{ parameter }] } });
    expect(await run.rows("SELECT * FROM run")).toEqual(before);
    expect(await run.found("x")).toHaveLength(1);
  });

  it("of an unknown run is refused", async () => {
    // The registry of another receiver, because the isolate remembers the runs that a registry has listed.
    Object.assign(env, { RECEIVER_ID: "another-receiver" });
    vi.spyOn(RunRegistry.prototype, "knows").mockResolvedValue(false);
    expect(await run.ask("x")).toMatchObject({ status: 404, json: { code: "unknown_run" } });
  });

  it("of a run that has not answered yet is refused", async () => {
    expect(await run.ask("x")).toMatchObject({ status: 503, json: { code: "start_unconfirmed" } });
  });

  it("finds nothing in a run without files, and changes nothing", async () => {
    await run.deliver();
    const before = await run.rows("SELECT * FROM totals");
    expect((await run.ask("x")).json).toEqual({ ray_id: "x", found: [], looked_at: [], next_cursor: null });
    expect(await run.rows("SELECT * FROM totals")).toEqual(before);
  });
});
