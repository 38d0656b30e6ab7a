// Builds the POST that sends a notice to a channel, in the form that the channel's vendor demands.
import type { Notice } from "../../../src/contract/notices.ts";
import { standardKey, type Channel } from "../../../src/platform/channel-kinds.ts";
import { linkOf, messageOf, type Message, type Tone } from "../texts/message.ts";
import { cutText } from "./cut-text.ts";
import { bytesOf, hmacBase64 } from "./hmac.ts";

export interface ChannelRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The most bytes of Markdown that WeCom accepts. */
export const WECOM_MAX_BYTES = 4_096;
/** The most bytes of a section for Slack, which refuses more than 3,000 characters. */
const SLACK_MAX_BYTES = 2_900;
/** The longest text in bytes. DingTalk and Feishu refuse bodies over 20 KB, and escapes and the rest of the body need
 * space too. */
export const ROBOT_MAX_BYTES = 8_000;
const TITLE_MAX_BYTES = 200;

const FEISHU_TEMPLATE: Readonly<Record<Tone, string>> = { red: "red", amber: "orange", green: "green" };
const WECOM_COLOR: Readonly<Record<Tone, string>> = { red: "warning", amber: "warning", green: "info" };
const SLACK_MARK: Readonly<Record<Tone, string>> = { red: "⚠", amber: "⚠", green: "✓" };

/** `now`: epoch ms. The signature covers `now`, so a repeated POST of the same notice has another signature. */
export async function channelRequest(
  notice: Notice,
  channel: Channel,
  publicUrl: string | null,
  now: number,
): Promise<ChannelRequest> {
  const message = messageOf(notice, channel.lang, publicUrl);
  switch (channel.kind) {
    case "standard":
      return standard(notice, channel, publicUrl, now);
    case "slack":
      return json(channel.url, slackBody(message));
    case "dingtalk":
      return json(await dingtalkUrl(channel, now), dingtalkBody(message));
    case "feishu":
      return json(channel.url, { ...(await feishuSignature(channel, now)), ...feishuBody(message) });
    case "wecom":
      return json(channel.url, wecomBody(message));
  }
}

async function standard(
  notice: Notice,
  { url, secret }: Channel,
  publicUrl: string | null,
  now: number,
): Promise<ChannelRequest> {
  const console = linkOf(notice, publicUrl);
  const data = { ...notice.data, ...(console === null ? {} : { console }) };
  const body = JSON.stringify({ type: notice.type, timestamp: new Date(notice.at).toISOString(), data });
  const seconds = String(Math.floor(now / 1_000));
  const key = bytesOf(standardKey(secret ?? ""));
  const signature = await hmacBase64(key, `${notice.id}.${seconds}.${body}`);
  const headers = {
    "webhook-id": notice.id,
    "webhook-timestamp": seconds,
    "webhook-signature": `v1,${signature}`,
  };
  return { url, headers: { ...JSON_HEADERS, ...headers }, body };
}

function slackBody(message: Message) {
  const [first] = message.rows;
  const rows = message.rows.map(({ label, text: value }) => `*${label}* ${escaped(value)}`).join("\n");
  const section = cutText(`*${escaped(message.title)}*\n${rows}`, SLACK_MAX_BYTES);
  const { link, tone, title } = message;
  return {
    // Phones show this text in their notification. Clients without support for blocks show it too.
    text: cutText(escaped(`${SLACK_MARK[tone]} ${title}: ${first?.text ?? ""}`), SLACK_MAX_BYTES),
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: section } },
      ...(link === null ? [] : [slackButton(link)]),
    ],
  };
}

function slackButton({ label, url }: NonNullable<Message["link"]>) {
  const button = { type: "button", text: { type: "plain_text", text: label }, url };
  return { type: "actions", elements: [button] };
}

/** Slack reads these three characters as markup. */
function escaped(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

async function dingtalkUrl({ url, secret }: Channel, now: number): Promise<string> {
  if (secret === null) return url;
  const signed = new URL(url);
  const timestamp = String(now);
  signed.searchParams.set("timestamp", timestamp);
  signed.searchParams.set("sign", await hmacBase64(secret, `${timestamp}\n${secret}`));
  return signed.href;
}

function dingtalkBody({ title, rows, link }: Message) {
  const lines = rows.map(({ label, text: value }) => `- ${label}：${value}`);
  const body = cutText([`### ${title}`, ...lines].join("\n"), ROBOT_MAX_BYTES);
  const full = link === null ? body : `${body}\n- [${link.label}](${link.url})`;
  return { msgtype: "markdown", markdown: { title: cutText(title, TITLE_MAX_BYTES), text: full } };
}

async function feishuSignature({ secret }: Channel, now: number) {
  if (secret === null) return {};
  const timestamp = String(Math.floor(now / 1_000));
  return { timestamp, sign: await hmacBase64(`${timestamp}\n${secret}`, "") };
}

function feishuBody({ title, tone, rows, link }: Message) {
  const content = rows.map(({ label, text: value }) => `**${label}** ${value}`).join("\n");
  const div = { tag: "div", text: { tag: "lark_md", content: cutText(content, ROBOT_MAX_BYTES) } };
  const header = {
    template: FEISHU_TEMPLATE[tone],
    title: { tag: "plain_text", content: cutText(title, TITLE_MAX_BYTES) },
  };
  const elements = [div, ...(link === null ? [] : [feishuButton(link)])];
  return { msg_type: "interactive", card: { header, elements } };
}

function feishuButton({ label, url }: NonNullable<Message["link"]>) {
  const button = { tag: "button", type: "primary", text: { tag: "plain_text", content: label }, url };
  return { tag: "action", actions: [button] };
}

function wecomBody({ title, tone, rows, link }: Message) {
  const lines = rows.map(({ label, text: value }, n) =>
    n === 0 ? `>${label}：<font color="${WECOM_COLOR[tone]}">${value}</font>` : `>${label}：${value}`,
  );
  const end = link === null ? "" : `\n>[${link.label}](${link.url})`;
  const room = WECOM_MAX_BYTES - new TextEncoder().encode(end).length;
  return {
    msgtype: "markdown",
    markdown: { content: `${cutText([`**${title}**`, ...lines].join("\n"), room)}${end}` },
  };
}

const JSON_HEADERS = {
  "Content-Type": "application/json; charset=utf-8",
  "User-Agent": "ctyun-logpush-backfill",
};

function json(url: string, body: unknown): ChannelRequest {
  return { url, headers: JSON_HEADERS, body: JSON.stringify(body) };
}
