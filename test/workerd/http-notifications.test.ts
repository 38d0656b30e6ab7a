// The routes about notifications: a test message to one channel or to all, bad input, and roles.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as v from "valibot";
import { TestMessagesAnswer } from "../../src/contract/api/notifications.ts";
import { HOOK, NotifierUnderTest, TALK, accepted } from "../support/notifier-under-test.ts";

const MINUTE = 60_000;
const notifier = new NotifierUnderTest();
beforeEach(() => notifier.begin());
afterEach(() => notifier.end());

describe("POST /notifications/test", () => {
  const test = (body: unknown, token?: string) =>
    notifier.ask("/notifications/test", { method: "POST", body, ...(token === undefined ? {} : { token }) });

  it("sends a message to every channel, and shows how each ended", async () => {
    notifier.channels(HOOK, TALK, { name: "bad", kind: "slack", url: "planted" });
    notifier.vars({ PUBLIC_URL: "https://b.example.com" });
    notifier.reply = (post) =>
      post.host === "hook.test" ? new Response("planted", { status: 403 }) : accepted(post);
    const { status, json, text } = await test({});
    expect(status).toBe(200);
    expect(text).not.toContain("planted");
    expect(v.safeParse(TestMessagesAnswer, json).issues).toBeUndefined();
    expect(json.outcomes).toEqual([
      { channel: "hook", delivered: false, outcome: "refused", detail: "HTTP 403" },
      { channel: "talk", delivered: true, outcome: "delivered", detail: "errcode 0" },
      { channel: "bad", delivered: false, outcome: "bad_channel", detail: null },
    ]);
    await notifier.wait(60 * MINUTE);
    expect(notifier.posts).toHaveLength(2);
    expect((await notifier.shown()).recent.map(({ type, state }) => [type, state])).toContainEqual([
      "test",
      "failed",
    ]);
  });

  it("sends to one channel, and takes an empty body for all", async () => {
    notifier.channels(HOOK, TALK);
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
    notifier.channels(HOOK);
    const { status, json } = await test(body);
    expect([status, json.code, json.errors[0].pointer]).toEqual([422, "invalid_body", pointer]);
    expect(notifier.posts).toEqual([]);
    expect(await notifier.rows("SELECT * FROM notices")).toEqual([]);
  });
});
