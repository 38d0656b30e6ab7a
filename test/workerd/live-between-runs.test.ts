// The live worker delivers lines between a dry run and the run from its plan, or between an abort and the continuation.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { continued, sentBatches } from "../support/continue-play.ts";
import { LivePlay, upTo } from "../support/live-play.ts";
import { planOf, startFrom } from "../support/plan-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { OK, permitOf, reportOutcome, sendAll } from "../support/run-work.ts";

const EVERY_FILE = [1, 2, 3, 4, 5];
const run = new RunUnderTest();
const play = new LivePlay(run);
beforeEach(async () => {
  run.setUp();
  play.forget();
  await play.putWhole();
  await play.put(3, 230, []);
  await play.put(4, 120, []);
});
afterEach(async () => {
  await play.verify();
  run.tearDown();
});

describe("a run from a plan", () => {
  async function planned(): Promise<void> {
    await run.start({ dryRun: true, ...play.spec() });
    await run.settle();
    await play.parse(...EVERY_FILE);
    await run.wait(HOUR);
    expect((await run.status()).stage_code).toBe("counted");
  }

  async function replayed(): Promise<void> {
    await startFrom(run, await planOf(run), play.spec());
    await run.settle();
    await run.wait(60_000);
    await play.parse(...EVERY_FILE);
  }

  it("asks about a file that the live worker delivered after the dry run", async () => {
    await planned();
    for (const index of upTo(3)) await play.mark(3, index);
    await replayed();
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "changed_files" },
      log_lines_sent: 120,
    });
    const { state, reason } = (await play.files())[3] ?? {};
    expect(state).toBe("changed");
    expect(reason).toMatch(
      /^live_delivered_since: the live worker delivered 3 of its batches after the dry run/,
    );
  });

  it("sends such a file as planned when an operator allows duplicates, and counts them", async () => {
    await planned();
    await play.mark(3, 1);
    await replayed();
    const asked = { do: "retry_file", file: 4, actor: "token", note: "the partner lost them" } as const;
    expect(await run.api.operate({ ...asked, allowDuplicates: true })).toMatchObject({ ok: true });
    await run.settle();
    await play.parse(4);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 350,
      possible_duplicate_lines: 100,
      exceptions: 1,
    });
  });

  it("can be continued by a run that sends the rest of such a file", async () => {
    await planned();
    await play.mark(3, 1);
    await replayed();
    await sentBatches(run);
    await continued(run, play.spec());
    await play.parse(...EVERY_FILE);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 130,
      possible_duplicate_lines: 0,
    });
  });

  it("waits for a batch of the live worker that has no answer, although the plan sends its lines", async () => {
    await planned();
    await play.mark(3, 0, "waiting");
    await replayed();
    const [, , , file] = await play.files();
    expect(file).toMatchObject({ state: "waiting" });
    expect(file?.reason).toMatch(/^live_waiting: 1 batches/);
    await play.mark(3, 0);
    await run.wait(61_000);
    await play.parse(4);
    expect((await play.files())[3]?.reason).toMatch(/^live_delivered_since/);
  });
});

describe("a continuation", () => {
  it("leaves out what the live worker delivered since the abort", async () => {
    await play.start();
    await play.parse(...EVERY_FILE);
    for (const index of upTo(3)) await play.mark(3, index);
    await continued(run, play.spec());
    await play.parse(...EVERY_FILE);
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 120,
      possible_duplicate_lines: 0,
    });
  });

  it("keeps the newest markers of a file of which an earlier run sent lines", async () => {
    await play.start();
    await play.parse(...EVERY_FILE);
    await play.mark(3, 0);
    await continued(run, play.spec());
    await play.parse(...EVERY_FILE);
    // 130 lines of the fourth file are left. The first batch of them is sent.
    const permit = await permitOf(run);
    await reportOutcome(run, permit, OK);
    await play.mark(3, 2);
    await continued(run, play.spec());
    const page = await run.api.inheritance(0);
    const keys = page.ok ? (page.live ?? []).map(({ key }) => key) : [];
    expect(keys).toHaveLength(new Set(keys).size);
    await play.parse(...EVERY_FILE);
    await sendAll(run);
    await run.wait(HOUR);
    const { log_lines_sent: sent, lines } = await run.status();
    expect({ sent, inherited: lines.inherited }).toEqual({
      sent: 250 - permit.lines,
      inherited: permit.lines,
    });
  });
});
