// Files of a run: claims, renewals, manifests in pages, and unexpected reports of a parser.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunSpec } from "../../src/contract/run.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { claim, countsOf, entriesOf, listed, logKey, manifestOf, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

describe("start", () => {
  it("is repeatable with the same specification, and refused with another", async () => {
    await run.start();
    const { spec_json } = await run.row<{ spec_json: string }>("SELECT spec_json FROM run");
    const spec: RunSpec = JSON.parse(spec_json);
    const slot = { fence: 1, notBefore: 0 };
    expect(await run.api.start(spec, slot)).toEqual({ ok: true, already: true });
    await run.evict();
    expect(await run.api.start(spec, slot)).toEqual({ ok: true, already: true });
    const other = { ...spec, note: "another" };
    expect(await run.api.start(other, slot)).toMatchObject({ ok: false, code: "other_specification" });
    expect(await run.rows("SELECT 1 FROM run")).toHaveLength(1);
  });

  it("is needed before anything else: an object that was never started has no rows and no clock", async () => {
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
  it("is enqueued once in the order of listing, and each claim is a new attempt", async () => {
    await listed(run, 2);
    expect(run.enqueued).toEqual([1, 2]);
    const first = await claim(run, 1);
    expect(first).toMatchObject({ attempt: 1, key: logKey(run, 0) });
    expect(first.packKey?.startsWith(`processed-backfill/${run.id}/`)).toBe(true);
    expect(await run.api.claimFile(1)).toMatchObject({ ok: false, code: "not_waiting" });
    expect(await run.api.claimFile(3)).toMatchObject({ ok: false, code: "unknown_file" });
    await run.wait(31_000);
    const second = await claim(run, 1);
    expect(second.attempt).toBe(2);
    expect(second.packKey).not.toBe(first.packKey);
    await run.expectBalanced();
  });

  it("is enqueued again when its message was lost", async () => {
    await listed(run, 1);
    run.enqueued = [];
    await run.wait(19_000);
    expect(run.enqueued).toEqual([]);
    await run.wait(2_000);
    expect(run.enqueued).toEqual([1]);
    await run.evict();
    await run.wait(41_000);
    expect(run.enqueued).toEqual([1, 1]);
  });

  it("stays with a parser that renews, and is enqueued again when its parser vanished", async () => {
    await listed(run, 1);
    const { attempt } = await claim(run, 1);
    for (let renewals = 0; renewals < 6; renewals += 1) {
      await run.wait(10_000);
      expect(await run.api.renewFile(1, attempt)).toMatchObject({ ok: true });
    }
    run.enqueued = [];
    await run.wait(31_000);
    expect(run.enqueued).toEqual([1]);
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

  it("survives an R2 that is down for most of an hour", async () => {
    await listed(run, 1);
    for (let turns = 0; turns < 40; turns += 1) {
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

describe("a call of a parser that this run failed", () => {
  const failed = { reason: "run_failed", detail: "queued: TypeError: x", counts: null, seen: null } as const;

  it("pauses no other file, and the file itself waits", async () => {
    await listed(run, 8);
    const first = await claim(run, 1);
    const second = await claim(run, 2);
    run.enqueued = [];
    await run.api.fileFailed({ file: 1, attempt: first.attempt, state: "gave_up", ...failed });
    const outage = "SELECT pace_json ->> '$.storage.parse' AS outage FROM totals";
    expect(await run.rows(outage)).toEqual([{ outage: null }]);
    await run.api.queued(manifestOf(2, second.attempt, entriesOf([10])));
    await run.wait(1_000);
    expect(run.enqueued).toEqual([7]);
    await run.wait(21_000);
    expect(run.enqueued).toContain(1);
  });

  it("fails the file after ten times, and names the call", async () => {
    await listed(run, 1);
    for (let crash = 0; crash < 10; crash += 1) {
      const { attempt } = await claim(run, 1);
      await run.api.fileFailed({ file: 1, attempt, state: "gave_up", ...failed });
      await run.wait(300_001);
    }
    const [problem] = (await run.status()).problems;
    expect(problem).toMatchObject({ kind: "file", file: 1, state: "failed" });
    expect(JSON.stringify(problem)).toContain("queued: TypeError: x");
    await run.expectBalanced();
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

  it("opens all batches of several pages with the last page, and no claim sees any before", async () => {
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

  it("begins again with a new attempt: pages of a vanished parser are dropped", async () => {
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
  ])("is refused when %s", async (_why, over) => {
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

  it("waits for an operator when it kept nothing for a suspicious reason", async () => {
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
