// The Notifier on the real object: one delivery for each channel, retries until it gives up, the rate limit of each channel, and
// the routes. Channels are answered by a spy on fetch.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as v from "valibot";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { NotificationsAnswer, TestMessagesAnswer } from "../../src/contract/api/notifications.ts";
import { NOTIFIER_NAME } from "../../src/contract/notifications.ts";
import { notifierObject } from "../../src/platform/objects.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { RUN, holeNotice, runNotice } from "../support/notices.ts";

const api = new ApiUnderTest();
const vars: Record<string, string | undefined> = env as never;
const namespace: DurableObjectNamespace = env.NOTIFIER;
const stub = namespace.getByName(NOTIFIER_NAME);
const notifier = notifierObject(env);
const MINUTE = 60_000;
const SECRET = `whsec_${btoa("planted-key-of-24-bytes!")}`;

const HOOK = { name: "hook", kind: "standard", url: "https://hook.test/planted", secret: SECRET };
const TALK = { name: "talk", kind: "dingtalk", url: "https://oapi.dingtalk.test/send?access_token=planted" };

interface Post {
  host: string;
  at: number;
  id: string | null;
  body: string;
  redirect: string | undefined;
}
let posts: Post[] = [];
/** While it is true, the channels of `hung` do not answer. */
let isHanging = false;
let reply: (post: Post) => Response | Promise<Response> = ok;

function ok({ host }: Post): Response {
  return host.startsWith("oapi") ? Response.json({ errcode: 0 }) : new Response(null, { status: 204 });
}

/** Polls, because a promise may not cross between objects. */
async function hung(answer: Response): Promise<Response> {
  while (isHanging) await new Promise((resolve) => setTimeout(resolve, 2));
  return answer;
}

beforeEach(async () => {
  api.setUp();
  posts = [];
  reply = ok;
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const id = new Headers(init?.headers).get("webhook-id");
    const post = {
      host: new URL(String(input)).host,
      at: Date.now(),
      id,
      body: String(init?.body),
      redirect: init?.redirect,
    };
    posts.push(post);
    return reply(post);
  });
  await runInDurableObject(stub, (_object, { storage }) => {
    for (const table of ["notices", "deliveries", "channels", "counts"])
      storage.sql.exec(`DELETE FROM ${table}`);
  });
  await evictDurableObject(stub);
});
afterEach(() => {
  isHanging = false;
  delete vars["NOTIFY_CHANNELS"];
  delete vars["PUBLIC_URL"];
  api.tearDown();
});

function channels(...all: object[]): void {
  vars["NOTIFY_CHANNELS"] = JSON.stringify(all);
}

/** One turn of the clock, and everything that it began. */
async function turn(): Promise<void> {
  await runDurableObjectAlarm(stub);
  await vi.waitUntil(async () => {
    const [row] = await rows(
      "SELECT count(*) AS n FROM deliveries WHERE outcome = 'lost' AND state = 'pending'",
    );
    return row?.["n"] === 0;
  });
}

/** Moves time on. The clock ticks whenever the object asks for it. */
async function wait(ms: number): Promise<void> {
  const until = Date.now() + ms;
  for (;;) {
    const at = await runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
    if (at === null || at > until) break;
    vi.setSystemTime(Math.max(Date.now(), at));
    await turn();
  }
  vi.setSystemTime(until);
}

function rows(statement: string): Promise<Record<string, SqlStorageValue>[]> {
  return runInDurableObject(stub, (_object, { storage }) => storage.sql.exec(statement).toArray());
}

async function shown(): Promise<NotificationsAnswer> {
  const { status, json, text } = await api.ask("/notifications");
  expect(status).toBe(200);
  expect(text).not.toContain("planted");
  expect(v.safeParse(NotificationsAnswer, json).issues).toBeUndefined();
  return json as NotificationsAnswer;
}

describe("a notice", () => {
  it("reaches every channel that wants its type once, also when it is handed over again", async () => {
    channels(HOOK, TALK, { ...HOOK, name: "deliveries", url: "https://other.test/", events: ["delivered"] });
    await notifier.accept(runNotice());
    await notifier.accept(runNotice());
    await wait(MINUTE);
    await notifier.accept(runNotice());
    await wait(MINUTE);
    expect(posts.map(({ host, id, redirect }) => [host, id, redirect]).toSorted()).toEqual([
      ["hook.test", `${RUN}.412`, "manual"],
      ["oapi.dingtalk.test", null, "manual"],
    ]);
    const { channels: seen, pending, recent } = await shown();
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
    channels(HOOK);
    reply = () => new Response("planted", { status: 500 });
    const told = vi.spyOn(BackfillRun.prototype, "notificationGivenUp").mockResolvedValue();
    const from = Date.now();
    await notifier.accept(runNotice());
    await wait(6 * 60 * MINUTE);
    const waits = posts.slice(1).map(({ at }, n) => Math.round((at - (posts[n]?.at ?? from)) / 1_000));
    expect(waits).toEqual([5, 30, 120, 600, 3_600, 10_800]);
    expect(new Set(posts.map(({ id }) => id))).toEqual(new Set([`${RUN}.412`]));
    expect(told.mock.calls).toEqual([[412, "hook"]]);
    const {
      given_up,
      channels: [hook],
    } = await shown();
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
    expect(await notifier.counts()).toEqual([
      { channel: "hook", outcome: "delivered", count: 0 },
      { channel: "hook", outcome: "failed", count: 6 },
      { channel: "hook", outcome: "given_up", count: 1 },
    ]);
  });

  it("tells its owner that it was given up until the owner answers", async () => {
    channels(HOOK);
    reply = () => new Response(null, { status: 302, headers: { Location: "https://elsewhere.test/" } });
    let isAway = true;
    const told = vi.spyOn(Coverage.prototype, "notificationGivenUp").mockImplementation(async () => {
      if (isAway) throw new Error("away");
    });
    await notifier.accept(holeNotice(1));
    await wait(4 * 60 * MINUTE);
    expect(told.mock.calls.length).toBeGreaterThan(1);
    isAway = false;
    await wait(MINUTE);
    told.mockClear();
    await wait(60 * MINUTE);
    expect(told).not.toHaveBeenCalled();
    expect(posts.map(({ host }) => host)).not.toContain("elsewhere.test");
    expect((await shown()).given_up).toMatchObject([{ id: "coverage.7", outcome: "redirected" }]);
  });

  it("is repeated with the same id after an eviction in the middle of its POST", async () => {
    channels(HOOK);
    isHanging = true;
    reply = async (post) => hung(ok(post));
    await notifier.accept(runNotice());
    await runDurableObjectAlarm(stub);
    await vi.waitUntil(() => posts.length === 1);
    const [open] = await rows("SELECT state, attempts, outcome, due_at FROM deliveries");
    expect(open).toMatchObject({ state: "pending", attempts: 1, outcome: "lost" });
    isHanging = false;
    await vi.waitUntil(async () => (await notifier.view()).pending.length === 0);
    // An object with an open POST cannot be evicted here. So the test restores the row as the open POST had it.
    await runInDurableObject(stub, (_object, { storage }) => {
      storage.sql.exec(
        "UPDATE deliveries SET state = 'pending', outcome = 'lost', due_at = ?",
        Date.now() + 30_000,
      );
    });
    await evictDurableObject(stub);
    await runDurableObjectAlarm(stub);
    await wait(MINUTE);
    expect(posts.map(({ id }) => id)).toEqual([`${RUN}.412`, `${RUN}.412`]);
    expect((await shown()).recent).toMatchObject([{ state: "delivered", attempts: 2 }]);
  });

  it("waits for a channel whose settings are corrected later", async () => {
    channels({ ...HOOK, secret: "planted" });
    await notifier.accept(runNotice());
    await wait(MINUTE);
    expect(posts).toEqual([]);
    const before = await shown();
    expect(before.channels).toMatchObject([{ name: "hook", kind: null, host: null, pending: 1 }]);
    expect(before.channels[0]?.fault).toMatch(/^secret: expected/);
    expect(before.pending).toMatchObject([{ outcome: "bad_channel", attempts: 3 }]);
    channels(HOOK);
    await wait(10 * MINUTE);
    expect((await shown()).recent).toMatchObject([{ state: "delivered" }]);
  });

  it("is kept although no channel can be read", async () => {
    vars["NOTIFY_CHANNELS"] = "planted";
    vars["PUBLIC_URL"] = "planted";
    await notifier.accept(runNotice());
    await wait(MINUTE);
    const view = await shown();
    expect(view.faults.map(({ name }) => name)).toEqual(["NOTIFY_CHANNELS", "PUBLIC_URL"]);
    expect(view.channels).toEqual([]);
    expect(await rows("SELECT notice_id FROM notices")).toEqual([{ notice_id: `${RUN}.412` }]);
  });

  it("does not wait longer because the clock was set back", async () => {
    channels(HOOK);
    reply = () => new Response(null, { status: 500 });
    await notifier.accept(runNotice());
    await turn();
    vi.setSystemTime(Date.now() - 24 * 60 * MINUTE);
    reply = ok;
    await turn();
    expect((await shown()).recent).toMatchObject([{ state: "delivered", attempts: 2 }]);
  });
});

describe("a channel", () => {
  it("that hangs delays no other channel", async () => {
    channels(HOOK, TALK);
    isHanging = true;
    reply = async (post) => (post.host === "hook.test" ? hung(ok(post)) : ok(post));
    await notifier.accept(runNotice());
    await runDurableObjectAlarm(stub);
    await vi.waitUntil(async () => (await notifier.view()).recent.some(({ state }) => state === "delivered"));
    const { recent } = await shown();
    expect(recent.map(({ channel, state }) => [channel, state])).toEqual([
      ["talk", "delivered"],
      ["hook", "pending"],
    ]);
    isHanging = false;
    await vi.waitUntil(async () => (await notifier.view()).pending.length === 0);
  });

  it("gets at most 20 DingTalk messages a minute, and nothing is lost", async () => {
    channels(TALK);
    for (let n = 0; n < 30; n += 1) await notifier.accept({ ...runNotice(), id: `${RUN}.${n}` });
    await wait(3 * MINUTE);
    expect(posts).toHaveLength(30);
    const most = Math.max(
      ...posts.map(({ at }) => posts.filter((one) => one.at >= at && one.at < at + MINUTE).length),
    );
    expect(most).toBeLessThanOrEqual(20);
  });

  it("gets nothing for ten minutes after DingTalk's answer to too many messages", async () => {
    channels(TALK);
    reply = () => Response.json({ errcode: 130_101, errmsg: "planted" });
    await notifier.accept(runNotice());
    await turn();
    reply = ok;
    await notifier.accept({ ...runNotice(), id: `${RUN}.413` });
    await wait(20 * MINUTE);
    expect(posts).toHaveLength(3);
    expect((posts[1]?.at ?? 0) - (posts[0]?.at ?? 0)).toBeGreaterThanOrEqual(10 * MINUTE);
    expect((await shown()).pending).toEqual([]);
  });
});

describe("POST /notifications/test", () => {
  const test = (body: unknown, token?: string) =>
    api.ask("/notifications/test", { method: "POST", body, ...(token === undefined ? {} : { token }) });

  it("sends a message to every channel, and shows how each ended", async () => {
    channels(HOOK, TALK, { name: "bad", kind: "slack", url: "planted" });
    vars["PUBLIC_URL"] = "https://b.example.com";
    reply = (post) => (post.host === "hook.test" ? new Response("planted", { status: 403 }) : ok(post));
    const { status, json, text } = await test({});
    expect(status).toBe(200);
    expect(text).not.toContain("planted");
    expect(v.safeParse(TestMessagesAnswer, json).issues).toBeUndefined();
    expect(json.outcomes).toEqual([
      { channel: "hook", delivered: false, outcome: "refused", detail: "HTTP 403" },
      { channel: "talk", delivered: true, outcome: "delivered", detail: "errcode 0" },
      { channel: "bad", delivered: false, outcome: "bad_channel", detail: null },
    ]);
    await wait(60 * MINUTE);
    expect(posts).toHaveLength(2);
    expect((await shown()).recent.map(({ type, state }) => [type, state])).toContainEqual(["test", "failed"]);
  });

  it("sends to one channel, and takes an empty body for all", async () => {
    channels(HOOK, TALK);
    expect((await test({ channel: "talk" })).json.outcomes).toMatchObject([
      { channel: "talk", delivered: true },
    ]);
    expect((await test("")).json.outcomes).toHaveLength(2);
  });

  it.each([
    [{ channel: "none" }, "#/channel"],
    [{ channel: 7 }, "#/channel"],
    [{ name: "hook" }, "#/name"],
    [[], "#"],
  ])("refuses a bad body, and sends nothing: %j", async (body, pointer) => {
    channels(HOOK);
    const { status, json } = await test(body);
    expect([status, json.code, json.errors[0].pointer]).toEqual([422, "invalid_body", pointer]);
    expect(posts).toEqual([]);
    expect(await rows("SELECT * FROM notices")).toEqual([]);
  });
});
