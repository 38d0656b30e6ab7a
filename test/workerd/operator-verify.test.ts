// Verify: a recount of a correct run finds no difference, even while the run goes on. It reports every difference of
// a faulty run.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BackfillRunApi } from "../../src/contract/run.ts";
import type { VerificationView, Verified } from "../../src/contract/verification.ts";
import { FileRows } from "../../durable-objects/backfill-run/ledger/file-rows.ts";
import { ACTOR, act, acted, eventsOf, openFile, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, putLogs, sendAll, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const LINES = 100;
async function lastOf(): Promise<VerificationView> {
  return (await run.status()).verification;
}

async function verified(): Promise<Verified> {
  await acted(run, { do: "verify" }, "monthly check");
  await run.settle();
  const { under_way, last } = await lastOf();
  if (under_way || !last) throw new Error("the recount did not end");
  return last;
}

function corrupt(statement: string): Promise<void> {
  return runInDurableObject(run.stub, (_object, state) => void state.storage.sql.exec(statement));
}

/** Makes a run with one batch of each kind: done, refused, held, split, uncertain, duplicate, leased, pending. */
async function motley(): Promise<void> {
  await openedAs(run, [[LINES, LINES, LINES, LINES], [LINES, LINES], [LINES]], { onRefused: "split" });
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(413));
  const lost = await permitOf(run);
  await run.wait(31_000);
  await reportOutcome(run, await permitOf(run), TIMEOUT);
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, lost, OK);
  await permitOf(run);
}

describe("an honest run", () => {
  afterEach(() => run.expectBalanced());

  it("shows no difference when a transaction fails at its end during the recount", async () => {
    await openedAs(
      run,
      Array.from({ length: 6 }, () => Array.from({ length: 1_000 }, () => LINES)),
      {},
    );
    await acted(run, { do: "verify" });
    await runDurableObjectAlarm(run.stub);
    const said = await runInDurableObject(run.stub, (object, { storage }) => {
      const really = storage.transactionSync.bind(storage);
      vi.spyOn(storage, "transactionSync").mockImplementationOnce((change) =>
        really(() => {
          change();
          throw new Error("the commit failed");
        }),
      );
      return (object as unknown as BackfillRunApi).next("a.0", [], 1).then(() => "no error", String);
    });
    expect(said).toContain("the commit failed");
    await run.settle();
    expect(await lastOf()).toMatchObject({ under_way: false, last: { differences: [] } });
  });

  it("is recounted in many turns when it has many batches", async () => {
    await openedAs(
      run,
      Array.from({ length: 6 }, () => Array.from({ length: 1_000 }, () => LINES)),
      {},
    );
    await acted(run, { do: "verify" });
    for (const turn of [1, 2]) {
      await runDurableObjectAlarm(run.stub);
      expect((await lastOf()).under_way, `turn ${turn}`).toBe(true);
      expect(await run.alarmAt()).toBeLessThanOrEqual(Date.now() + 1);
      await reportOutcome(run, await permitOf(run), OK);
    }
    await run.settle();
    expect(await lastOf()).toMatchObject({ under_way: false, last: { batches: 6_000, differences: [] } });
  });

  it("shows no difference, whatever its batches went through, as of a time and by name", async () => {
    await motley();
    const last = await verified();
    const { files, batches } = await run.row<{ files: number; batches: number }>(
      "SELECT (SELECT count(*) FROM files) AS files, (SELECT count(*) FROM batches) AS batches",
    );
    expect(last).toMatchObject({ differences: [], files, batches });
    expect(Math.abs(Date.parse(last.as_of) - Date.now())).toBeLessThan(60_000);
    expect(await eventsOf(run, "verified")).toMatchObject([{ actor: ACTOR, detail: { differences: 0 } }]);
  });

  it("shows no difference after its end, aborted or not", async () => {
    await motley();
    await run.api.abort({ force: false, actor: "token" });
    await run.wait(60_000);
    expect(await run.stage()).toBe("aborted");
    expect((await verified()).differences).toEqual([]);
  });

  it("is recounted while claims, reports and new files come between the clock's turns", async () => {
    // More rows than one turn reads, so the recount needs several turns.
    const files = 5;
    const each = Array.from({ length: 2_500 }, () => 2);
    await putLogs(run, files + 1);
    await run.start();
    await run.settle();
    for (let file = 1; file <= files; file += 1) await openFile(run, file, each);
    await acted(run, { do: "verify" });
    // Time passes for each counted file, so the clock's turn ends after one part of the recount.
    const page = Reflect.get(FileRows.prototype, "page");
    vi.spyOn(FileRows.prototype, "page").mockImplementation(function (this: FileRows, states, from, limit) {
      if (states.length === 0 && limit === 1) run.pass(3_000);
      return page.call(this, states, from, limit);
    });
    let turns = 0;
    for (; turns < 100 && (await lastOf()).under_way; turns += 1) {
      const next = await run.api.next("test.0", [], 6);
      const permits = next.kind === "grants" ? next.grants : [];
      for (const [n, permit] of permits.entries()) {
        if (n < 4) await reportOutcome(run, permit, [OK, TIMEOUT, answered(503), answered(400)][n] ?? OK);
      }
      if (turns === 1) await openFile(run, files + 1, [LINES, LINES]);
      await runDurableObjectAlarm(run.stub);
      run.pass(50);
    }
    const { last } = await lastOf();
    expect(last?.differences).toEqual([]);
    expect(turns).toBeGreaterThan(1);
  });

  it("is recounted from the beginning when the object is evicted in between", async () => {
    await motley();
    await acted(run, { do: "verify" });
    await run.evict();
    await run.settle();
    expect((await lastOf()).last).toMatchObject({ differences: [] });
  });

  it("is refused a recount when it was never started", async () => {
    expect(await act(run, { do: "verify" })).toMatchObject({ ok: false, code: "unknown_run" });
    await run.start();
  });
});

describe("a ledger that was changed on purpose", () => {
  it.each([
    ["lines_done", "UPDATE totals SET lines_done = lines_done + 1"],
    ["read", "UPDATE totals SET read = read - 5"],
    ["batches_pending", "UPDATE totals SET batches_pending = batches_pending + 2"],
    ["files_open", "UPDATE totals SET files_open = files_open - 1"],
    ["backlog_bytes", "UPDATE totals SET backlog_bytes = backlog_bytes + 7"],
    ["duplicate_lines", "UPDATE totals SET duplicate_lines = duplicate_lines + 9"],
    ["uncertain_attempts", "UPDATE totals SET uncertain_attempts = 0"],
    ["possible_duplicate_lines", "UPDATE totals SET possible_duplicate_lines = 1"],
  ])("is named by the sum %s, and by nothing else", async (what, statement) => {
    await motley();
    await corrupt(statement);
    await run.evict();
    const { differences } = await verified();
    expect(differences.map((difference) => [difference.file, difference.what])).toEqual([[null, what]]);
    expect(differences[0]?.recorded).not.toBe(differences[0]?.counted);
    expect(await eventsOf(run, "verified")).toMatchObject([{ detail: { differences: 1 } }]);
  });

  it("is named by the file of a batch that lost a line, and by the sums", async () => {
    await motley();
    await corrupt("UPDATE batches SET lines = lines - 1 WHERE batch = 1");
    await run.evict();
    const { differences } = await verified();
    expect(differences).toContainEqual({ file: 1, what: "kept", recorded: 400, counted: 399 });
    expect(differences.map(({ what }) => what)).toEqual(["kept", "lines_done"]);
  });

  it("is named by the file whose count of unsettled batches is wrong", async () => {
    await motley();
    const { unsettled } = await run.row<{ unsettled: number }>("SELECT unsettled FROM files WHERE file = 2");
    await corrupt("UPDATE files SET unsettled = unsettled + 3 WHERE file = 2");
    await run.evict();
    expect((await verified()).differences).toEqual([
      { file: 2, what: "unsettled", recorded: unsettled + 3, counted: unsettled },
    ]);
  });

  it("is named by a leased batch whose lease is gone", async () => {
    await motley();
    await corrupt("UPDATE totals SET leases_json = '{}'");
    await run.evict();
    expect((await verified()).differences).toEqual([
      { file: null, what: "send_leases", recorded: 0, counted: 1 },
    ]);
  });

  it("is named by a lease without a batch", async () => {
    await motley();
    await corrupt("UPDATE totals SET leases_json = json_set(leases_json, '$.1', 4102444800000)");
    await run.evict();
    expect((await verified()).differences).toEqual([
      { file: 1, what: "lease of batch 1", recorded: "leased", counted: "done" },
      { file: null, what: "send_leases", recorded: 2, counted: 1 },
    ]);
  });

  it("is named by a batch that is gone from a delivered run", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await sendAll(run);
    await run.wait(1_000);
    await corrupt("DELETE FROM batches WHERE batch = 2");
    const { differences } = await verified();
    expect(differences.map(({ what }) => what).toSorted()).toEqual(["batches_done", "kept", "lines_done"]);
  });

  it("is named by a file whose counts do not balance", async () => {
    await motley();
    await corrupt("UPDATE files SET counts_json = json_set(counts_json, '$.linesRead', 1) WHERE file = 3");
    await run.evict();
    const named = (await verified()).differences.map(({ file, what }) => `${file} ${what}`);
    expect(named).toEqual([
      "3 lines_read",
      "null read",
      // With one line the file would be suspicious and would not count in the run's shares.
      ...["lines_checked", "lines_failing", "times_checked", "parents_checked"].map((sum) => `null ${sum}`),
    ]);
    // The expected number is the sum of the parts.
    const { recorded, counted } = (await lastOf()).last?.differences[0] ?? {};
    expect([recorded, counted]).toEqual([1, LINES + 3]);
  });

  it("is named by an attempt whose batch is gone, among 20,000 with a batch", async () => {
    await motley();
    await corrupt(`INSERT INTO attempts (batch, attempt, state, cause, lines, ended_at)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      SELECT 1, 100 + i, 'not_delivered', 'http_503', 1, 1 FROM n`);
    await corrupt(`INSERT INTO attempts (batch, attempt, state, cause, lines, ended_at)
      VALUES (5000, 0, 'not_delivered', 'inherited', 1, 1)`);
    expect((await verified()).differences).toEqual([
      { file: null, what: "attempt 0 of batch 5000", recorded: "not_delivered", counted: "no such batch" },
    ]);
  });

  it("is named by the sum of attempts taken for not delivered, over 20,000 rows", async () => {
    await motley();
    await corrupt(`INSERT INTO assumed_not_delivered (batch, status, attempts, lines)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      SELECT 100 + i, 429, 1, 10 FROM n`);
    await corrupt(`UPDATE totals SET assumed_json = json_set(assumed_json, '$.429',
      json('{"attempts":19999,"lines":200000}'))`);
    await acted(run, { do: "verify" }, "monthly check");
    // One turn does not reach the last row. A change that comes meanwhile is counted once.
    await runDurableObjectAlarm(run.stub);
    expect((await lastOf()).under_way).toBe(true);
    await reportOutcome(run, await permitOf(run), answered(429));
    await run.settle();
    const { under_way, last } = await lastOf();
    expect(under_way).toBe(false);
    expect(last?.differences).toEqual([
      { file: null, what: "assumed_not_delivered_attempts 429", recorded: 20_000, counted: 20_001 },
    ]);
  });
});
