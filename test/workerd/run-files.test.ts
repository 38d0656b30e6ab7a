// Files of a run: claims, renewals, manifests in pages, and what becomes of a file whose parser says something odd.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { RunSpec } from "../../durable-objects/backfill-run/api.ts";
import { aSpec, RunUnderTest } from "../support/run-under-test.ts";
import { claim, countsOf, entriesOf, grantOf, listed, logKey, manifestOf, OK, opened, PACK_MISSING, putLogs, sendAll, tell } from "../support/run-work.ts"; // prettier-ignore

const run = new RunUnderTest();

/** A window that has only just ended: its margin is still open, and the final listing is to come. */
function untilJustNow(): { parse: RunSpec["parse"] } {
  return { parse: { ...aSpec("x").parse, endMs: Math.floor(Date.now() / 1_000) * 1_000 - 1_000 } };
}

describe("start", () => {
  it("is the same start with the same specification, and refused with another, because admission may repeat it", async () => {
    await run.start();
    const spec = JSON.parse(String((await run.row("SELECT spec_json FROM run"))["spec_json"]));
    const slot = { fence: 1, notBefore: 0 };
    expect(await run.api.start(spec, slot)).toEqual({ ok: true, already: true });
    await run.evict();
    expect(await run.api.start(spec, slot)).toEqual({ ok: true, already: true });
    const other = { ...spec, note: "another" };
    expect(await run.api.start(other, slot)).toMatchObject({ ok: false, code: "other_specification" });
    expect(await run.rows("SELECT 1 FROM run")).toHaveLength(1);
  });

  it("is asked for by everything else: an object that was never started knows nothing and keeps no clock", async () => {
    const unknown = { ok: false, code: "unknown_run" };
    expect(await run.api.status()).toMatchObject(unknown);
    expect(await run.api.claimFile(1)).toMatchObject(unknown);
    expect(await run.api.abort({ force: false, actor: "token" })).toMatchObject(unknown);
    expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
    await run.api.poke();
    await run.api.deadLetter("send");
    await run.api.done("a.0", []);
    await run.settle();
    expect(await run.rows("SELECT 1 FROM run")).toEqual([]);
  });
});

describe("a file", () => {
  it("is offered once in the order of listing, and its claim is a new attempt with a pack of its own", async () => {
    await listed(run, 2);
    expect(run.offered).toEqual([1, 2]);
    const first = await claim(run, 1);
    expect(first).toMatchObject({ attempt: 1, key: logKey(run, 0) });
    expect(first.packKey.startsWith(`processed-backfill/${run.id}/`)).toBe(true);
    expect(await run.api.claimFile(1)).toMatchObject({ ok: false, code: "not_waiting" });
    expect(await run.api.claimFile(3)).toMatchObject({ ok: false, code: "unknown_file" });
    await run.wait(31_000);
    const second = await claim(run, 1);
    expect(second.attempt).toBe(2);
    expect(second.packKey).not.toBe(first.packKey);
    await run.expectBalanced();
  });

  it("is offered again when its message was lost, because a queue is a doorbell", async () => {
    await listed(run, 1);
    run.offered = [];
    await run.wait(19_000);
    expect(run.offered).toEqual([]);
    await run.wait(2_000);
    expect(run.offered).toEqual([1]);
    await run.evict();
    await run.wait(41_000);
    expect(run.offered).toEqual([1, 1]);
  });

  it("stays with a parser that renews, and is offered again when its parser vanished", async () => {
    await listed(run, 1);
    const { attempt } = await claim(run, 1);
    for (let renewals = 0; renewals < 6; renewals += 1) {
      await run.wait(10_000);
      expect(await run.api.renewFile(1, attempt)).toMatchObject({ ok: true });
    }
    run.offered = [];
    await run.wait(31_000);
    expect(run.offered).toEqual([1]);
    expect(await run.api.renewFile(1, attempt)).toMatchObject({ ok: false, code: "superseded" });
    expect(await run.api.queued(manifestOf(1, attempt, entriesOf([10])))).toMatchObject({
      code: "superseded",
    });
    expect((await run.status()).files).toMatchObject({ listed: 1, open: 0 });
  });

  it("is failed after ten vanished parsers, because it would go on for ever", async () => {
    await listed(run, 1);
    for (let crash = 0; crash < 10; crash += 1) {
      await claim(run, 1);
      await run.wait(30_001);
    }
    expect((await run.status()).problems).toEqual([
      expect.objectContaining({ kind: "file", file: 1, state: "failed" }),
    ]);
    expect(await run.stage()).toBe("needs_attention");
    await run.expectBalanced();
  });

  it("survives an R2 that is down for an hour, because only a vanished parser says anything about the file", async () => {
    await listed(run, 1);
    for (let turns = 0; turns < 60; turns += 1) {
      const answer = await run.api.claimFile(1);
      if (answer.ok) {
        const io = { reason: "io", detail: "R2 is down", counts: null, seen: null };
        await run.api.fileFailed({ file: 1, attempt: answer.attempt, state: "gave_up", ...io });
      }
      await run.wait(60_000);
    }
    expect((await run.status()).files).toMatchObject({ listed: 1, failed: 0 });
  });
});

describe("a manifest", () => {
  it("is answered again as the first time, because the first answer may have been lost", async () => {
    await listed(run, 2);
    const { attempt } = await claim(run, 1);
    const manifest = manifestOf(1, attempt, entriesOf([100, 50]));
    expect(await run.api.queued(manifest)).toEqual({ ok: true, state: "open" });
    expect(await run.api.queued(manifest)).toEqual({ ok: true, state: "open" });
    await run.evict();
    expect(await run.api.queued(manifest)).toEqual({ ok: true, state: "open" });
    expect((await run.status()).batches.pending).toBe(2);
    const empty = manifestOf(2, (await claim(run, 2)).attempt, [], { counts: countsOf(0) });
    expect(await run.api.queued(empty)).toEqual({ ok: true, state: "closed" });
    expect(await run.api.queued(empty)).toEqual({ ok: true, state: "closed" });
    await run.expectBalanced();
  });

  it("of several pages opens all batches with the last one, and no claim sees any before", async () => {
    await listed(run, 1);
    const { attempt } = await claim(run, 1);
    const entries = entriesOf([100, 100, 100, 100, 100]);
    const page = (n: number) =>
      manifestOf(1, attempt, entries.slice(n * 2, n * 2 + 2), {
        page: n,
        pages: 3,
        batches: 5,
        counts: countsOf(500),
      });
    expect(await run.api.queued(page(1))).toMatchObject({ code: "page_out_of_order" });
    expect(await run.api.queued(page(0))).toEqual({ ok: true, state: "staged" });
    expect(await run.api.queued(page(0))).toEqual({ ok: true, state: "staged" });
    expect(await run.api.queued(page(2))).toMatchObject({ code: "page_out_of_order" });
    await run.evict();
    expect(await run.api.queued(page(1))).toEqual({ ok: true, state: "staged" });
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect((await run.status()).batches.pending).toBe(0);
    expect(await run.api.queued(page(2))).toEqual({ ok: true, state: "open" });
    expect((await run.status()).batches.pending).toBe(5);
    expect(await run.rows("SELECT 1 FROM staged_batches")).toEqual([]);
    await run.expectBalanced();
    await sendAll(run);
    expect((await run.status()).files.closed).toBe(1);
  });

  it("begins anew with a new attempt: pages of a parser that vanished are worth nothing", async () => {
    await listed(run, 1);
    const first = await claim(run, 1);
    const entries = entriesOf([100, 100], "old");
    await run.api.queued(manifestOf(1, first.attempt, [entries[0]!], { pages: 2, batches: 2 }));
    await run.wait(31_000);
    const second = await claim(run, 1);
    const late = manifestOf(1, first.attempt, [entries[1]!], {
      page: 1,
      pages: 2,
      batches: 2,
      counts: countsOf(200),
    });
    expect(await run.api.queued(late)).toMatchObject({ code: "superseded" });
    const whole = manifestOf(1, second.attempt, entriesOf([70], "new"));
    expect(await run.api.queued(whole)).toEqual({ ok: true, state: "open" });
    expect(await run.rows("SELECT digest, lines FROM batches")).toEqual([
      { digest: "digest-new0", lines: 70 },
    ]);
    await run.expectBalanced();
  });

  it.each([
    ["its lines do not add up", { counts: countsOf(100, { linesRead: 104 }) }],
    ["its batches hold other lines than it kept", { counts: countsOf(99) }],
    ["it has fewer batches than it says", { batches: 2 }],
  ])("is refused when %s, because what cannot count must not be believed", async (_why, over) => {
    await listed(run, 1);
    const { attempt } = await claim(run, 1);
    const manifest = manifestOf(1, attempt, entriesOf([100]), over);
    expect(await run.api.queued(manifest)).toMatchObject({ ok: false, code: "unbalanced" });
    expect((await run.status()).files.failed).toBe(1);
    expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
    await run.wait(1_000);
    expect(await run.stage()).toBe("needs_attention");
    await run.expectBalanced();
  });

  it("that kept nothing for a suspicious reason waits for an operator", async () => {
    await listed(run, 1);
    const { attempt } = await claim(run, 1);
    const counts = countsOf(0, {
      linesRead: 5,
      malformed: 5,
      dropped: { ...countsOf(0).dropped, not_top_level: 0 },
    });
    expect(await run.api.queued(manifestOf(1, attempt, [], { counts }))).toEqual({
      ok: true,
      state: "suspicious",
    });
    await run.wait(1_000);
    expect(await run.stage()).toBe("needs_attention");
    await run.expectBalanced();
  });
});

describe("a lost pack", () => {
  it("is made again and its batches go on, those that were sent stay sent", async () => {
    await opened(run, [[100, 100, 100]]);
    await tell(run, await grantOf(run), OK);
    await tell(run, await grantOf(run), PACK_MISSING);
    expect((await run.status()).files.listed).toBe(1);
    await run.settle();
    const second = await claim(run, 1);
    const entries = entriesOf([100, 100, 100], "f0-").map((entry) => ({ ...entry, length: 2_000 }));
    expect(await run.api.queued(manifestOf(1, second.attempt, entries))).toEqual({ ok: true, state: "open" });
    await run.expectBalanced();
    const grant = await grantOf(run);
    expect(grant).toMatchObject({ packKey: second.packKey, length: 2_000 });
    await tell(run, grant, OK);
    await sendAll(run);
    expect(await run.status()).toMatchObject({ log_lines_sent: 300, duplicate_lines: 0 });
    await run.expectBalanced();
  });

  it("that comes out different makes the file changed, nothing more of it leaves, and the run says so", async () => {
    await opened(run, [[100, 100, 100]]);
    await tell(run, await grantOf(run), OK);
    await tell(run, await grantOf(run), PACK_MISSING);
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

  it("of more batches than may wait is made again all the same, because else nothing would ever move", async () => {
    await opened(run, [Array.from({ length: 900 }, () => 100)]);
    await tell(run, await grantOf(run), PACK_MISSING);
    run.offered = [];
    await run.wait(60_000);
    expect(run.offered).toContain(1);
  });

  it("whose object is gone by now is missing, keeps its counts, and the run says so", async () => {
    await opened(run, [[100, 100]]);
    await tell(run, await grantOf(run), PACK_MISSING);
    await run.settle();
    const { attempt } = await claim(run, 1);
    const gone = { reason: "not_found", detail: "", counts: null, seen: null };
    await run.api.fileFailed({ file: 1, attempt, state: "missing", ...gone });
    await run.expectBalanced();
    await run.wait(30_000);
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", files: { missing: 1 } });
  });

  it("while other batches of the file are under way: what they report counts, and the run ends", async () => {
    await opened(run, [[100, 100, 100]]);
    const [first, second] = [await grantOf(run), await grantOf(run)];
    await tell(run, first, PACK_MISSING);
    await run.settle();
    const { attempt } = await claim(run, 1);
    await tell(run, second, OK);
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
    const seen = await env.LOGS.put(key, "another");
    const etag = { reason: "etag", detail: "", counts: null, seen: { etag: seen.etag, size: seen.size } };
    await run.api.fileFailed({ file: 1, attempt: first.attempt, state: "changed", ...etag });
    await run.settle();
    expect(await claim(run, 1)).toMatchObject({ attempt: 2, etag: seen.etag });
    await run.expectBalanced();
  });

  it("that is listed again before anything was sent loses the batches of the old one", async () => {
    await putLogs(run, 1);
    // the margin is still open: a second pass will come
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

  it("that is listed again after a POST began stops the file, and the run asks for a word", async () => {
    await putLogs(run, 1);
    await run.start(untilJustNow());
    await run.settle();
    const { attempt } = await claim(run, 1);
    await run.api.queued(manifestOf(1, attempt, entriesOf([100, 100, 100])));
    await tell(run, await grantOf(run), OK);
    const open = await grantOf(run);
    await env.LOGS.put(logKey(run, 0), "another");
    await run.api.renew([open]);
    for (let minute = 0; minute < 11 * 6; minute += 1) {
      await run.wait(10_000);
      await run.api.renew([open]);
    }
    expect((await run.status()).files.changed).toBe(1);
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    // the POST that was open ends without an answer: its batch must not wait for ever
    await tell(run, open, { kind: "reset", detail: "" });
    await run.wait(60_000);
    expect(await run.api.next("a.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect(await run.status()).toMatchObject({ stage_code: "needs_attention", log_lines_sent: 100 });
    await run.expectBalanced();
  });
});
