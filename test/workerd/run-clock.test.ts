// The clock never stops: after an eviction, after a throw, with a missing or overdue alarm. Lost wake-ups are
// repeated.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SendPermit } from "../../src/contract/sending.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, claim, entriesOf, GAVE_UP, permitOf, listed, manifestOf, OK, opened, putLogs, REFUSED_CONNECTION, reportOf, reportOutcome, TIMEOUT } from "../support/run-work.ts"; // prettier-ignore

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

function setAlarm(at: number | null): Promise<void> {
  return runInDurableObject(run.stub, (_object, { storage }) =>
    at === null ? storage.deleteAlarm() : storage.setAlarm(at),
  );
}

describe("the alarm", () => {
  it.each([
    ["missing", null],
    ["overdue", 1],
  ])("is set again by the constructor and by a poke when it is %s", async (_what, at) => {
    await listed(run, 1);
    await setAlarm(at === null ? null : Date.now() - 60_000);
    await run.evict();
    await run.api.status();
    expect(await run.alarmAt()).toBe(Date.now() + 1);
    await setAlarm(null);
    await run.api.poke();
    expect(await run.alarmAt()).toBe(Date.now() + 1);
  });

  it("is set again when storage or a port throws in its turn", async () => {
    await listed(run, 1);
    vi.spyOn(env.LOGS, "list").mockRejectedValue(new Error("R2 is down"));
    vi.spyOn(env.PARSE_QUEUE, "send").mockRejectedValue(new Error("queues are down"));
    for (let turns = 0; turns < 20; turns += 1) {
      await run.wait(31_000);
      expect(await run.alarmAt()).toBeGreaterThan(Date.now());
    }
  });

  it("goes on listing where a page failed, and loses no file of it", async () => {
    const really = env.LOGS.list.bind(env.LOGS);
    let calls = 0;
    vi.spyOn(env.LOGS, "list").mockImplementation(async (options) => {
      calls += 1;
      if (calls % 2 === 0) throw new Error("R2 is down");
      return really({ ...options, limit: 1 });
    });
    await listed(run, 5);
    for (let turns = 0; turns < 200 && (await run.status()).complete_as_of === null; turns += 1)
      await run.wait(31_000);
    expect((await run.status()).matched_raw_files).toBe(5);
  });
});

describe("wake-ups", () => {
  it("are sent again when no sender came, also after an eviction", async () => {
    await opened(run, [[100, 100, 100]]);
    expect(run.wakeUps).toBe(1);
    await run.wait(4_000);
    expect(run.wakeUps).toBe(1);
    await run.wait(2_000);
    expect(run.wakeUps).toBe(2);
    await run.evict();
    await run.api.poke();
    await run.wait(16_000);
    expect(run.wakeUps).toBeGreaterThanOrEqual(3);
  });

  it("are sent for a due retry, although senders came a moment ago", async () => {
    await opened(run, [[100, 100]]);
    const permit = await permitOf(run);
    await reportOutcome(run, await permitOf(run), OK);
    run.wakeUps = 0;
    const next = await run.api.next("b.0", [reportOf(permit, answered(503))], 1);
    expect(next.kind).toBe("nothing");
    await run.wait(5_000);
    expect(run.wakeUps).toBeGreaterThanOrEqual(1);
  });
});

describe("leases", () => {
  it("make their attempt uncertain at their end, before anything is sent again", async () => {
    await opened(run, [[100]]);
    const lost = await permitOf(run);
    expect(await run.api.next("b.0", [], 1)).toMatchObject({ kind: "nothing" });
    await run.wait(29_900);
    expect(await run.status()).toMatchObject({ in_flight: 1, uncertain_attempts: 0 });
    await run.wait(300);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 1 });
    expect((await run.api.renew([lost])).refused).toHaveLength(1);
    expect(await run.api.regrant(lost)).toMatchObject({ ok: false, code: "superseded" });
    const again = await permitOf(run);
    expect(again).toMatchObject({ batch: lost.batch, attempt: 2 });
    expect(await run.status()).toMatchObject({ possible_duplicate_lines: 100 });
    await reportOutcome(run, again, OK);
    await run.expectBalanced();
  });

  it("leave no trace when they are returned, and their batch is claimed again", async () => {
    await opened(run, [[100]]);
    for (let times = 0; times < 12; times += 1) await reportOutcome(run, await permitOf(run), GAVE_UP);
    expect(await run.status()).toMatchObject({
      uncertain_attempts: 0,
      possible_duplicate_lines: 0,
      in_flight: 0,
    });
    await run.expectBalanced();
    expect((await permitOf(run)).batch).toBe(1);
  });

  it("leave an uncertain attempt unfollowed when they are returned after it", async () => {
    await opened(run, [[100, 100]]);
    const [first, other] = [await permitOf(run), await permitOf(run)];
    await reportOutcome(run, first, TIMEOUT);
    await reportOutcome(run, other, OK);
    const retry = await permitOf(run);
    expect(retry).toMatchObject({ batch: first.batch, attempt: 2 });
    await reportOutcome(run, retry, GAVE_UP);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1, possible_duplicate_lines: 0 });
    await run.expectBalanced();
  });

  it("get a new permit when their sender was late, without another attempt", async () => {
    await opened(run, [[100]]);
    const permit = await permitOf(run);
    await run.wait(5_000);
    expect(await run.api.regrant(permit)).toMatchObject({ ok: true });
    await run.wait(26_000);
    expect(await run.status()).toMatchObject({ in_flight: 1 });
    await reportOutcome(run, permit, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: 100, uncertain_attempts: 0 });
  });

  it("are never more than sixty at once", async () => {
    await opened(run, [Array.from({ length: 100 }, () => 10)]);
    let permitted = 0;
    for (let asks = 0; asks < 60; asks += 1) {
      const answer = await run.api.next(`${asks}.0`, [], 7);
      if (answer.kind === "grants") permitted += answer.grants.length;
      else run.pass(answer.kind === "wait" ? answer.waitMs : 100);
      expect((await run.status()).in_flight).toBeLessThanOrEqual(60);
    }
    expect(permitted).toBe(60);
    await run.expectBalanced();
  });

  it("are asked for again only by senders that have time left", async () => {
    await opened(run, [Array.from({ length: 100 }, () => 10)]);
    const taken: SendPermit[] = [];
    const take = async (sender: string, want: number) => {
      const answer = await run.api.next(sender, [], want);
      if (answer.kind === "grants") taken.push(...answer.grants);
      else run.pass(answer.kind === "wait" ? answer.waitMs : 100);
      return answer;
    };
    await take("old.1", 1);
    await run.api.done("old.1", [reportOf(taken.pop()!, OK)]);
    await run.wait(50_000);
    for (let asks = 0; asks < 60 && taken.length < 60; asks += 1) await take(`${asks}.1`, 6);
    const refusal = { reason: "max_in_flight" };
    const free = () => run.api.next("old.1", [reportOf(taken.pop()!, OK)], 1);
    expect(await free()).toMatchObject({ kind: "grants" });
    expect(await take("old.1", 6)).toMatchObject({ kind: "nothing", ...refusal });
    // The old sender gives way to a young one that was refused.
    expect(await take("young.1", 6)).toMatchObject({ kind: "wait", ...refusal });
    expect(await free()).toMatchObject({ kind: "nothing", ...refusal });
    expect(await take("young.1", 6)).toMatchObject({ kind: "grants", grants: [{}] });
  });
});

describe("a receiver", () => {
  it("costs time and no attempt while it is down for long, and the run resumes by itself", async () => {
    await opened(run, [Array.from({ length: 4 }, () => 100)]);
    await reportOutcome(run, await permitOf(run), OK);
    for (const [hour, outcome] of [TIMEOUT, REFUSED_CONNECTION, answered(503), answered(502)].entries()) {
      for (let probes = 0; probes < 6; probes += 1) await reportOutcome(run, await permitOf(run), outcome);
      await run.wait(300_000);
      expect([hour, (await run.status()).batches.held]).toEqual([hour, 0]);
      await run.settle();
      expect(await run.stage()).toBe("suspended");
      await run.evict();
    }
    for (let left = 0; left < 3; left += 1) await reportOutcome(run, await permitOf(run), OK);
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 400 });
    await run.expectBalanced();
  });

  it("gets all other batches when it never answers one", async () => {
    await opened(run, [Array.from({ length: 10 }, () => 100)]);
    for (let turns = 0; turns < 60 && (await run.status()).batches.done < 9; turns += 1) {
      const permit = await permitOf(run);
      await reportOutcome(run, permit, permit.batch === 2 ? TIMEOUT : OK);
    }
    expect(await run.status()).toMatchObject({ log_lines_sent: 900 });
  });

  it("suspends the run at once with a 404, and uses nothing up", async () => {
    await opened(run, [[100, 100]]);
    await reportOutcome(run, await permitOf(run), answered(404));
    await run.settle();
    expect(await run.status()).toMatchObject({
      stage_code: "suspended",
      state_reason: { code: "receiver_http_404" },
      uncertain_attempts: 0,
    });
    await reportOutcome(run, await permitOf(run), OK);
    await run.settle();
    expect(await run.stage()).toBe("sending");
  });

  it("suspends the run when it refuses the first batch, because the settings may be wrong", async () => {
    await opened(run, [[100, 100]]);
    await reportOutcome(run, await permitOf(run), answered(400));
    await run.settle();
    expect(await run.status()).toMatchObject({ stage_code: "suspended", batches: { refused: 0 } });
  });

  it("suspends the run at the sixth of batches refused alike after a 2xx", async () => {
    await opened(run, [Array.from({ length: 20 }, () => 100)]);
    await reportOutcome(run, await permitOf(run), OK);
    for (let batch = 0; batch < 8; batch += 1) await reportOutcome(run, await permitOf(run), answered(422));
    await run.settle();
    expect(await run.status()).toMatchObject({ stage_code: "suspended", batches: { refused: 5 } });
  });

  it("has one batch held after eight attempts when it takes the others", async () => {
    await opened(run, [Array.from({ length: 30 }, () => 100)]);
    let bad = 0;
    for (let turns = 0; turns < 200 && (await run.status()).lines.pending > 0; turns += 1) {
      const permit = await permitOf(run);
      if (permit.batch === 3) bad += 1;
      await reportOutcome(run, permit, permit.batch === 3 ? answered(500) : OK);
    }
    expect(await run.status()).toMatchObject({ log_lines_sent: 2_900, batches: { held: 1 } });
    expect(bad).toBeLessThanOrEqual(20);
    await run.wait(1_000);
    expect(await run.stage()).toBe("needs_attention");
    await run.expectBalanced();
  });

  it("gets a pause from the whole run when it asks with Retry-After", async () => {
    await opened(run, [[100, 100, 100]]);
    const [first, second] = [await permitOf(run), await permitOf(run)];
    await reportOutcome(run, first, answered(429, { retryAfterMs: 60_000 }));
    await reportOutcome(run, second, OK);
    for (let seconds = 0; seconds < 58; seconds += 2) {
      expect(await run.api.next("a.0", [], 1)).toMatchObject({ kind: "nothing" });
      await run.wait(2_000);
    }
    expect(await permitOf(run)).toMatchObject({ lines: 100 });
  });
});

describe("the rate limiter", () => {
  it("begins a second after the last POST of the run before, also in the object's first life", async () => {
    const before = Date.now() + 5_000;
    await putLogs(run, 1);
    await run.start({}, before);
    await run.settle();
    const { attempt } = await claim(run, 1);
    await run.api.queued(manifestOf(1, attempt, entriesOf([100])));
    const permit = await permitOf(run);
    expect(Date.now() + permit.waitMs).toBeGreaterThanOrEqual(before + 1_000);
  });

  it("passes on when its last POST began, and adds the time that the network may need", async () => {
    await opened(run, [[100]]);
    const permit = await permitOf(run);
    const until = Date.now() + permit.waitMs + 50;
    await reportOutcome(run, permit, OK);
    await run.wait(1_000);
    expect(run.released[0]?.lastPermitEnd).toBeGreaterThanOrEqual(until);
    expect(run.released[0]?.lastPermitEnd).toBeLessThan(until + permit.slackMs - 50);
  });

  it("passes on the end of a permit whose sender reported nothing", async () => {
    await opened(run, [[100, 100]]);
    const reported = await permitOf(run);
    const silent = await permitOf(run);
    const until = Date.now() + silent.waitMs + silent.slackMs;
    await reportOutcome(run, reported, OK);
    await run.api.abort({ force: true, actor: "token" });
    await run.wait(40_000);
    expect(run.released[0]?.lastPermitEnd).toBeGreaterThanOrEqual(until);
  });
});
