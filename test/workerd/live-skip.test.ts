// Runs that send only what the live worker left out, from markers in the bucket to the delivered run.
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { continued } from "../support/continue-play.ts";
import { LivePlay, upTo } from "../support/live-play.ts";
import { record } from "../support/run-logs.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { logKey, OK, permitOf, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
const play = new LivePlay(run);
beforeEach(() => {
  run.setUp();
  play.forget();
});
afterEach(async () => {
  await play.verify();
  run.tearDown();
});

describe("a run that skips what the live worker delivered", () => {
  it("sends exactly the rest, once three whole files prove the size", async () => {
    await play.putWhole();
    await play.put(3, 420, [0, 1, 3]);
    await play.put(4, 230, []);
    await play.start();
    await play.parse(4, 5);
    expect(await run.status()).toMatchObject({
      files: { waiting: 1, open: 1 },
      live: { believed: false, proven_by: null },
    });
    // The held batches of the waiting file wait for the run, not for a person.
    const { map } = (await run.api.map()) as { map: { states: string; outside: object } };
    expect(`${map.states} ${Object.keys(map.outside).join(" ")}`).toMatch(/w|waiting/);
    expect(`${map.states} ${Object.keys(map.outside).join(" ")}`).not.toMatch(/b|set_aside/);
    await play.parse(1, 2, 3);
    expect(await run.status()).toMatchObject({
      files: { waiting: 0, open: 2, closed: 3 },
      lines: { kept: 120 + 230, dropped: { delivered_live: 250 + 350 + 450 + 300 } },
      live: { believed: true, proven_by: "files", proving_files: 3, doubt: null, files_with_markers: 4 },
    });
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 350,
      possible_duplicate_lines: 0,
    });
    expect((await play.files())[3]).toMatchObject({
      live: { expected: 5, done: 3, waiting: 0 },
      borders: "known",
    });
  });

  it("stops and names the sizes that fit when the configured size is wrong", async () => {
    await play.put(0, 2_500, upTo(5));
    await play.put(1, 3_500, upTo(7));
    await play.put(2, 4_500, upTo(9));
    await play.start();
    await play.parse(1, 2, 3);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "live_batch_size_unproven" },
      live: { believed: false, fitting_sizes: [500] },
      log_lines_sent: 0,
    });
    expect(await run.api.next("w.0", [], 1)).toMatchObject({ kind: "nothing" });
  });

  it("lets an operator vouch for a size that too few files show", async () => {
    await play.put(0, 420, [0, 1]);
    await play.start();
    await play.parse(1);
    const asked = { do: "accept_codes", actor: "token", note: "the var of the live worker" } as const;
    const answer = await run.api.operate({ ...asked, codes: ["live_batch_size_unproven"] });
    expect(answer).toMatchObject({ ok: true });
    await run.settle();
    expect(await run.status()).toMatchObject({ live: { proven_by: "operator", proving_files: 0 } });
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 220 });
  });

  it("holds what is not sent yet when a later file contradicts the size", async () => {
    await play.putWhole();
    await play.put(3, 420, [0, 1]);
    await play.put(4, 150, upTo(3));
    await play.start();
    await play.parse(1, 2, 3, 4);
    const permit = await permitOf(run);
    await play.parse(5);
    expect(await run.status()).toMatchObject({ files: { waiting: 1 }, live: { believed: false } });
    expect(await run.api.next("w.0", [], 1)).toMatchObject({ kind: "nothing" });
    await reportOutcome(run, permit, OK);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "live_batch_size_unproven" },
    });
  });

  it("skips nothing of a file whose borders are unknown, and asks about it", async () => {
    await play.putWhole();
    await play.put(3, 420, [0, 1], `${record("x")},\n`);
    await play.start();
    await play.parse(1, 2, 3, 4);
    const [, , , file] = await play.files();
    expect(file).toMatchObject({ state: "suspicious", lines: { kept: 421 }, borders: "trailing_comma" });
    expect(file?.reason).toContain("live_borders_unknown");
    const asked = { do: "accept_file", actor: "token", note: "sent by hand", file: 4, send: true } as const;
    expect(await run.api.operate(asked)).toMatchObject({ ok: true });
    await run.settle();
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 421 });
  });

  it("sends a file without markers whose borders are unknown", async () => {
    await play.put(0, 20, [], `${record("x")},\n`);
    await play.start();
    await play.parse(1);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 21 });
  });

  it("asks about two keys that share their markers, and reads both when told", async () => {
    await play.put(0, 20, [0]);
    const twin = logKey(run, 0).replace("_0.log", ".0.log");
    await env.LOGS.put(twin, gzipSync(`${record("twin")}\n`));
    await play.start();
    expect((await play.files()).map(({ state }) => state)).toEqual(["suspicious", "suspicious"]);
    for (const file of [1, 2])
      await run.api.operate({ do: "accept_file", actor: "token", note: "both", file, send: true });
    await run.settle();
    await play.parse(1, 2);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 21 });
  });
});

describe("a file that waits for the live worker", () => {
  it("is looked at each minute, and sent when the answer is there", async () => {
    await play.putWhole();
    await play.put(3, 420, [0, 1]);
    await play.mark(3, 2, "waiting");
    await play.start();
    await play.parse(1, 2, 3, 4);
    expect(await run.status()).toMatchObject({
      files: { waiting: 1 },
      state_reason: { code: "waiting_for_live" },
    });
    run.enqueued = [];
    await run.wait(61_000);
    expect(run.enqueued).toEqual([4]);
    await play.mark(3, 2);
    await play.parse(4);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 120 });
  });

  it.each(["live_waiting", "retry"])("is sent after an hour when an operator says so: %s", async (how) => {
    await play.putWhole();
    await play.put(3, 420, [0, 1]);
    await play.mark(3, 2, "waiting");
    await play.start();
    await play.parse(1, 2, 3, 4);
    for (let minutes = 0; minutes < 62; minutes += 1) {
      run.enqueued = [];
      await run.wait(61_000);
      if (run.enqueued.length > 0) await play.parse(4);
    }
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "live_waiting" },
    });
    const by = { actor: "token", note: "the live worker is gone" };
    const answer =
      how === "retry"
        ? await run.api.operate({
            do: "retry_file",
            file: 4,
            allowDuplicates: false,
            liveWaiting: "send",
            ...by,
          })
        : await run.api.operate({ do: "accept_codes", codes: ["live_waiting"], ...by });
    expect(answer).toMatchObject({ ok: true });
    const choices = how === "retry" ? { live_waiting: "send" } : null;
    const listed = await run.api.listFiles({ states: [], cursor: null, limit: 10 });
    expect(listed.ok && listed.page.items[3]).toMatchObject({ file: 4, choices });
    await run.settle();
    await play.parse(4);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 220,
      possible_duplicate_lines: 100,
      live: { lines_sent_while_waiting: 100 },
    });
  });

  it("is not enqueued before its age", async () => {
    await play.put(0, 20, []);
    const [{ uploaded } = { uploaded: new Date(0) }] = (await env.LOGS.list({ prefix: logKey(run, 0) }))
      .objects;
    await play.start({ settleMs: Date.now() - uploaded.getTime() + 600_000 });
    expect(run.enqueued).toEqual([]);
    expect(await run.status()).toMatchObject({ files: { waiting: 1 } });
    await run.wait(601_000);
    expect(run.enqueued).toEqual([1]);
    await play.parse(1);
    await sendAll(run);
  });
});

describe("batches of the live worker that are accepted after the parse", () => {
  it("are named before the run is delivered, and not skipped in a second parse", async () => {
    await play.putWhole();
    await play.put(3, 420, [0, 1]);
    await play.put(4, 230, []);
    await play.start();
    await play.parse(1, 2, 3, 4, 5);
    await play.mark(3, 2);
    await play.mark(4, 0);
    await play.mark(4, 1);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 450,
      possible_duplicate_lines: 300,
      live: { live_delivered_meanwhile: { batches: 3, lines: 300 } },
    });
  });

  it("do not change what a continuation sends", async () => {
    await play.putWhole();
    await play.put(3, 420, [0, 1]);
    await play.start();
    await play.parse(1, 2, 3, 4);
    await reportOutcome(run, await permitOf(run), OK);
    await play.mark(3, 2);
    await continued(run, play.spec());
    await play.parse(1, 2, 3, 4);
    const { log_lines_sent: before, lines } = await run.status();
    expect({ before, inherited: lines.inherited, pending: lines.pending }).toEqual({
      before: 0,
      inherited: 100,
      pending: 120,
    });
  });
});
