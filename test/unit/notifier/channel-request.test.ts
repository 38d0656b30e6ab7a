// The POST of each vendor: signatures by the vendor's own rule, limits in bytes, and nothing secret in any message.
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import {
  ROBOT_MAX_BYTES,
  WECOM_MAX_BYTES,
  channelRequest,
} from "../../../durable-objects/notifier/channels/channel-request.ts";
import { bytesIn, cutText } from "../../../durable-objects/notifier/channels/cut-text.ts";
import type { Channel } from "../../../src/platform/channel-kinds.ts";
import { CHANNEL_KINDS, LANGUAGES, type ChannelKind } from "../../../src/contract/notifications.ts";
import { NOTICE_TYPES } from "../../../src/contract/notices.ts";
import { NOTICES, RUN, holeNotice, runNotice } from "../../support/notices.ts";

const NOW = Date.parse("2026-04-22T19:03:12.345Z");
const PUBLIC = "https://backfill.example.com";
const KEY = "planted/channel+key=";

function channel(kind: ChannelKind, over: Partial<Channel> = {}): Channel {
  const secret = kind === "standard" ? `whsec_${btoa("planted-key-of-24-bytes!")}` : "planted-secret";
  const url = `https://robot.example.com/send?access_token=${encodeURIComponent(KEY)}`;
  return { name: kind, kind, url, secret, lang: "en", events: NOTICE_TYPES, ...over };
}

describe("a Standard Webhooks message", () => {
  it("verifies with the package standardwebhooks and holds the notice unchanged", async () => {
    const receiver = channel("standard");
    const now = Date.now();
    const { headers, body } = await channelRequest(runNotice(), receiver, PUBLIC, now);
    expect(new Webhook(receiver.secret ?? "").verify(body, headers)).toEqual({
      type: "run.needs_attention",
      timestamp: "2026-04-22T19:03:11.000Z",
      data: { ...runNotice().data, console: `${PUBLIC}/ui/runs/${RUN}` },
    });
    expect(headers["webhook-id"]).toBe(`${RUN}.412`);
    expect(() => new Webhook(btoa("another key of 24 bytes!")).verify(body, headers)).toThrow();
  });

  it("is the same on each repetition, but for its signature and the time of the signature", async () => {
    const first = await channelRequest(runNotice(), channel("standard"), PUBLIC, NOW);
    const second = await channelRequest(runNotice(), channel("standard"), PUBLIC, NOW + 5_000);
    expect(second.body).toBe(first.body);
    expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    expect(second.headers["webhook-signature"]).not.toBe(first.headers["webhook-signature"]);
  });
});

describe("a DingTalk message", () => {
  it("keeps the token of its URL and signs the time with the secret", async () => {
    const { url, body } = await channelRequest(runNotice(), channel("dingtalk", { lang: "zh" }), PUBLIC, NOW);
    const { searchParams } = new URL(url);
    const sign = createHmac("sha256", "planted-secret").update(`${NOW}\nplanted-secret`).digest("base64");
    expect(Object.fromEntries(searchParams)).toEqual({ access_token: KEY, timestamp: String(NOW), sign });
    expect(JSON.parse(body)).toEqual({
      msgtype: "markdown",
      markdown: {
        title: "补数需要人工处理",
        text: [
          "### 补数需要人工处理",
          "- 原因：held_batches：3 个批次暂缓发送",
          "- 窗口：04-22 22:00–23:00 北京时间（14:00–15:00Z）",
          "- 行数：已发送 1,240,000，剩余 3,000",
          `- 任务：${RUN}`,
          "- 时间：04-23 03:03:11 北京时间（04-22 19:03:11Z）",
          `- [打开控制台](${PUBLIC}/ui/runs/${RUN})`,
        ].join("\n"),
      },
    });
  });
});

describe("a Feishu message", () => {
  it("signs nothing with the time and the secret as key", async () => {
    const { body } = await channelRequest(runNotice(), channel("feishu"), null, NOW);
    const { timestamp, sign, card } = JSON.parse(body);
    expect(timestamp).toBe(String(Math.floor(NOW / 1_000)));
    expect(sign).toBe(createHmac("sha256", `${timestamp}\nplanted-secret`).update("").digest("base64"));
    expect(card.header.template).toBe("red");
    expect(card.elements).toHaveLength(1);
  });

  it("has no signature without a secret", async () => {
    const { body } = await channelRequest(runNotice(), channel("feishu", { secret: null }), PUBLIC, NOW);
    expect(Object.keys(JSON.parse(body))).toEqual(["msg_type", "card"]);
  });
});

describe("every message", () => {
  const all = CHANNEL_KINDS.flatMap((kind) =>
    LANGUAGES.flatMap((lang) => NOTICES.map((notice) => ({ kind, lang, notice, type: notice.type }))),
  );

  it.each(all)("holds no key of its channel: $kind $lang $type", async ({ kind, lang, notice }) => {
    const { body, headers } = await channelRequest(notice, channel(kind, { lang }), PUBLIC, NOW);
    const sent = `${body}${JSON.stringify(headers)}`;
    expect(sent).not.toContain("planted");
    expect(sent).not.toContain(btoa("planted-key-of-24-bytes!"));
    expect(JSON.parse(body)).toBeTypeOf("object");
  });

  it.each(all)(
    "links to this deployment, and to nothing without PUBLIC_URL: $kind $lang $type",
    async (one) => {
      const receiver = channel(one.kind, { lang: one.lang });
      const [linked, bare] = await Promise.all(
        [PUBLIC, null].map((url) => channelRequest(one.notice, receiver, url, NOW)),
      );
      expect(linked?.body).toContain(`${PUBLIC}/ui/`);
      expect(bare?.body).not.toContain("://");
    },
  );

  it.each(CHANNEL_KINDS.filter((kind) => kind !== "standard"))(
    "makes no link and no mention of an actor's name: %s",
    async (kind) => {
      const actor = "[x](http://evil.example) <!channel> @all <at id=all></at> *bold*";
      const notice = { ...runNotice({ actor }), type: "run.aborted" as const };
      const { body } = await channelRequest(notice, channel(kind), null, NOW);
      expect(body).not.toMatch(/\]\(|<!|<at|\*bold/);
    },
  );
});

describe("a long message", () => {
  it("stays within the bytes of WeCom, with its link", async () => {
    const notice = holeNotice(1_000);
    const holes = Array.from({ length: 20 }, () => ({
      ...(notice.type === "coverage.hole_found" ? notice.data.holes[0]! : never()),
      state: "缺".repeat(300),
    }));
    const long = { ...notice, data: { event: 7, holes, holes_total: 1_000 } } as typeof notice;
    const { body } = await channelRequest(long, channel("wecom", { lang: "zh" }), PUBLIC, NOW);
    const { content } = JSON.parse(body).markdown;
    expect(bytesIn(content)).toBeLessThanOrEqual(WECOM_MAX_BYTES);
    expect(content).toMatch(/…\n>\[打开控制台\]\(https:\/\/backfill\.example\.com\/ui\/coverage\)$/);
    const feishu = await channelRequest(long, channel("feishu", { lang: "zh" }), PUBLIC, NOW);
    expect(bytesIn(feishu.body)).toBeLessThanOrEqual(20_000);
    expect(bytesIn(JSON.parse(feishu.body).card.elements[0].text.content)).toBeLessThanOrEqual(
      ROBOT_MAX_BYTES,
    );
  });

  it.each(["日志缺口", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "ééé", "plain"])("is cut on the border of a character: %s", (text) => {
    for (let bytes = 3; bytes <= bytesIn(text); bytes += 1) {
      const cut = cutText(text, bytes);
      expect(bytesIn(cut)).toBeLessThanOrEqual(bytes);
      expect(cut.isWellFormed()).toBe(true);
      const kept = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
      if (cut !== text) expect(kept.map((_, n) => `${kept.slice(0, n).join("")}…`)).toContain(cut);
    }
  });
});

function never(): never {
  throw new Error("the notice has holes");
}
