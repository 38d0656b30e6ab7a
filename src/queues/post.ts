// One POST, and what came of it in plain words. The URL is a secret: it is in no outcome and no error text.
import { errorText } from "../log.ts";
import { maskDigests, type Mask } from "../pipeline/send/mask-signature.ts";
import { retryAfterMs as retryAfter } from "../pipeline/send/retry-after.ts";
import type { PostOutcome } from "../../durable-objects/backfill-run/api.ts";

export interface PostLimits {
  timeoutMs: number;
  leaseLost: AbortSignal;
  successPattern: RegExp | null;
  /** Cuts this POST's signature out of a text. */
  mask: Mask;
}

/** Of an answer's body so much is reported (characters), matched and drained (bytes). */
const KEPT_BODY_CHARS = 512;
/** What is kept is masked together with what follows it: a signature may stand across its end. */
const MASKED_BODY_CHARS = 2_048;
const MATCHED_BODY_BYTES = 64 * 1024;
const DRAINED_BODY_BYTES = 1024 * 1024;

export async function post(
  url: string,
  body: Uint8Array,
  limits: PostLimits,
): Promise<{ outcome: PostOutcome; ackMs: number | null }> {
  const startedAt = Date.now();
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  let ackMs: number | null = null;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "text/plain; charset=utf-8", "Content-Encoding": "gzip" },
      body,
      redirect: "manual",
      signal: AbortSignal.any([timeout, limits.leaseLost]),
    });
    ackMs = Date.now() - startedAt;
    const { text, isWhole } = await textOf(response);
    const isSuccess = response.status >= 200 && response.status < 300;
    if (isSuccess && limits.successPattern && !isWhole) {
      // the body decides whether this was a success, and it never came
      return { outcome: { kind: "reset", detail: `the body of a ${response.status} broke off` }, ackMs };
    }
    const bodyMatches = isSuccess && limits.successPattern ? limits.successPattern.test(text) : null;
    const bodyStart = bodyToKeep(text, response.status, limits.mask);
    const retryAfterMs = retryAfter(
      response.headers.get("Retry-After"),
      response.headers.get("Date"),
      Date.now(),
    );
    return {
      outcome: { kind: "answer", status: response.status, bodyStart, bodyMatches, retryAfterMs, isWhole },
      ackMs,
    };
  } catch (error) {
    const detail = limits.mask(errorText(error));
    if (limits.leaseLost.aborted) return { outcome: { kind: "lease_lost", detail }, ackMs };
    if (timeout.aborted)
      return { outcome: { kind: "timeout", detail: `no answer within ${limits.timeoutMs} ms` }, ackMs };
    return { outcome: { kind: neverConnected(detail) ? "no_connection" : "reset", detail }, ackMs };
  }
}

/** An answer's body as text; what is too much is read and forgotten, so that the connection can be used again. */
async function textOf(response: Response): Promise<{ text: string; isWhole: boolean }> {
  if (response.body === null) return { text: "", isWhole: true };
  const kept: Uint8Array[] = [];
  let bytes = 0;
  let isWhole = true;
  const reader = response.body.getReader();
  try {
    while (bytes < DRAINED_BODY_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      if (bytes < MATCHED_BODY_BYTES) kept.push(value.slice(0, MATCHED_BODY_BYTES - bytes));
      bytes += value.length;
    }
    if (bytes >= DRAINED_BODY_BYTES) await reader.cancel();
  } catch {
    // the status is known all the same
    isWhole = false;
  }
  return { text: new TextDecoder().decode(await new Blob(kept).arrayBuffer()), isWhole };
}

/** Only errors that say so: where the runtime does not tell a refused connection from a reset one, it is a reset. */
function neverConnected(detail: string): boolean {
  return /connection refused|ECONNREFUSED|DNS|name resolution|no such host|handshake|certificate/i.test(
    detail,
  );
}

/** An answer may repeat the signature, whole or in part, and a refusal may name the one that it expected. */
function bodyToKeep(text: string, status: number, mask: Mask): string {
  const masked = mask(text.slice(0, MASKED_BODY_CHARS));
  return (status === 401 || status === 403 ? maskDigests(masked) : masked).slice(0, KEPT_BODY_CHARS);
}
