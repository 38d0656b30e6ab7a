// Tests what an answer of a channel means, by the rule of its vendor, and when a failed message is repeated.
import { describe, expect, it } from "vitest";
import { judgeAnswer, type ChannelAnswer } from "../../../durable-objects/notifier/channels/judge-answer.ts";
import { LONGEST_WAIT_MS, MAX_ATTEMPTS, retryAt } from "../../../durable-objects/notifier/rules/retries.ts";
import type { ChannelKind } from "../../../src/contract/notifications.ts";

const NOW = Date.parse("2026-04-22T19:03:12Z");

function judged(kind: ChannelKind, status: number, body: unknown, retryAfter: string | null = null) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer: ChannelAnswer = { status, retryAfter, date: null, body: text };
  const { outcome, detail, waitMs } = judgeAnswer(kind, answer, NOW);
  return [outcome, detail, waitMs];
}

describe("an answer", () => {
  it.each<[ChannelKind, number, unknown, ReturnType<typeof judged>]>([
    ["standard", 204, "", ["delivered", "HTTP 204", 0]],
    ["standard", 500, "", ["refused", "HTTP 500", 0]],
    ["slack", 200, "ok", ["delivered", "HTTP 200", 0]],
    ["slack", 403, "invalid_token", ["refused", "HTTP 403", 0]],
    ["dingtalk", 200, { errcode: 0, errmsg: "ok" }, ["delivered", "errcode 0", 0]],
    ["dingtalk", 200, { errcode: 310_000, errmsg: "sign not match" }, ["refused", "errcode 310000", 0]],
    ["dingtalk", 200, { errcode: 130_101 }, ["rate_limited", "errcode 130101", 600_000]],
    ["feishu", 200, { code: 0, msg: "success" }, ["delivered", "code 0", 0]],
    ["feishu", 200, { code: 19_021 }, ["refused", "code 19021", 0]],
    ["feishu", 200, { code: 11_232 }, ["rate_limited", "code 11232", 60_000]],
    ["wecom", 200, { errcode: 0 }, ["delivered", "errcode 0", 0]],
    ["wecom", 200, { errcode: 93_000 }, ["refused", "errcode 93000", 0]],
    ["wecom", 200, { errcode: 45_009 }, ["rate_limited", "errcode 45009", 60_000]],
  ])("of %s with status %i and %j counts by the vendor's rule", (kind, status, body, expected) => {
    expect(judged(kind, status, body)).toEqual(expected);
  });

  it.each([["<html>"], ["null"], ["[]"], ['{"code": 0}'], ['{"errcode": "0"}'], ['{"errcode": 0.5}'], [""]])(
    "with HTTP 200 and without a readable errcode is no success: %s",
    (body) => {
      expect(judged("wecom", 200, body)[0]).toBe("unreadable");
    },
  );

  it("with another 2xx than 200 is no success of a robot", () => {
    expect(judged("feishu", 202, { code: 0 })[0]).toBe("refused");
  });

  it("with a redirect is never followed and never a success", () => {
    expect(judged("standard", 302, "")).toEqual(["redirected", "HTTP 302", 0]);
  });

  it("keeps the channel closed for as long as Retry-After asks, at most an hour", () => {
    expect(judged("slack", 429, "", "120")).toEqual(["rate_limited", "HTTP 429", 120_000]);
    expect(judged("slack", 429, "", "999999")).toEqual(["rate_limited", "HTTP 429", 3_600_000]);
    expect(judged("slack", 429, "")[2]).toBe(30_000);
    expect(judged("standard", 503, "", "7")).toEqual(["refused", "HTTP 503", 7_000]);
  });
});

describe("a failed message", () => {
  const wait = (attempts: number, random: number, askedMs = 0, kind: ChannelKind = "slack") => {
    const at = retryAt({ attempts, kind, askedMs, random }, NOW);
    return at === null ? null : at - NOW;
  };

  it("is repeated after 5 s, 30 s, 2 min, 10 min, 1 h and 3 h, and then given up", () => {
    expect(Array.from({ length: MAX_ATTEMPTS }, (_, n) => wait(n + 1, 0.5))).toEqual([
      5_000,
      30_000,
      120_000,
      600_000,
      3_600_000,
      10_800_000,
      null,
    ]);
  });

  it("is repeated within 20 % of these times", () => {
    expect([wait(1, 0), wait(1, 1), wait(6, 0), wait(6, 1)]).toEqual([4_000, 6_000, 8_640_000, 12_960_000]);
    expect(12_960_000).toBeLessThanOrEqual(LONGEST_WAIT_MS);
  });

  it("is not repeated before the channel allows it", () => {
    expect([wait(1, 0.5, 60_000), wait(3, 0.5, 60_000)]).toEqual([60_000, 120_000]);
  });

  it("avoids the first minute of a half hour at Feishu alone", () => {
    const busy = Date.parse("2026-04-22T19:29:58Z");
    const at = (kind: ChannelKind) => retryAt({ attempts: 1, kind, askedMs: 0, random: 0.5 }, busy);
    expect([at("feishu"), at("wecom")]).toEqual([busy + 65_000, busy + 5_000]);
  });
});
