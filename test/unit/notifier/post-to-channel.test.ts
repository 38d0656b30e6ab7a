// One POST to a channel. A local server answers as the vendors do, checks signatures by their rules, and fails in every
// way.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channelRequest } from "../../../durable-objects/notifier/channels/channel-request.ts";
import { postToChannel } from "../../../durable-objects/notifier/channels/post-to-channel.ts";
import { NOTICE_TYPES } from "../../../src/contract/notices.ts";
import { CHANNEL_KINDS, type ChannelKind } from "../../../src/contract/notifications.ts";
import type { Channel } from "../../../src/platform/channel-kinds.ts";
import { FakeChannels, SECRETS_OF } from "../../support/fake-channels.ts";
import { RUN, runNotice } from "../../support/notices.ts";

let server: FakeChannels;
beforeAll(async () => {
  server = await FakeChannels.start();
});
beforeEach(() => server.forget());
afterAll(() => server.stop());

async function post(kind: ChannelKind, secret: string | null = SECRETS_OF[kind], timeoutMs?: number) {
  const channel: Channel = {
    name: kind,
    kind,
    url: server.url(kind),
    secret,
    lang: "zh",
    events: NOTICE_TYPES,
  };
  const request = await channelRequest(runNotice(), channel, "https://b.example.com", Date.now());
  const { outcome, detail } = await postToChannel(kind, request, timeoutMs);
  return [outcome, detail];
}

describe("a POST", () => {
  it.each(CHANNEL_KINDS)("to %s is accepted by the vendor's rule", async (kind) => {
    expect((await post(kind))[0]).toBe("delivered");
    expect(server.messages).toMatchObject([{ kind, accepted: true }]);
  });

  it("names the notice by its id to a Standard Webhooks receiver alone", async () => {
    await post("standard");
    expect(server.messages[0]?.id).toBe(`${RUN}.412`);
  });

  it.each([
    ["standard", `whsec_${btoa("another key of 24 bytes!")}`, ["refused", "HTTP 401"]],
    ["dingtalk", "another", ["refused", "errcode 310000"]],
    ["feishu", "another", ["refused", "code 19021"]],
  ] as const)("to %s with a wrong secret is refused by the signature", async (kind, secret, expected) => {
    expect(await post(kind, secret)).toEqual(expected);
  });

  it.each([
    ["slack", "limit", ["rate_limited", "HTTP 429"]],
    ["dingtalk", "limit", ["rate_limited", "errcode 130101"]],
    ["feishu", "limit", ["rate_limited", "code 11232"]],
    ["wecom", "limit", ["rate_limited", "errcode 45009"]],
    ["wecom", "html", ["unreadable", "HTTP 200"]],
    ["standard", "redirect", ["redirected", "HTTP 302"]],
    ["standard", "reset", ["no_connection", null]],
    ["feishu", "cut", ["no_connection", null]],
  ] as const)("to %s ends as the server fails with %s", async (kind, fault, expected) => {
    server.fault = fault;
    expect(await post(kind)).toEqual(expected);
    // A redirect was not followed.
    expect(server.messages).toHaveLength(1);
  });

  it.each(["hang", "drip"] as const)("ends in time when the server does not: %s", async (fault) => {
    server.fault = fault;
    expect(await post("feishu", SECRETS_OF.feishu, 100)).toEqual(["timeout", null]);
  });

  it("reads a bounded part of a long answer", async () => {
    server.fault = "long";
    expect(await post("standard")).toEqual(["delivered", "HTTP 200"]);
    expect(await post("wecom")).toEqual(["unreadable", "HTTP 200"]);
  });
});
