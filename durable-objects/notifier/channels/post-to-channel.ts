// Sends one POST to a channel. Follows no redirect, reads a limited part of the answer, and gives up after a time
// limit. Never throws.
import type { ChannelKind } from "../../../src/contract/notifications.ts";
import type { ChannelRequest } from "./channel-request.ts";
import { ANSWER_MAX_BYTES, judgeAnswer, type Judged } from "./judge-answer.ts";

/** The time limit of one POST, including the reading of its answer. */
const POST_TIMEOUT_MS = 10_000;

export async function postToChannel(
  kind: ChannelKind,
  { url, headers, body }: ChannelRequest,
  timeoutMs: number = POST_TIMEOUT_MS,
): Promise<Judged> {
  const aborter = new AbortController();
  const { signal } = aborter;
  // The timer is cleared at the end. Otherwise it would keep the Durable Object in memory.
  const timer = setTimeout(() => aborter.abort(), timeoutMs);
  try {
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    const answer = {
      status: response.status,
      retryAfter: response.headers.get("Retry-After"),
      date: response.headers.get("Date"),
      body: await readStart(response),
    };
    return judgeAnswer(kind, answer, Date.now());
  } catch {
    // The text of the error is not used, because it may contain the URL, which is a secret.
    return { outcome: signal.aborted ? "timeout" : "no_connection", detail: null, waitMs: 0 };
  } finally {
    clearTimeout(timer);
  }
}

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  const reader = response.body?.getReader();
  if (!reader) return "";
  while (length < ANSWER_MAX_BYTES) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    const chunk = value.subarray(0, ANSWER_MAX_BYTES - length);
    length += chunk.length;
    text += decoder.decode(chunk, { stream: true });
  }
  await reader.cancel();
  return text;
}
