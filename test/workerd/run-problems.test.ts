// The problems of the status: one for each file and batch, however many other rows come first.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ListQuery } from "../../src/contract/run.ts";
import { MANY, addBatches, addFiles } from "../support/many-rows.ts";
import { openedAs } from "../support/operator-play.ts";
import { runInDurableObject } from "cloudflare:test";
import { aStatus } from "../support/registry-fixtures.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, opened, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;

describe("the problems of a run", () => {
  afterEach(() => run.expectBalanced());

  it("name a batch once that is held and has an uncertain attempt", async () => {
    await openedAs(run, [[LINES, LINES]], { onUncertain: "hold" });
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    expect((await run.status()).problems).toEqual([
      {
        kind: "batch",
        key: expect.any(String) as string,
        file: 1,
        batch: 1,
        state: "held",
        batch_state: "held",
        reason: expect.stringContaining("timeout") as string,
        next_attempt_at: null,
        attempts: 1,
        uncertain_attempts: 1,
      },
    ]);
  });

  it("name an uncertain batch once, with its file and when it is tried again", async () => {
    await opened(run, [[LINES, LINES]]);
    await reportOutcome(run, await permitOf(run), OK);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await reportOutcome(run, await permitOf(run), TIMEOUT);
      const [waiting] = await run.rows<{ retry_at: number }>("SELECT retry_at FROM batches WHERE batch = 2");
      expect((await run.status()).problems).toMatchObject([
        {
          batch: 2,
          file: 1,
          state: "uncertain",
          reason: `attempt ${attempt}: timeout`,
          next_attempt_at: new Date(waiting?.retry_at ?? 0).toISOString(),
          attempts: attempt,
          uncertain_attempts: attempt,
        },
      ]);
    }
    await reportOutcome(run, await permitOf(run), OK);
    expect((await run.status()).problems).toMatchObject([{ state: "uncertain", next_attempt_at: null }]);
  });
});

describe("20,000 rows of another kind", () => {
  it("hide no file that fails and is enqueued again", async () => {
    await opened(run, [[LINES]]);
    await addFiles(run, "listed");
    await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
      sql.exec("UPDATE files SET reason_code = NULL, enqueue_at = 1 WHERE state = 'listed'");
      sql.exec("UPDATE files SET reason_code = 'r2_failed', enqueue_at = 2000000000000 WHERE file = ?", MANY);
    });
    expect((await run.status()).problems).toMatchObject([
      {
        kind: "file",
        file: MANY,
        state: "listed",
        reason: "r2_failed",
        next_attempt_at: "2033-05-18T03:33:20.000Z",
      },
    ]);
  });

  it("hide no uncertain batch, and leave 100 problems at most", async () => {
    await opened(run, [[LINES, LINES]]);
    await reportOutcome(run, await permitOf(run), OK);
    await addBatches(run, { state: "pending", file: "closed", at: 1_000_000_000_000_000 });
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    expect((await run.status()).problems).toMatchObject([{ batch: 2, state: "uncertain" }]);
    await addBatches(run, { state: "held", file: "failed" });
    const { problems } = await run.status();
    expect(problems).toHaveLength(100);
    expect(problems[0]).toMatchObject({ kind: "file", state: "failed" });
  });
});

describe("GET /runs/:id/batches", () => {
  it("shows when a batch was done and what was answered, and writes no row more for it", async () => {
    await opened(run, [[LINES, LINES]]);
    await reportOutcome(run, await permitOf(run), answered(202));
    const done = new Date().toISOString();
    const [first, second] = await batches();
    expect(first).toMatchObject({ done_at: done, answer_status: 202, done_attempt: 1 });
    expect(second).toMatchObject({ done_at: null, answer_status: null });
    await run.api.operate({ do: "patch", limits: { rate: 5 }, actor: "x", note: null });
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await run.api.operate({ do: "resolve_batch", batch: 2, outcome: "delivered", actor: "x", note: "seen" });
    expect((await batches())[1]).toMatchObject({ done_at: new Date().toISOString(), answer_status: null });
  });
});

describe("events that older code wrote", () => {
  it("are shown in snake_case, as those of now are written", async () => {
    await run.start();
    await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
      const detail = JSON.stringify({ file: 3, allowDuplicates: true, note: "camelCase stays in values" });
      sql.exec("INSERT INTO events (at, actor, kind, detail_json) VALUES (1, 'x', 'retry_file', ?)", detail);
    });
    await run.api.operate({ do: "pause", park: false, actor: "x", note: null });
    await run.api.operate({ do: "resume", acceptReceiver: false, answers: null, actor: "x", note: null });
    const listed = await run.api.listEvents(ALL);
    if (!listed.ok) throw new Error(listed.code);
    const { items } = listed.page;
    expect(items.find(({ kind }) => kind === "retry_file")?.detail).toEqual({
      file: 3,
      allow_duplicates: true,
      note: "camelCase stays in values",
    });
    expect(items.find(({ kind }) => kind === "resume")?.detail).toMatchObject({ accept_receiver: false });
  });
});

describe("the status", () => {
  it("has the declared members, and no others", async () => {
    await run.start();
    expect(Object.keys(await run.status()).toSorted()).toEqual(Object.keys(aStatus(run.id)).toSorted());
  });

  it("shows every option as it was frozen, in snake_case", async () => {
    await run.start({ canary: 3, folders: ["edge/"], maxInFlight: 7, onRefused: "split" });
    const { spec } = await run.status();
    expect(spec).toMatchObject({
      start: "2030-04-22T14:00:00Z",
      end: "2030-04-22T15:00:00Z",
      end_exclusive: false,
      batch_size: expect.any(Number) as number,
      top_level_parent_ray_ids: ["00"],
      on_corrupt: "fail",
      dedupe: "off",
      folders: ["edge/"],
      canary: 3,
      max_in_flight: 7,
      on_refused: "split",
      on_uncertain: "resend",
      max_requests_per_second: null,
      replay: false,
      continue_of: null,
      log_prefix: expect.any(String) as string,
    });
    const names = JSON.stringify(await run.status()).match(/"[A-Za-z_0-9]+":/g) ?? [];
    expect(names.filter((name) => /[A-Z]/.test(name))).toEqual([]);
  });
});

const ALL: ListQuery = { states: [], cursor: null, limit: 100 };

async function batches() {
  const listed = await run.api.listBatches(ALL);
  if (!listed.ok) throw new Error(listed.code);
  return listed.page.items;
}

describe("what a run reports to the registry", () => {
  it("has its exceptions, and when it was delivered only while it is", async () => {
    await opened(run, [[LINES]]);
    await run.wait(10_000);
    expect(run.reports.at(-1)).toMatchObject({ exceptions: 0, deliveredAt: null, endedAt: null });
    expect(run.reports.at(-1)?.startedAt).toBeLessThanOrEqual(Date.now());
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await run.api.operate({ do: "resolve_batch", batch: 1, outcome: "delivered", actor: "x", note: "seen" });
    await run.wait(20_000);
    const [row] = await run.rows<{ delivered_at: number }>("SELECT delivered_at FROM run");
    expect(run.reports.at(-1)).toMatchObject({
      stage: "sent_waiting_cleanup",
      exceptions: 1,
      deliveredAt: row?.delivered_at,
      endedAt: row?.delivered_at,
    });
  });

  it("has when it was aborted", async () => {
    await run.start();
    await run.api.abort({ force: false, actor: "x" });
    await run.wait(10_000);
    const report = run.reports.at(-1);
    expect(report).toMatchObject({ stage: "aborted", deliveredAt: null });
    expect(report?.endedAt).toBeGreaterThanOrEqual(report?.startedAt ?? Infinity);
  });
});
