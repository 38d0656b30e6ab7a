// Commands over any number of rows. A command finds its rows behind 20,000 other rows. The clock does the part that
// does not fit in one turn.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addBatches, addFiles, MANY } from "../support/many-rows.ts";
import { acted, act, ACTOR, eventsOf, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, listed, OK, sendAll, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const retry = { do: "retry_all" } as const;

/** Makes a run with two batches: one delivered, one refused. */
async function oneRefused() {
  await openedAs(run, [[LINES, LINES]], {});
  await reportOutcome(run, await permitOf(run), OK);
  const refused = await permitOf(run);
  await reportOutcome(run, refused, answered(400));
  await run.settle();
  return refused;
}

describe("a canary", () => {
  it("sends one batch despite 20,000 stranded batches, because those were never sent", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], { canary: 1 });
    await addBatches(run, { state: "held", reason: "stranded", file: "changed" });
    await reportOutcome(run, await permitOf(run), answered(503));
    await reportOutcome(run, await permitOf(run), answered(503));
    const again = await permitOf(run);
    expect(again.batch).toBe(1);
    await reportOutcome(run, again, OK);
    await run.settle();
    expect((await run.status()).state_reason?.code).toBe("canary");
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
  });

  it("counts a held canary despite 20,000 stranded batches, so that no second batch leaves", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], { canary: 1, onUncertain: "hold" });
    await addBatches(run, { state: "held", reason: "stranded", file: "changed" });
    await reportOutcome(run, await permitOf(run), { kind: "timeout", detail: "" });
    await run.settle();
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect((await run.status()).state_reason?.code).toBe("canary");
  });
});

describe("retry of everything", () => {
  it.each(["held", "refused"] as const)(
    "finds the one batch that can go on among 20,000 %s batches that cannot",
    async (state) => {
      const refused = await oneRefused();
      await addBatches(run, { state, file: "changed" });
      const { changed, underWay } = await acted(run, retry, "again");
      await run.settle();
      expect(await run.row(`SELECT state FROM batches WHERE batch = ${refused.batch}`)).toEqual({
        state: "pending",
      });
      expect((await run.status()).batches[state]).toBe(MANY);
      // In the command's own turn, or later by the clock.
      const [ended] = await eventsOf(run, "retry_all_ended");
      expect(underWay ? ended?.detail["changed"] : changed).toBe(1);
      expect((await run.status()).commands_under_way).toEqual([]);
    },
  );

  it("changes 20,000 batches over many turns, survives an eviction, and shows its progress", async () => {
    await oneRefused();
    await addBatches(run, { state: "refused", file: "open" });
    const answer = await acted(run, retry, "mended");
    expect(answer.underWay).toBe(true);
    expect(answer.changed).toBeGreaterThan(0);
    expect(answer.changed).toBeLessThan(MANY);
    expect(answer.status).toMatchObject({
      stage_code: "sending",
      commands_under_way: [{ command: "retry_all", actor: ACTOR, note: "mended", changed: answer.changed }],
    });
    await run.evict();
    await run.expectBalanced();
    await run.settle();
    const status = await run.status();
    expect(status.batches).toMatchObject({ pending: MANY + 1, refused: 0 });
    expect(status.commands_under_way).toEqual([]);
    expect(await eventsOf(run, "retry_all")).toMatchObject([
      { detail: { changed: answer.changed, under_way: true } },
    ]);
    expect(await eventsOf(run, "retry_all_ended")).toMatchObject([
      { actor: ACTOR, detail: { changed: MANY + 1, note: "mended" } },
    ]);
  });

  it("leaves a batch for another command that is refused again meanwhile", async () => {
    await oneRefused();
    await addBatches(run, { state: "refused", file: "open", count: 3_000 });
    expect((await acted(run, retry)).underWay).toBe(true);
    const again = await permitOf(run);
    await reportOutcome(run, again, answered(400));
    await run.settle();
    expect((await run.status()).batches).toMatchObject({ refused: 1, pending: 3_000 });
  });

  it("keeps the run at work until the last part", async () => {
    await oneRefused();
    await addBatches(run, { state: "held", file: "changed" });
    await run.settle();
    expect(await run.stage()).toBe("needs_attention");
    const answer = await acted(run, retry);
    if (answer.underWay) expect(answer.status.stage_code).toBe("sending");
    await run.settle();
    await sendAll(run);
    await run.wait(3_600_000);
    expect(await run.stage()).toBe("needs_attention");
    expect((await run.status()).batches).toMatchObject({ held: MANY, done: 2 });
  });

  it("parses 20,000 failed files again over many turns, despite 20,000 changed files", async () => {
    await listed(run, 1);
    await addFiles(run, "changed");
    await addFiles(run, "failed");
    const answer = await acted(run, retry);
    expect(answer.underWay).toBe(true);
    await run.settle();
    expect((await run.status()).files).toMatchObject({ changed: MANY, failed: 0, listed: MANY + 1 });
  });

  it("is stopped by an abort, and the event shows how far it came", async () => {
    await oneRefused();
    await addBatches(run, { state: "refused", file: "open" });
    const { changed } = await acted(run, retry);
    expect(await run.api.abort({ force: false, actor: "token" })).toMatchObject({ ok: true });
    await run.settle();
    expect(await run.stage()).toBe("aborted");
    expect((await run.status()).commands_under_way).toEqual([]);
    expect(await eventsOf(run, "retry_all_ended")).toMatchObject([{ detail: { changed, cut_short: true } }]);
    expect(await act(run, retry)).toMatchObject({ ok: false, code: "run_ended" });
  });

  it("leaves a failed file alone while one of its batches is leased", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    const lost = await permitOf(run);
    const out = await permitOf(run);
    await reportOutcome(run, lost, { kind: "not_sent", reason: "pack_missing", detail: "gone" });
    await run.settle();
    const claimed = await run.api.claimFile(1);
    if (!claimed.ok) throw new Error(claimed.code);
    await run.api.fileFailed({ file: 1, attempt: claimed.attempt, state: "missing", reason: "not_found", detail: "", counts: null, seen: null }); // prettier-ignore
    expect(await acted(run, retry)).toMatchObject({ changed: 0, skipped: 1 });
    expect((await run.status()).files).toMatchObject({ missing: 1, listed: 0 });
    await reportOutcome(run, out, OK);
    expect(await acted(run, retry)).toMatchObject({ skipped: 0 });
    expect((await run.status()).files).toMatchObject({ missing: 0, listed: 1 });
  });
});

describe("a claim", () => {
  it("finds the one batch that is due among 20,000 due batches of a file that is parsed again", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    const failed = await permitOf(run);
    await reportOutcome(run, failed, answered(503));
    await addBatches(run, { state: "pending", file: "listed", attempt: 1 });
    await run.wait(2_000);
    expect(await run.api.next("test.0", [], 1)).toMatchObject({
      kind: "grants",
      grants: [{ batch: failed.batch, attempt: 2 }],
    });
  });

  it("finds the one new batch among 20,000 that were settled before they were claimed", async () => {
    await openedAs(run, [[LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    const file = await addBatches(run, { state: "discarded", file: "open" });
    await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
      const last = "(SELECT max(batch) FROM batches)";
      sql.exec(`UPDATE batches SET attempt = 0 WHERE file = ?`, file);
      sql.exec(`UPDATE batches SET state = 'pending' WHERE batch = ${last}`);
      sql.exec(`UPDATE files SET unsettled = 1, unclaimed = 1, fresh = first_batch WHERE file = ?`, file);
      sql.exec(`UPDATE totals SET batches_discarded = batches_discarded - 1, lines_discarded = lines_discarded - 10,
        batches_pending = batches_pending + 1, lines_pending = lines_pending + 10, backlog_bytes = backlog_bytes + 100`);
    });
    expect((await permitOf(run)).file).toBe(file);
  });
});

async function addDuplicates(count: number): Promise<void> {
  await addFiles(run, "suspicious", count);
  await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
    sql.exec(
      "UPDATE files SET duplicate_of = 1, reason_code = 'duplicate_objects' WHERE state = 'suspicious' AND duplicate_of IS NULL",
    );
    sql.exec("UPDATE totals SET files_duplicate = files_duplicate + ?", count);
  });
}

describe("the decision that duplicates are read", () => {
  it("reads 20,000 of them in bounded turns, and none that is named after it", async () => {
    await openedAs(run, [[LINES]], {});
    await sendAll(run);
    await addDuplicates(MANY);
    await run.wait(3_600_000);
    expect((await run.status()).state_reason?.code).toBe("duplicate_objects");
    const answer = await acted(run, { do: "accept_codes", codes: ["duplicate_objects"] }, "two jobs");
    expect(answer).toMatchObject({ changed: 1, underWay: true });
    expect((await run.status()).files).toMatchObject({ listed: 500, suspicious: MANY - 500 });
    await addDuplicates(1);
    await run.evict();
    await run.wait(1_000);
    expect((await run.status()).files["suspicious"]).toBe(1);
    expect(await eventsOf(run, "read_duplicates_ended")).toMatchObject([{ detail: { changed: MANY } }]);
  });
});
