// Packs that are lost and made again, and R2 objects that change before or after a POST of their lines began.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunSpec } from "../../src/contract/run.ts";
import { RunUnderTest, aSpec } from "../support/run-under-test.ts";
import {
  OK,
  PACK_MISSING,
  claim,
  entriesOf,
  permitOf,
  logKey,
  manifestOf,
  opened,
  putLogs,
  sendAll,
  reportOutcome,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** A window that has just ended. Its margin is open, and the final listing is to come. */
function untilJustNow(): { parse: RunSpec["parse"] } {
  return { parse: { ...aSpec("x").parse, endMs: Math.floor(Date.now() / 1_000) * 1_000 - 1_000 } };
}

describe("a lost pack", () => {
  it("is made again and its batches go on, while sent batches stay sent", async () => {
    await opened(run, [[100, 100, 100]]);
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), PACK_MISSING);
    expect((await run.status()).files.listed).toBe(1);
    await run.settle();
    const second = await claim(run, 1);
    const entries = entriesOf([100, 100, 100], "f0-").map((entry) => ({ ...entry, length: 2_000 }));
    expect(await run.api.queued(manifestOf(1, second.attempt, entries))).toEqual({ ok: true, state: "open" });
    await run.expectBalanced();
    const permit = await permitOf(run);
    expect(permit).toMatchObject({ packKey: second.packKey, length: 2_000 });
    await reportOutcome(run, permit, OK);
    await sendAll(run);
    expect(await run.status()).toMatchObject({ log_lines_sent: 300, duplicate_lines: 0 });
    await run.expectBalanced();
  });

  it("makes the file changed when it comes out different, and nothing more of it leaves", async () => {
    await opened(run, [[100, 100, 100]]);
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), PACK_MISSING);
    await run.settle();
    const { attempt } = await claim(run, 1);
    const other = manifestOf(1, attempt, entriesOf([100, 100, 100], "other"));
    expect(await run.api.queued(other)).toMatchObject({ ok: false, code: "digest_mismatch" });
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    await run.wait(30_000);
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", log_lines_sent: 100 });
    expect(run.released).toHaveLength(1);
    await run.expectBalanced();
  });

  it("is made again although it holds more batches than may wait", async () => {
    await opened(run, [Array.from({ length: 900 }, () => 100)]);
    await reportOutcome(run, await permitOf(run), PACK_MISSING);
    run.enqueued = [];
    await run.wait(60_000);
    expect(run.enqueued).toContain(1);
  });

  it("makes the file missing when its object is gone, and keeps its counts", async () => {
    await opened(run, [[100, 100]]);
    await reportOutcome(run, await permitOf(run), PACK_MISSING);
    await run.settle();
    const { attempt } = await claim(run, 1);
    const gone = { reason: "not_found", detail: "", counts: null, seen: null };
    await run.api.fileFailed({ file: 1, attempt, state: "missing", ...gone });
    await run.expectBalanced();
    await run.wait(30_000);
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", files: { missing: 1 } });
  });

  it("lets the other batches under way report, and the run ends", async () => {
    await opened(run, [[100, 100, 100]]);
    const [first, second] = [await permitOf(run), await permitOf(run)];
    await reportOutcome(run, first, PACK_MISSING);
    await run.settle();
    const { attempt } = await claim(run, 1);
    await reportOutcome(run, second, OK);
    await run.api.queued(manifestOf(1, attempt, entriesOf([100, 100, 100], "f0-")));
    await run.expectBalanced();
    await sendAll(run);
    await run.expectBalanced();
    expect(await run.status()).toMatchObject({ log_lines_sent: 300, duplicate_lines: 0 });
  });
});

describe("a changed object", () => {
  it("is parsed as it is now when nothing of it was sent", async () => {
    const [key = ""] = await putLogs(run, 1);
    await run.start();
    await run.settle();
    const first = await claim(run, 1);
    await env.LOGS.put(key, "another");
    const seen = await env.LOGS.head(key);
    if (!seen) throw new Error("nothing was put");
    const etag = { reason: "etag", detail: "", counts: null, seen: { etag: seen.etag, size: seen.size } };
    await run.api.fileFailed({ file: 1, attempt: first.attempt, state: "changed", ...etag });
    await run.settle();
    expect(await claim(run, 1)).toMatchObject({ attempt: 2, etag: seen.etag });
    await run.expectBalanced();
  });

  it("drops the batches of the old object when it is listed again before a POST", async () => {
    await putLogs(run, 1);
    // The margin is still open, so another listing pass follows.
    await run.start(untilJustNow());
    await run.settle();
    const { attempt } = await claim(run, 1);
    await run.api.queued(manifestOf(1, attempt, entriesOf([100, 100])));
    await env.LOGS.put(logKey(run, 0), "another");
    await run.wait(11 * 60_000);
    expect((await run.status()).batches.pending).toBe(0);
    expect((await run.status()).files.listed).toBe(1);
    await run.expectBalanced();
    const again = await claim(run, 1);
    await run.api.queued(manifestOf(1, again.attempt, entriesOf([40], "new")));
    await run.expectBalanced();
    await sendAll(run);
    expect(await run.status()).toMatchObject({ log_lines_sent: 40 });
  });

  it("stops the file when it is listed again after a POST began", async () => {
    await putLogs(run, 1);
    await run.start(untilJustNow());
    await run.settle();
    const { attempt } = await claim(run, 1);
    await run.api.queued(manifestOf(1, attempt, entriesOf([100, 100, 100])));
    await reportOutcome(run, await permitOf(run), OK);
    const open = await permitOf(run);
    await env.LOGS.put(logKey(run, 0), "another");
    await run.api.renew([open]);
    for (let minute = 0; minute < 11 * 6; minute += 1) {
      await run.wait(10_000);
      await run.api.renew([open]);
    }
    expect((await run.status()).files.changed).toBe(1);
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    // The open POST ends without an answer. Its batch must not wait for ever.
    await reportOutcome(run, open, { kind: "reset", detail: "" });
    await run.wait(60_000);
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", log_lines_sent: 100 });
    await run.expectBalanced();
  });
});
