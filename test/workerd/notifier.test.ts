// The Notifier on the real Durable Object: one delivery for each channel, retries until it gives up, and the rate
// limit of each channel.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RUN, holeNotice, runNotice } from "../support/notices.ts";
import { HOOK, NotifierUnderTest, TALK, accepted } from "../support/notifier-under-test.ts";

const MINUTE = 60_000;
const notifier = new NotifierUnderTest();
beforeEach(() => notifier.begin());
afterEach(() => notifier.end());

describe("a notice", () => {
  it("reaches every channel that wants its type once, also when it is handed over again", async () => {
    notifier.channels(HOOK, TALK, {
      ...HOOK,
      name: "deliveries",
      url: "https://other.test/",
      events: ["delivered"],
    });
    await notifier.rpc.accept(runNotice());
    await notifier.rpc.accept(runNotice());
    await notifier.wait(MINUTE);
    await notifier.rpc.accept(runNotice());
    await notifier.wait(MINUTE);
    expect(notifier.posts.map(({ host, id, redirect }) => `${host} ${id} ${redirect}`).toSorted()).toEqual([
      `hook.test ${RUN}.412 manual`,
      "oapi.dingtalk.test null manual",
    ]);
    const { channels: seen, pending, recent } = await notifier.shown();
    expect(pending).toEqual([]);
    expect(recent.map(({ channel, state, attempts }) => [channel, state, attempts])).toEqual([
      ["talk", "delivered", 1],
      ["hook", "delivered", 1],
    ]);
    expect(seen[1]).toMatchObject({
      name: "talk",
      host: "oapi.dingtalk.test",
      lang: "zh",
      fault: null,
      last: { id: `${RUN}.412`, outcome: "delivered", detail: "errcode 0" },
      counts: { delivered: 1, failed: 0, given_up: 0 },
    });
  });

  it("is repeated with one id after 5 s, 30 s, 2 min, 10 min, 1 h and 3 h, and then given up", async () => {
    notifier.channels(HOOK);
    notifier.reply = () => new Response("planted", { status: 500 });
    const told = vi.spyOn(BackfillRun.prototype, "notificationGivenUp").mockResolvedValue();
    const from = Date.now();
    await notifier.rpc.accept(runNotice());
    await notifier.wait(6 * 60 * MINUTE);
    const waits = notifier.posts
      .slice(1)
      .map(({ at }, n) => Math.round((at - (notifier.posts[n]?.at ?? from)) / 1_000));
    expect(waits).toEqual([5, 30, 120, 600, 3_600, 10_800]);
    expect(new Set(notifier.posts.map(({ id }) => id))).toEqual(new Set([`${RUN}.412`]));
    expect(told.mock.calls).toEqual([[412, "hook"]]);
    const {
      given_up,
      channels: [hook],
    } = await notifier.shown();
    expect(given_up).toMatchObject([
      {
        id: `${RUN}.412`,
        state: "given_up",
        attempts: 7,
        next_attempt_at: null,
        outcome: "refused",
        detail: "HTTP 500",
      },
    ]);
    expect(hook).toMatchObject({ counts: { delivered: 0, failed: 6, given_up: 1 }, pending: 0 });
    expect(await notifier.rpc.counts()).toEqual([
      { channel: "hook", outcome: "delivered", count: 0 },
      { channel: "hook", outcome: "failed", count: 6 },
      { channel: "hook", outcome: "given_up", count: 1 },
    ]);
  });

  it("tells its owner that it was given up until the owner answers", async () => {
    notifier.channels(HOOK);
    notifier.reply = () =>
      new Response(null, { status: 302, headers: { Location: "https://elsewhere.test/" } });
    let isAway = true;
    const told = vi.spyOn(Coverage.prototype, "notificationGivenUp").mockImplementation(async () => {
      if (isAway) throw new Error("away");
    });
    await notifier.rpc.accept(holeNotice(1));
    await notifier.wait(255 * MINUTE);
    expect(told.mock.calls.length).toBeGreaterThan(1);
    isAway = false;
    await notifier.wait(MINUTE);
    told.mockClear();
    await notifier.wait(60 * MINUTE);
    expect(told).not.toHaveBeenCalled();
    expect(notifier.posts.map(({ host }) => host)).not.toContain("elsewhere.test");
    expect((await notifier.shown()).given_up).toMatchObject([{ id: "coverage.7", outcome: "redirected" }]);
  });

  it("tells its owner that it was given up although 30 earlier ones have an owner that does not answer", async () => {
    notifier.channels(HOOK);
    notifier.reply = () => new Response(null, { status: 500 });
    const calls: number[] = [];
    vi.spyOn(BackfillRun.prototype, "notificationGivenUp").mockImplementation(async () => {
      calls.push(Date.now());
      throw new Error("storage was written by other code");
    });
    const told = vi.spyOn(Coverage.prototype, "notificationGivenUp").mockResolvedValue();
    for (let n = 0; n < 30; n += 1) await notifier.rpc.accept({ ...runNotice(), id: `${RUN}.${n}` });
    await notifier.rpc.accept(holeNotice(1));
    const lastTry = "UPDATE deliveries SET attempts = 6";
    await runInDurableObject(notifier.object, (_object, { storage }) => void storage.sql.exec(lastTry));
    await notifier.wait(5 * MINUTE);
    expect(told.mock.calls).toEqual([[7, "hook"]]);
    const waits = calls.slice(1).map((at, n) => at - (calls[n] ?? 0));
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(30_000);
  });

  it("is repeated with the same id after an eviction in the middle of its POST", async () => {
    notifier.channels(HOOK);
    notifier.isHanging = true;
    notifier.reply = async (post) => notifier.hung(accepted(post));
    await notifier.rpc.accept(runNotice());
    await runDurableObjectAlarm(notifier.object);
    await vi.waitUntil(() => notifier.posts.length === 1);
    const [open] = await notifier.rows("SELECT state, attempts, outcome, due_at FROM deliveries");
    expect(open).toMatchObject({ state: "pending", attempts: 1, outcome: "lost" });
    notifier.isHanging = false;
    await vi.waitUntil(async () => (await notifier.rpc.view()).pending.length === 0);
    // A Durable Object with an open POST cannot be evicted here. So the test restores the row as the open POST had
    // it.
    await runInDurableObject(notifier.object, (_object, { storage }) => {
      storage.sql.exec(
        "UPDATE deliveries SET state = 'pending', outcome = 'lost', due_at = ?",
        Date.now() + 30_000,
      );
    });
    await evictDurableObject(notifier.object);
    await runDurableObjectAlarm(notifier.object);
    await notifier.wait(MINUTE);
    expect(notifier.posts.map(({ id }) => id)).toEqual([`${RUN}.412`, `${RUN}.412`]);
    expect((await notifier.shown()).recent).toMatchObject([{ state: "delivered", attempts: 2 }]);
  });

  it("waits for a channel whose settings are corrected later", async () => {
    notifier.channels({ ...HOOK, secret: "planted" });
    await notifier.rpc.accept(runNotice());
    await notifier.wait(MINUTE);
    expect(notifier.posts).toEqual([]);
    const before = await notifier.shown();
    expect(before.channels).toMatchObject([{ name: "hook", kind: null, host: null, pending: 1 }]);
    expect(before.channels[0]?.fault).toMatch(/^secret: expected/);
    expect(before.pending).toMatchObject([{ outcome: "bad_channel", attempts: 3 }]);
    notifier.channels(HOOK);
    await notifier.wait(10 * MINUTE);
    expect((await notifier.shown()).recent).toMatchObject([{ state: "delivered" }]);
  });

  it("is kept although no channel can be read", async () => {
    notifier.vars({ NOTIFY_CHANNELS: "planted", PUBLIC_URL: "planted" });
    await notifier.rpc.accept(runNotice());
    await notifier.wait(MINUTE);
    const view = await notifier.shown();
    expect(view.faults.map(({ name }) => name)).toEqual(["NOTIFY_CHANNELS", "PUBLIC_URL"]);
    expect(view.channels).toEqual([]);
    expect(await notifier.rows("SELECT notice_id FROM notices")).toEqual([{ notice_id: `${RUN}.412` }]);
  });

  it("does not wait longer because the clock was set back", async () => {
    notifier.channels(HOOK);
    notifier.reply = () => new Response(null, { status: 500 });
    await notifier.rpc.accept(runNotice());
    await notifier.turn();
    vi.setSystemTime(Date.now() - 24 * 60 * MINUTE);
    notifier.reply = accepted;
    await notifier.turn();
    expect((await notifier.shown()).recent).toMatchObject([{ state: "delivered", attempts: 2 }]);
  });
});

describe("a channel", () => {
  it("that hangs delays no other channel", async () => {
    notifier.channels(HOOK, TALK);
    notifier.isHanging = true;
    notifier.reply = async (post) =>
      post.host === "hook.test" ? notifier.hung(accepted(post)) : accepted(post);
    await notifier.rpc.accept(runNotice());
    await runDurableObjectAlarm(notifier.object);
    await vi.waitUntil(async () =>
      (await notifier.rpc.view()).recent.some(({ state }) => state === "delivered"),
    );
    const { recent } = await notifier.shown();
    expect(recent.map(({ channel, state }) => [channel, state])).toEqual([
      ["talk", "delivered"],
      ["hook", "pending"],
    ]);
    notifier.isHanging = false;
    await vi.waitUntil(async () => (await notifier.rpc.view()).pending.length === 0);
  });

  it(
    "gets its messages although 600 notices wait for a channel that is closed",
    { timeout: 60_000 },
    async () => {
      notifier.channels(TALK, { ...HOOK, events: ["delivered"] });
      notifier.reply = (post) =>
        post.host === "hook.test" ? accepted(post) : Response.json({ errcode: 130_101 });
      for (let n = 0; n < 600; n += 1)
        await notifier.rpc.accept({ ...runNotice(), id: `${RUN}.${n + 1_000}` });
      await notifier.wait(5_000);
      await notifier.rpc.accept({ ...runNotice(), id: `${RUN}.9`, type: "run.delivered" });
      await notifier.wait(MINUTE);
      expect(notifier.posts.filter(({ host }) => host === "hook.test").map(({ id }) => id)).toEqual([
        `${RUN}.9`,
      ]);
    },
  );

  it("gets at most 20 DingTalk messages a minute, and nothing is lost", async () => {
    notifier.channels(TALK);
    for (let n = 0; n < 30; n += 1) await notifier.rpc.accept({ ...runNotice(), id: `${RUN}.${n}` });
    await notifier.wait(3 * MINUTE);
    expect(notifier.posts).toHaveLength(30);
    const most = Math.max(
      ...notifier.posts.map(
        ({ at }) => notifier.posts.filter((one) => one.at >= at && one.at < at + MINUTE).length,
      ),
    );
    expect(most).toBeLessThanOrEqual(20);
  });

  it("gets nothing for ten minutes after DingTalk's answer to too many messages", async () => {
    notifier.channels(TALK);
    notifier.reply = () => Response.json({ errcode: 130_101, errmsg: "planted" });
    await notifier.rpc.accept(runNotice());
    await notifier.turn();
    notifier.reply = accepted;
    await notifier.rpc.accept({ ...runNotice(), id: `${RUN}.413` });
    await notifier.wait(20 * MINUTE);
    expect(notifier.posts).toHaveLength(3);
    expect((notifier.posts[1]?.at ?? 0) - (notifier.posts[0]?.at ?? 0)).toBeGreaterThanOrEqual(10 * MINUTE);
    expect((await notifier.shown()).pending).toEqual([]);
  });
});
