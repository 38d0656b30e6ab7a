// daily_lines: a run sends at most this number of lines in a calendar day, and continues at midnight.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act, acted, openedAs } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { GAVE_UP, OK, permitOf, reportOf, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const MIDNIGHT = Date.parse("2030-04-23T00:00:00Z");
const many = (count: number): number[] => Array.from({ length: count }, () => LINES);

/** Jumps close to `at`, and lets the clock tick up to it. */
async function until(at: number): Promise<void> {
  vi.setSystemTime(Math.max(Date.now(), at - 5_000));
  await run.settle();
  await run.wait(at - Date.now());
}

const reason = async () => (await run.status()).state_reason?.code ?? null;
const USED_UP = { kind: "nothing", reason: "daily_lines" };

/** Asks for a permit until the answer is something else than a wait. */
async function asked() {
  for (;;) {
    const next = await run.api.next("test.0", [], 1);
    if (next.kind !== "wait") return next;
    run.pass(next.waitMs);
  }
}

it("suspends the run until midnight, releases the slot, and goes on by itself", async () => {
  await openedAs(run, [many(5)], { dailyLines: 250 });
  const permits = [await permitOf(run), await permitOf(run)];
  expect(await asked()).toEqual(USED_UP);
  await run.settle();
  expect(await run.status()).toMatchObject({
    stage_code: "suspended",
    state_reason: { code: "daily_lines", detail: expect.stringContaining("200 of 250 lines") as string },
    rate: { lines_today: 200 },
  });
  for (const permit of permits) await reportOutcome(run, permit, OK);
  await run.settle();
  expect(run.released).toHaveLength(1);
  await until(MIDNIGHT - 10);
  expect(await reason()).toBe("daily_lines");
  await until(MIDNIGHT + 10);
  expect([await reason(), (await run.status()).rate.lines_today]).toEqual([null, 0]);
  for (let n = 0; n < 2; n += 1) await reportOutcome(run, await permitOf(run), OK);
  expect(await asked()).toMatchObject({ kind: "nothing" });
  expect((await run.status()).log_lines_sent).toBe(400);
});

it("ends the day at midnight in the zone of send_between", async () => {
  const sendBetween = [{ from: "00:00", to: "24:00", zone: "Asia/Shanghai" }];
  await openedAs(run, [many(3)], { dailyLines: 100, sendBetween });
  await reportOutcome(run, await permitOf(run), OK);
  expect(await asked()).toEqual(USED_UP);
  await until(MIDNIGHT - 8 * HOUR + 24 * HOUR - 10);
  expect(await reason()).toBe("daily_lines");
  await until(MIDNIGHT - 8 * HOUR + 24 * HOUR + 10);
  expect(await reason()).toBeNull();
});

describe("a permit", () => {
  it("is subtracted once when it is returned unsent, also after an eviction", async () => {
    await openedAs(run, [many(5)], { dailyLines: 200 });
    const [first] = [await permitOf(run), await permitOf(run)];
    expect(await asked()).toEqual(USED_UP);
    const report = reportOf(first, GAVE_UP);
    await run.api.done("test.0", [report]);
    await run.evict();
    await run.api.done("test.0", [report]);
    expect((await run.status()).rate.lines_today).toBe(100);
    await permitOf(run);
    expect(await asked()).toEqual(USED_UP);
  });

  it("leaves the new day alone when it was issued before midnight and is returned after it", async () => {
    await openedAs(run, [many(5)], { dailyLines: 200 });
    await until(MIDNIGHT - 2_000);
    const late = await permitOf(run);
    await until(MIDNIGHT + 10);
    const early = await permitOf(run);
    await reportOutcome(run, late, GAVE_UP);
    expect((await run.status()).rate.lines_today).toBe(100);
    await reportOutcome(run, early, GAVE_UP);
    expect((await run.status()).rate.lines_today).toBe(0);
  });

  it("counts once when it is renewed, on the day on which its POST begins", async () => {
    await openedAs(run, [many(5)], { dailyLines: 100 });
    await until(MIDNIGHT - 2_000);
    const permit = await permitOf(run);
    expect(await run.api.regrant(permit)).toMatchObject({ ok: true });
    expect((await run.status()).rate.lines_today).toBe(100);
    vi.setSystemTime(MIDNIGHT + 10);
    expect(await run.api.regrant(permit)).toMatchObject({ ok: true });
    expect(await asked()).toEqual(USED_UP);
    await reportOutcome(run, permit, OK);
    expect((await run.status()).rate.lines_today).toBe(100);
  });

  it("never reaches from one day into the next", async () => {
    await openedAs(run, [many(40)], { dailyLines: 4_000, maxLinesPerSecond: 1_000 });
    await until(MIDNIGHT - 1_000);
    while (Date.now() < MIDNIGHT) {
      const next = await run.api.next("test.0", [], 1);
      for (const permit of next.kind === "grants" ? next.grants : []) {
        expect(Date.now() + permit.waitMs + permit.slackMs).toBeLessThan(MIDNIGHT);
        await reportOutcome(run, permit, OK);
      }
      run.pass(30);
    }
    expect((await run.status()).log_lines_sent).toBeGreaterThan(0);
  });

  it("stays counted when its lease ran out, because its POST may have begun", async () => {
    await openedAs(run, [many(3)], { dailyLines: 100 });
    await permitOf(run);
    await run.wait(60_000);
    expect(await reason()).toBe("daily_lines");
    expect((await run.status()).rate.lines_today).toBe(100);
  });
});

it("survives evictions with its count", async () => {
  await openedAs(run, [many(6)], { dailyLines: 300 });
  for (let n = 0; n < 3; n += 1) {
    await reportOutcome(run, await permitOf(run), OK);
    await run.evict();
  }
  expect(await asked()).toEqual(USED_UP);
});

it("keeps its count when the clock is set back over midnight", async () => {
  await openedAs(run, [many(6)], { dailyLines: 100 });
  await until(MIDNIGHT + HOUR);
  await reportOutcome(run, await permitOf(run), OK);
  expect(await asked()).toEqual(USED_UP);
  vi.setSystemTime(MIDNIGHT - HOUR);
  await run.evict();
  await run.status();
  await run.settle();
  expect(await reason()).toBe("daily_lines");
  await until(MIDNIGHT + 10);
  expect(await reason()).toBeNull();
});

describe("PATCH", () => {
  it("raises the cap, and counts the lines of the day before the cap was set", async () => {
    await openedAs(run, [many(6)], {});
    for (let n = 0; n < 2; n += 1) await reportOutcome(run, await permitOf(run), OK);
    await acted(run, { do: "patch", limits: { dailyLines: 200 } });
    expect(await asked()).toEqual(USED_UP);
    await run.settle();
    await acted(run, { do: "patch", limits: { dailyLines: 300 } });
    await run.settle();
    await reportOutcome(run, await permitOf(run), OK);
    expect(await asked()).toEqual(USED_UP);
    await acted(run, { do: "patch", limits: { dailyLines: null } });
    await sendAll(run);
  });

  it("refuses fewer lines than the largest batch has", async () => {
    await openedAs(run, [many(1)], {});
    expect(await act(run, { do: "patch", limits: { dailyLines: 99 } })).toMatchObject({
      code: "invalid_value",
      limit: "dailyLines",
      detail: expect.stringContaining("at least 100") as string,
    });
  });
});

it("gives no forecast beyond today", async () => {
  await openedAs(run, [many(12)], { dailyLines: 1_100 });
  for (let n = 0; n < 4; n += 1) {
    await reportOutcome(run, await permitOf(run), OK);
    run.pass(1_000);
  }
  expect((await run.status()).eta_seconds).toBeNull();
  await acted(run, { do: "patch", limits: { dailyLines: 1_200 } });
  expect((await run.status()).eta_seconds).toBeGreaterThan(0);
});
