// send_between: a run sends only in its hours, releases the slot outside them, and goes on by itself.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import type { SlotAnswer } from "../../src/contract/registry.ts";
import type { SendRange } from "../../src/contract/send-hours.ts";
import { act, acted, eventsOf, openFile, openedAs } from "../support/operator-play.ts";
import { HOUR, NOW, RunUnderTest } from "../support/run-under-test.ts";
import { OK, answered, permitOf, putLogs, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
/** A test begins at 02:00 in Shanghai, a second after the hour. */
const OPEN: SendRange[] = [{ from: "01:00", to: "03:00", zone: "Asia/Shanghai" }];
const CLOSED: SendRange[] = [{ from: "05:00", to: "07:00", zone: "Asia/Shanghai" }];
const CLOSES = Date.parse("2030-04-22T19:00:00Z");
const OPENS_AGAIN = CLOSES + 22 * HOUR;
const TAKEN: SlotAnswer = { ok: false, code: "slot_taken", detail: "taken", holder: "other" };
const many = (count: number): number[] => Array.from({ length: count }, () => LINES);
const slot = async () => (await run.row("SELECT slot FROM run"))["slot"];

/** Jumps close to `at`, and lets the clock tick up to it. */
async function until(at: number): Promise<void> {
  vi.setSystemTime(Math.max(Date.now(), at - 40_000));
  await run.settle();
  await run.wait(at - Date.now());
}

const reason = async () => (await run.status()).state_reason?.code ?? null;
const stageChanges = async () =>
  (await eventsOf(run, "stage")).map(({ detail }) => [detail["to"], detail["reason"]]);

describe("when the hours close", () => {
  it("lets open POSTs end, then releases the slot, and goes on when they open", async () => {
    await openedAs(run, [many(3)], { sendBetween: OPEN });
    await until(CLOSES - 3_000);
    const open = await permitOf(run);
    await until(CLOSES + 1_000);
    expect(await run.status()).toMatchObject({
      stage_code: "suspended",
      state_reason: {
        code: "quiet_hours",
        detail: expect.stringContaining("2030-04-23T17:00:00.000Z") as string,
      },
      eta_seconds: null,
    });
    expect(await run.api.next("test.0", [], 6)).toEqual({ kind: "nothing", reason: "quiet_hours" });
    await run.wait(10_000);
    expect((await run.api.renew([open])).refused).toEqual([]);
    expect([await slot(), run.released]).toEqual(["owned", []]);
    await reportOutcome(run, open, OK);
    await run.settle();
    expect([await slot(), run.released.length]).toEqual(["none", 1]);
    expect((await run.status()).log_lines_sent).toBe(LINES);

    await until(OPENS_AGAIN - 1);
    expect([await slot(), run.released.length]).toEqual(["none", 1]);
    await until(OPENS_AGAIN + 10);
    expect(await slot()).toBe("owned");
    await sendAll(run);
    expect((await run.status()).log_lines_sent).toBe(3 * LINES);
    expect(await stageChanges()).toEqual([
      ["sending", null],
      ["suspended", "quiet_hours"],
      ["sending", null],
    ]);
  });

  it("issues no permit whose POST could begin at the end of the hours or later", async () => {
    await openedAs(run, [many(60)], { sendBetween: OPEN, maxLinesPerSecond: 1_000 });
    await until(CLOSES - 1_500);
    let ends = 0;
    while (Date.now() < CLOSES + 100) {
      const next = await run.api.next("test.0", [], 1);
      for (const permit of next.kind === "grants" ? next.grants : []) {
        ends = Date.now() + permit.waitMs + permit.slackMs;
        expect(ends).toBeLessThan(CLOSES);
        await reportOutcome(run, permit, OK);
      }
      run.pass(30);
    }
    expect(ends).toBeGreaterThan(CLOSES - 600);
  });

  it("renews no permit, and the batch waits for the next opening", async () => {
    await openedAs(run, [many(1)], { sendBetween: OPEN });
    await until(CLOSES - 2_000);
    const permit = await permitOf(run);
    vi.setSystemTime(CLOSES - 100);
    expect(await run.api.regrant(permit)).toMatchObject({ ok: false, code: "not_running" });
    vi.setSystemTime(CLOSES);
    expect(await run.api.regrant(permit)).toMatchObject({ code: "not_running", detail: "quiet_hours" });
    await reportOutcome(run, permit, { kind: "not_sent", reason: "gave_up", detail: "" });
    await until(OPENS_AGAIN + 10);
    await sendAll(run);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, uncertain_attempts: 0 });
  });

  it("reclaims a lease that runs out, and then releases the slot", async () => {
    await openedAs(run, [many(2)], { sendBetween: OPEN });
    await until(CLOSES - 3_000);
    await permitOf(run);
    await until(CLOSES + HOUR);
    expect(await slot()).toBe("none");
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 1 });
  });
});

describe("outside the hours", () => {
  it("lists after a start, parses nothing, and releases the slot at once", async () => {
    await putLogs(run, 2);
    await run.start({ sendBetween: CLOSED });
    await run.settle();
    expect([await reason(), await slot(), run.released.length]).toEqual(["quiet_hours", "none", 1]);
    expect((await run.status()).files).toMatchObject({ listed: 2 });
    await run.wait(2 * HOUR);
    expect(run.enqueued).toEqual([]);
    expect(await run.api.claimFile(1)).toMatchObject({ ok: false, code: "not_running" });
    await until(Date.parse("2030-04-22T21:00:00.010Z"));
    expect(new Set(run.enqueued)).toEqual(new Set([1, 2]));
    await openFile(run, 1, [LINES]);
    expect((await permitOf(run)).lines).toBe(LINES);
  });

  it("changes nothing at an eviction, and the clock sleeps at most 5 min", async () => {
    await openedAs(run, [many(2)], { sendBetween: OPEN });
    await until(CLOSES + 1_000);
    const before = await stageChanges();
    for (const hours of [1, 5, 9]) {
      await until(CLOSES + hours * HOUR);
      await run.evict();
      await run.settle();
      expect([await reason(), await slot()]).toEqual(["quiet_hours", "none"]);
      expect(Number(await run.alarmAt()) - Date.now()).toBeLessThanOrEqual(300_000);
    }
    expect(await stageChanges()).toEqual(before);
    await until(OPENS_AGAIN + 10);
    await sendAll(run);
    expect((await run.status()).log_lines_sent).toBe(2 * LINES);
  });

  it("aborts at once, because no lease is out", async () => {
    await openedAs(run, [many(2)], { sendBetween: OPEN });
    await until(CLOSES + HOUR);
    const answer = await run.api.abort({ force: false, actor: "token" });
    expect(answer).toMatchObject({ ok: true, status: { stage_code: "aborted" } });
    await until(OPENS_AGAIN + HOUR);
    expect([await run.stage(), await slot(), run.released.length]).toEqual(["aborted", "none", 1]);
  });

  it("takes an operator's command although another run sends, because nothing leaves now", async () => {
    await openedAs(run, [many(2)], { sendBetween: OPEN });
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), answered(400));
    await run.settle();
    expect(await run.stage()).toBe("needs_attention");
    vi.spyOn(RunRegistry.prototype, "acquire").mockResolvedValue(TAKEN);
    expect(await act(run, { do: "retry_all" })).toMatchObject({ ok: false, code: "slot_taken" });
    await until(CLOSES + HOUR);
    expect(await acted(run, { do: "retry_all" })).toMatchObject({
      changed: 1,
      status: { stage_code: "suspended" },
    });
    await run.settle();
    expect(await reason()).toBe("quiet_hours");
  });

  it("keeps a canary waiting, and shows a pause as such", async () => {
    await openedAs(run, [many(3)], { sendBetween: OPEN, canary: 1 });
    await until(CLOSES + HOUR);
    expect(await reason()).toBe("quiet_hours");
    await acted(run, { do: "pause", park: false });
    expect(await reason()).toBe("operator");
    await acted(run, { do: "resume", acceptReceiver: false, answers: null });
    expect(await reason()).toBe("quiet_hours");
    await until(OPENS_AGAIN + 10);
    await reportOutcome(run, await permitOf(run), OK);
    await run.settle();
    expect(await reason()).toBe("canary");
    await acted(run, { do: "resume", acceptReceiver: false, answers: null });
    await sendAll(run);
  });

  it("sends no probe while the circuit breaker is open", async () => {
    await openedAs(run, [many(2)], { sendBetween: OPEN });
    await reportOutcome(run, await permitOf(run), answered(404));
    await run.settle();
    expect(await reason()).toBe("receiver_http_404");
    await until(CLOSES + HOUR);
    expect(await reason()).toBe("quiet_hours");
    expect(await run.api.next("test.0", [], 1)).toEqual({ kind: "nothing", reason: "no_slot" });
  });
});

/** Lets the run rest until its hours begin. The registry then answers the run's request for the slot with `answer`. */
async function waitingForSlot(answer: SlotAnswer): Promise<void> {
  await openedAs(run, [many(2)], { sendBetween: OPEN });
  await until(CLOSES + 1_000);
  vi.spyOn(RunRegistry.prototype, "acquire").mockResolvedValue(answer);
  await until(OPENS_AGAIN + 60_000);
}

describe("when the hours open while another run sends", () => {
  it("names that run, also after an eviction, and goes on when the slot is free", async () => {
    await waitingForSlot(TAKEN);
    const waiting = { code: "slot_taken", detail: expect.stringContaining("run other sends") as string };
    expect(await run.status()).toMatchObject({ stage_code: "suspended", state_reason: waiting });
    expect(await run.api.next("test.0", [], 1)).toEqual({ kind: "nothing", reason: "no_slot" });
    await run.evict();
    await run.settle();
    expect(await run.status()).toMatchObject({ stage_code: "suspended", state_reason: waiting });
    expect(await stageChanges()).toEqual([
      ["sending", null],
      ["suspended", "quiet_hours"],
      ["suspended", "slot_taken"],
    ]);
    vi.spyOn(RunRegistry.prototype, "acquire").mockResolvedValue({ ok: true, fence: 3, notBefore: 0 });
    await run.wait(15_000);
    expect([await run.stage(), await slot()]).toEqual(["sending", "owned"]);
    await sendAll(run);
  });

  it("waits for an operator's replay when its lines were sent meanwhile", async () => {
    const overlaps = [{ run: "other", start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" }];
    await waitingForSlot({ ok: false, code: "overlap", detail: "lines were sent before: other", overlaps });
    expect([await run.stage(), await reason()]).toEqual(["needs_attention", "overlap"]);
    await run.evict();
    await run.wait(HOUR);
    expect([await run.stage(), await slot()]).toEqual(["needs_attention", "none"]);
    vi.spyOn(RunRegistry.prototype, "acquire").mockImplementation(async (_run, replay) =>
      replay ? { ok: true, fence: 3, notBefore: 0 } : { ok: false, code: "overlap", detail: "", overlaps },
    );
    await acted(run, { do: "retry_all", replay: true });
    await run.settle();
    expect([await run.stage(), await slot()]).toEqual(["sending", "owned"]);
  });
});

describe("PATCH", () => {
  it("opens the hours at once, and the event shows both", async () => {
    await openedAs(run, [many(2)], { sendBetween: OPEN });
    await until(CLOSES + HOUR);
    await acted(run, { do: "patch", limits: { sendBetween: null } });
    await run.settle();
    expect([await run.stage(), await slot()]).toEqual(["sending", "owned"]);
    const changes = { send_between: { from: OPEN, to: null } };
    expect((await eventsOf(run, "patch"))[0]?.detail).toMatchObject({ changes, changed: 1 });
    expect((await run.status()).limits).toMatchObject({ send_between: null });
    await sendAll(run);
  });

  it("closes the hours for the next claim, and moves the time of the opening", async () => {
    await openedAs(run, [many(2)], {});
    const open = await permitOf(run);
    await acted(run, { do: "patch", limits: { sendBetween: CLOSED } });
    expect(await run.api.next("test.0", [], 1)).toEqual({ kind: "nothing", reason: "quiet_hours" });
    await reportOutcome(run, open, OK);
    await acted(run, { do: "patch", limits: { sendBetween: [{ from: "06:00", to: "07:00", zone: "UTC" }] } });
    const { reason_detail } = await run.row("SELECT reason_detail FROM run");
    expect(reason_detail).toContain("2030-04-23T06:00:00.000Z");
    await acted(run, { do: "patch", limits: { sendBetween: [{ from: "06:00", to: "07:00", zone: "UTC" }] } });
    expect((await eventsOf(run, "patch")).at(-1)?.detail).toMatchObject({ changes: {}, changed: 0 });
  });
});

describe("a clock that is set back", () => {
  it.each([false, true])("opens the hours again that it goes back into (evicted: %s)", async (evicts) => {
    await openedAs(run, [many(2)], { sendBetween: OPEN });
    await until(CLOSES + HOUR);
    vi.setSystemTime(NOW);
    if (evicts) await run.evict();
    await run.status();
    await run.wait(60_000);
    expect([await run.stage(), await slot()]).toEqual(["sending", "owned"]);
    await sendAll(run);
    await until(CLOSES + 10);
    expect(await run.api.next("test.0", [], 1)).toMatchObject({ kind: "nothing" });
  });
});

it("forecasts the end by open hours only", async () => {
  await openedAs(run, [many(40)], { sendBetween: OPEN });
  await until(CLOSES - 60_000);
  for (let n = 0; n < 10; n += 1) {
    await reportOutcome(run, await permitOf(run), OK);
    run.pass(5_000);
  }
  const eta = (await run.status()).eta_seconds ?? 0;
  expect(eta).toBeGreaterThan(22 * 3_600);
  expect(eta).toBeLessThan(23 * 3_600);
});
