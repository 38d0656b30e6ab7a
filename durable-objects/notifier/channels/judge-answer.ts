// Decides whether a channel accepted a message, by the rule of its vendor. Does no I/O. Robots of chat groups answer
// HTTP 200 even for an error, and put the error's number into the body. The text of an answer may contain a secret,
// so this file returns only its status or error number.
import type { ChannelKind, DeliveryOutcome } from "../../../src/contract/notifications.ts";
import { retryAfterMs } from "../../../src/pipeline/send/retry-after.ts";

export interface ChannelAnswer {
  status: number;
  retryAfter: string | null;
  date: string | null;
  /** The first ANSWER_MAX_BYTES of the body. */
  body: string;
}

export interface Judged {
  outcome: DeliveryOutcome;
  detail: string | null;
  /** For how many ms the channel must get no message. 0: the channel did not ask for a wait. */
  waitMs: number;
}

export const ANSWER_MAX_BYTES = 16_384;

/** The codes with which each vendor refuses too many messages, and how long it then refuses all messages. */
const RATE_LIMITS: Readonly<Partial<Record<ChannelKind, { codes: readonly number[]; waitMs: number }>>> = {
  // All three codes mean "send too fast". DingTalk accepts 20 messages a minute, and then refuses all
  // messages for ten minutes.
  dingtalk: { codes: [130_101, 90_018, 410_100], waitMs: 600_000 },
  // 11232: too many messages of all customers together. 9499: too many requests.
  feishu: { codes: [11_232, 9_499, 99_991_400], waitMs: 60_000 },
  // 45009 and 45033: too many calls.
  wecom: { codes: [45_009, 45_033], waitMs: 60_000 },
};
/** How long the channel gets no message after a 429 without Retry-After. */
const DEFAULT_WAIT_MS = 30_000;

const CODE_NAME: Readonly<Partial<Record<ChannelKind, "errcode" | "code">>> = {
  dingtalk: "errcode",
  feishu: "code",
  wecom: "errcode",
};

export function judgeAnswer(kind: ChannelKind, answer: ChannelAnswer, now: number): Judged {
  const { status, retryAfter, date, body } = answer;
  const asked = retryAfterMs(retryAfter, date, now);
  const http = `HTTP ${status}`;
  if (status === 429) return { outcome: "rate_limited", detail: http, waitMs: asked ?? DEFAULT_WAIT_MS };
  if (status >= 300 && status < 400) return { outcome: "redirected", detail: http, waitMs: 0 };
  const codeName = CODE_NAME[kind];
  if (status < 200 || status >= 300) return { outcome: "refused", detail: http, waitMs: asked ?? 0 };
  if (codeName === undefined) return { outcome: "delivered", detail: http, waitMs: 0 };
  // When these vendors accept a message, they answer HTTP 200 with code 0.
  if (status !== 200) return { outcome: "refused", detail: http, waitMs: asked ?? 0 };
  const code = codeOf(body, codeName);
  if (code === null) return { outcome: "unreadable", detail: http, waitMs: 0 };
  const detail = `${codeName} ${code}`;
  if (code === 0) return { outcome: "delivered", detail, waitMs: 0 };
  const limit = RATE_LIMITS[kind];
  return limit?.codes.includes(code)
    ? { outcome: "rate_limited", detail, waitMs: Math.max(asked ?? 0, limit.waitMs) }
    : { outcome: "refused", detail, waitMs: asked ?? 0 };
}

function codeOf(body: string, name: string): number | null {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json !== "object" || json === null) return null;
    const code = Object.entries(json).find(([key]) => key === name)?.[1] as unknown;
    return typeof code === "number" && Number.isSafeInteger(code) ? code : null;
  } catch {
    return null;
  }
}
