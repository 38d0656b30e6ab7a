// continue_of over a chain of runs, and what a continuation shows about itself.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { continued, sentBatches } from "../support/continue-play.ts";
import { openedAs, openFile, statesOf } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { claim, entriesOf, permitOf, manifestOf, OK, PACK_MISSING, sendAll, reportOutcome, TIMEOUT } from "../support/run-work.ts"; // prettier-ignore

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;

describe("a chain of continuations", () => {
  it("hands on what the middle run inherited and never opened", async () => {
    await openedAs(run, [[LINES, LINES], [LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await continued(run);
    await openFile(run, 2, [LINES], "f1-");
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    await openFile(run, 2, [LINES], "f1-");
    await run.settle();
    expect(await statesOf(run)).toEqual({ 1: "discarded", 2: "held", 3: "pending" });
    expect(await sentBatches(run)).toEqual([3]);
  });

  it("goes back to the first run when the second was aborted in the middle of inheriting", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await continued(run, {}, "never inherits");
    expect(await run.row("SELECT inherit_json FROM run")).toEqual({ inherit_json: "{}" });
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    await run.settle();
    expect(await statesOf(run)).toEqual({ 1: "discarded", 2: "pending" });
  });

  it("pages through what is handed on, among 20,000 rows that the middle run did open", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await continued(run);
    await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
      sql.exec(`UPDATE files SET first_batch = 1 WHERE file = 1`);
      sql.exec(`INSERT INTO inherited (key, ordinal, digest, state)
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 20000)
        SELECT (SELECT key FROM files), i + 10, 'other-' || i, 'done' FROM n`);
      sql.exec(
        "INSERT INTO inherited (key, ordinal, digest, state) VALUES ('zzz', 0, 'behind', 'uncertain')",
      );
      sql.exec(`UPDATE files SET first_batch = NULL WHERE file = 1`);
      sql.exec(`UPDATE files SET older_batches_json = '[]' WHERE file = 1`);
    });
    await continued(run);
    expect(await run.rows("SELECT key, digest, state FROM inherited")).toEqual([
      { key: "zzz", digest: "behind", state: "uncertain" },
    ]);
  });
});

describe("the status of a continuation", () => {
  it("counts nothing as sent by inheriting alone, whatever is uncertain in the run before", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await continued(run);
    run.reports = [];
    await openFile(run, 1, [LINES, LINES], "f0-");
    await run.wait(10_000);
    expect((await run.status()).uncertain_attempts).toBe(1);
    expect(run.reports.at(-1)).toMatchObject({ sentSomething: false });
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await run.wait(10_000);
    expect(run.reports.at(-1)).toMatchObject({ sentSomething: true });
  });

  it("counts as its own the lines left to it, and names what was delivered before", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await continued(run);
    await openFile(run, 1, [LINES, LINES, LINES], "f0-");
    await sendAll(run);
    await run.wait(HOUR);
    const status = await run.status();
    expect(status.summary).toContain(
      "delivered: 200 of 200 lines delivered (100 more by the run that this one continues)",
    );
    expect(status.lines).toMatchObject({ kept: 300, sent: 200, inherited: 100 });
  });

  it("keeps no attempt of a batch whose object changed before it was sent", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await continued(run);
    await openFile(run, 1, [LINES, LINES], "f0-");
    expect((await run.status()).uncertain_attempts).toBe(1);
    // The pack is lost before anything was sent, and the file's R2 object is replaced.
    const permit = await permitOf(run);
    await runInDurableObject(run.stub, (_object, { storage }) => {
      storage.sql.exec("UPDATE files SET posted = 0");
    });
    await reportOutcome(run, permit, PACK_MISSING);
    await run.settle();
    const { attempt } = await claim(run, 1);
    const seen = { etag: "another", size: 7 };
    await run.api.fileFailed({ file: 1, attempt, state: "changed", reason: "etag", detail: "", counts: null, seen }); // prettier-ignore
    expect(await run.rows("SELECT batch, attempt FROM attempts")).toEqual([]);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 0, possible_duplicate_lines: 0 });
    await run.expectBalanced();
    // The inherited batch is matched again with the new R2 object.
    await run.settle();
    const again = await claim(run, 1);
    await run.api.queued(manifestOf(1, again.attempt, entriesOf([LINES, LINES], "f0-")));
    expect(await run.rows("SELECT attempt, state FROM attempts")).toEqual([
      { attempt: 0, state: "uncertain" },
    ]);
  });
});
