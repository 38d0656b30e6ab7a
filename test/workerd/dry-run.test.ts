// A dry run counts what a run would send. It sends nothing and writes nothing to R2.
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OperatorCommand } from "../../src/contract/operator.ts";
import { auditedHash, counted, everyBatch, everyFile, startFrom } from "../support/plan-play.ts";
import { WholeRun } from "../support/run-driver.ts";
import { runObject } from "../../src/platform/objects.ts";
import { hookBucket } from "../support/run-faults.ts";
import { putRaw } from "../support/run-logs.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { entriesOf, listed, logKey, manifestOf, putLogs } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** The rows of the run and of its sums, in two statements. One result may not have so many columns. */
async function rowsOfRun(): Promise<unknown[]> {
  return [await run.rows("SELECT * FROM run"), await run.rows("SELECT * FROM totals")];
}

function countedCalls(): string[] {
  const calls: string[] = [];
  hookBucket((port, call) => {
    calls.push(port);
    return call();
  });
  return calls;
}

describe("a dry run", () => {
  it("counts lines, batches and digests, and ends as counted", async () => {
    const whole = new WholeRun(run);
    await whole.prepare();
    await counted(run, whole);
    const status = await run.status();
    expect(status).toMatchObject({
      stage_code: "counted",
      state_reason: null,
      summary: expect.stringContaining("dry run: 849 lines counted; nothing was sent"),
      dry_run: true,
      delivery_completed: false,
      log_lines_sent: 0,
      progress: 1,
      exceptions: 0,
      files: { closed: 2 },
      batches: { discarded: 9, pending: 0 },
      lines: { kept: 849, sent: 0 },
      plan: { files: 2, batches: 9, lines: 849, minutes_at_cap: 0.1, asks: [] },
    });
    expect((await everyBatch(run)).map(({ state, reason }) => [state, reason])).toEqual(
      Array.from({ length: 9 }, () => ["discarded", "counted by a dry run, never sent"]),
    );
    await run.expectBalanced();
    expect(whole.receiver.posts).toEqual([]);
    expect(run.reports.at(-1)).toMatchObject({ stage: "counted", finished: true, sentSomething: false });
    // Nothing is left to do, now or later.
    expect(await run.alarmAt()).toBe(null);
  });

  it("has a hash that an auditor computes from the API's answers", async () => {
    await new WholeRun(run).prepare();
    await env.LOGS.put(logKey(run, 2), gzipSync("cut short").subarray(0, 12));
    await putRaw(run, 3, 0);
    const { hash } = await counted(run);
    expect(auditedHash(await run.status(), await everyFile(run), await everyBatch(run))).toBe(hash);
  });

  it("has the same hash for other caps, notes and actors, and another for other lines", async () => {
    const whole = new WholeRun(run);
    await whole.prepare();
    const first = await counted(run, whole);
    const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
    const again = async (over: object): Promise<unknown> => {
      run.id = `run-${crypto.randomUUID()}`;
      run.stub = namespace.getByName(run.id);
      run.api = runObject(env, run.id);
      await run.start({ dryRun: true, logPrefix: first.logPrefix, ...over });
      await whole.toTheEnd();
      return (await run.status()).plan;
    };
    const same = { maxLinesPerSecond: 5_000, note: "another", actor: "li.wei", maxInFlight: 3, polite: true };
    expect(await again(same)).toMatchObject({ hash: first.hash });
    const { parse } = JSON.parse(
      (await run.row<{ spec_json: string }>("SELECT spec_json FROM run")).spec_json,
    );
    for (const other of [
      { batchLines: 101 },
      { endExclusive: true },
      { dedupe: "file" },
      { parseVersion: 1 },
    ]) {
      const plan = await again({ parse: { ...parse, ...other } });
      expect([other, (plan as { hash: string }).hash]).not.toEqual([other, first.hash]);
    }
  });

  it("costs lists and one read a file, and no other operation of R2, however many batches there are", async () => {
    await putRaw(run, 0, 2_500);
    const calls = countedCalls();
    await counted(run);
    expect(calls.filter((call) => call !== "r2.list")).toEqual(["r2.get"]);
    expect((await run.status()).plan).toMatchObject({ batches: 25 });
    expect(await env.LOGS.list({ prefix: "processed-backfill/" + run.id })).toMatchObject({ objects: [] });
    await run.wait(HOUR);
    expect(calls).not.toContain("r2.put");
    expect(calls).not.toContain("r2.delete");
  });

  it("counts a window without a file, and says what a run made from it would ask", async () => {
    await counted(run);
    expect((await run.status()).plan).toMatchObject({
      files: 0,
      lines: 0,
      asks: [{ code: "empty_window" }],
    });
  });

  it("hashes many batches in turns that an eviction may interrupt", async () => {
    await putLogs(run, 3);
    await run.start({ dryRun: true });
    await run.settle();
    for (const file of [1, 2, 3]) {
      const claimed = await run.api.claimFile(file);
      if (!claimed.ok) throw new Error(claimed.detail);
      const lines = Array.from({ length: 1_500 }, () => 100);
      await run.api.queued(manifestOf(file, claimed.attempt, entriesOf(lines, `f${file}-`)));
    }
    for (let turns = 0; (await run.stage()) !== "counted"; turns += 1) {
      await runDurableObjectAlarm(run.stub);
      await run.evict();
      run.pass(1_000);
      expect(turns).toBeLessThan(20);
    }
    const status = await run.status();
    expect(status.plan).toMatchObject({ files: 3, batches: 4_500, lines: 450_000 });
    const batches: Awaited<ReturnType<typeof everyBatch>> = [];
    for (let cursor: string | null = null; ;) {
      const page = await run.api.listBatches({ states: [], cursor, limit: 1_000 });
      if (!page.ok) throw new Error(page.detail);
      batches.push(...page.page.items);
      cursor = page.page.next_cursor;
      if (cursor === null) break;
    }
    expect(status.plan).toMatchObject({ hash: auditedHash(status, await everyFile(run), batches) });
  });
});

describe("nothing of a dry run", () => {
  it("is ever handed to a sender, while it counts and after", async () => {
    await putLogs(run, 2);
    await run.start({ dryRun: true });
    await run.settle();
    const one = await run.api.claimFile(1);
    if (!one.ok) throw new Error(one.detail);
    await run.api.queued(manifestOf(1, one.attempt, entriesOf([100, 100])));
    await run.settle();
    expect(await run.api.next("a.0", [], 6)).toEqual({ kind: "nothing", reason: "dry_run" });
    const two = await run.api.claimFile(2);
    if (!two.ok) throw new Error(two.detail);
    await run.api.queued(manifestOf(2, two.attempt, entriesOf([100])));
    await run.wait(HOUR);
    expect(await run.stage()).toBe("counted");
    expect(await run.api.next("a.0", [], 6)).toEqual({ kind: "nothing", reason: "dry_run" });
    expect(run.wakeUps).toBe(0);
    expect(run.released).toEqual([]);
    expect(await run.status()).toMatchObject({ possible_duplicate_lines: 0, duplicate_lines: 0 });
    expect(await run.row("SELECT slot FROM run")).toEqual({ slot: "none" });
  });

  it.each([
    { do: "take_late" },
    { do: "retry_file", file: 1, allowDuplicates: true },
    { do: "accept_file", file: 1, send: true },
    { do: "retry_all", replay: true },
    { do: "retry_batch", batch: 1 },
    { do: "resolve_batch", batch: 1, outcome: "resend" },
    { do: "resume", acceptReceiver: true, answers: null },
    { do: "pause", park: false },
    { do: "patch", limits: { maxLinesPerSecond: 200 } },
    { do: "accept_codes", codes: ["empty_window"] },
  ] satisfies Partial<OperatorCommand>[])(
    "is sent by $do, which is refused and changes nothing",
    async (command) => {
      const whole = new WholeRun(run);
      await whole.prepare();
      await counted(run, whole);
      const before = await rowsOfRun();
      const asked = { actor: "token", note: "why", ...command } as OperatorCommand;
      expect(await run.api.operate(asked)).toMatchObject({ ok: false, code: "wrong_state" });
      expect(await rowsOfRun()).toEqual(before);
      await run.wait(HOUR);
      expect(await run.stage()).toBe("counted");
      expect(whole.receiver.posts).toEqual([]);
    },
  );

  it("differs in a recount", async () => {
    await new WholeRun(run).prepare();
    await counted(run);
    await run.api.operate({ do: "verify", actor: "token", note: null });
    await run.settle();
    const { verification } = (await run.status()) as unknown as { verification: { last: object } };
    expect(verification.last).toMatchObject({ files: 2, batches: 9, differences: [] });
  });
});

describe("a dry run during a run that sends", () => {
  it("parses nothing, says for which run it waits, and goes on within seconds", async () => {
    run.sendingRun = "the-sender";
    await new WholeRun(run).prepare();
    await run.start({ dryRun: true });
    await run.wait(60_000);
    expect(run.enqueued).toEqual([]);
    expect(await run.status()).toMatchObject({
      stage_code: "counting",
      state_reason: { code: "waiting_for_sending_run", detail: expect.stringContaining("the-sender") },
      files: { listed: 2 },
    });
    await run.evict();
    expect(await run.status()).toMatchObject({ state_reason: { code: "waiting_for_sending_run" } });
    run.sendingRun = null;
    await run.wait(6_000);
    expect(run.enqueued).toEqual([1, 2]);
    expect(await run.status()).toMatchObject({ state_reason: null });
  });

  it("enqueues no further file within seconds after a run has begun to send", async () => {
    await putLogs(run, 10);
    await run.start({ dryRun: true });
    await run.settle();
    expect(run.enqueued).toHaveLength(6);
    run.sendingRun = "the-sender";
    await run.wait(5_000);
    const one = await run.api.claimFile(1);
    if (!one.ok) throw new Error(one.detail);
    await run.api.queued(manifestOf(1, one.attempt, entriesOf([100])));
    await run.wait(60_000);
    expect(new Set(run.enqueued).size).toBe(6);
    expect(await run.status()).toMatchObject({ state_reason: { code: "waiting_for_sending_run" } });
  });
});

describe("DELETE of a dry run", () => {
  it("aborts it, also while a parser works, and leaves nothing to clean up", async () => {
    await putLogs(run, 1);
    await run.start({ dryRun: true });
    await run.settle();
    const one = await run.api.claimFile(1);
    if (!one.ok) throw new Error(one.detail);
    expect(await run.api.abort({ force: false, actor: "token" })).toMatchObject({
      ok: true,
      status: { stage_code: "aborting" },
    });
    expect(await run.api.queued(manifestOf(1, one.attempt, entriesOf([100])))).toMatchObject({
      ok: false,
      code: "not_running",
    });
    await run.wait(60_000);
    expect(await run.status()).toMatchObject({ stage_code: "aborted", cleanup: { state: "done" } });
    expect(run.reports.at(-1)).toMatchObject({ stage: "aborted", finished: true });
    expect(await run.api.planned(null)).toMatchObject({ ok: false, code: "not_counted" });
  });

  it("is refused once the run has counted", async () => {
    await counted(run);
    expect(await run.api.abort({ force: false, actor: "token" })).toMatchObject({
      ok: false,
      code: "counted",
    });
    expect(await run.stage()).toBe("counted");
  });
});

it("gives no plan from a run that sends", async () => {
  await listed(run, 1);
  expect(await run.api.planned(null)).toMatchObject({ ok: false, code: "not_dry" });
});

describe("a window without raw files in places", () => {
  it("is named by the status and the summary of the dry run, and of the run made from it", async () => {
    // The two files cover 14:00:00 to 14:00:30 and 14:01:00 to 14:01:30.
    const whole = new WholeRun(run);
    await whole.prepare();
    const uncovered = { uncovered: [{ start: "2030-04-22T14:02:00Z", end: "2030-04-22T15:00:00Z" }] };
    const expected = { ...uncovered, uncovered_seconds: 58 * 60 };
    const plan = await counted(run, whole);
    expect(await run.status()).toMatchObject(expected);
    await startFrom(run, plan);
    expect(await run.status()).toMatchObject({ uncovered: null, uncovered_seconds: null });
    await whole.toTheEnd();
    const status = await run.status();
    expect(status).toMatchObject({ ...expected, stage_code: "sent_waiting_cleanup" });
    expect(status.summary).toContain("; 58 of 60 minutes have no raw file");
    await run.settle();
    expect(run.reports.at(-1)?.summary).toBe(status.summary);
  });
});
