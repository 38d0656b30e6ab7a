// Makes one POST and describes its outcome. URL and headers are secret: no outcome and no error text contains them.
import { REPORTED_BODY_CHARS } from "../contract/sending.ts";
import { isSuccess } from "../receivers/status-meaning.ts";
import { errorText } from "../platform/log.ts";
import { connectionCause, neverConnected } from "./connection-error.ts";
import { steadyNow } from "./steady-clock.ts";
import { maskDigests } from "../receivers/mask-signature.ts";
import type { Mask, PostRequest } from "../receivers/receiver.ts";
import { retryAfterMs as retryAfter } from "../pipeline/send/retry-after.ts";
import { membersOf } from "../pipeline/send/answer-members.ts";
import type { AnswerMembers } from "../contract/answers.ts";
import type { PostOutcome } from "../contract/sending.ts";
import type { AnswerRule } from "../receivers/answer-rule.ts";
import { readAnswer } from "./read-answer.ts";

export interface PostLimits {
  timeoutMs: number;
  leaseLost: AbortSignal;
  /** Which 2xx counts. Null: the run compares the answers with each other. */
  rule: AnswerRule | null;
  /** How many lines the body has. */
  lines: number;
}

/** The text is masked beyond the reported part, because a signature may cross the end of this part. */
const MASKED_BODY_CHARS = 2_048;

export async function post(
  { url, method, headers, mask }: PostRequest,
  body: Uint8Array,
  limits: PostLimits,
): Promise<{ outcome: PostOutcome; ackMs: number | null }> {
  const startedAt = steadyNow();
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  let ackMs: number | null = null;
  try {
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: "manual",
      // A receiver may name an encoding that its body does not have. The raw bytes still show what the receiver
      // sent.
      encodeResponseBody: "manual",
      signal: AbortSignal.any([timeout, limits.leaseLost]),
    });
    ackMs = steadyNow() - startedAt;
    const hasSuccess = isSuccess(response.status);
    const rule = hasSuccess ? limits.rule : null;
    const { text, isWhole, isAll, matches } = await readAnswer(response, rule);
    const hasStatus = rule?.statuses?.includes(response.status) ?? true;
    const parts = matches === false && hasStatus && isAll ? rule?.partsOf?.(text, limits.lines) : null;
    const areAllAccepted = parts?.every(({ as }) => as === "accepted") ?? false;
    const bodyMatches = matches === null ? null : (matches && hasStatus) || areAllAccepted;
    const bodyStart = bodyToKeep(text, response.status, mask);
    const retryAfterMs = retryAfter(
      response.headers.get("Retry-After"),
      response.headers.get("Date"),
      Date.now(),
    );
    return {
      outcome: {
        kind: "answer",
        status: response.status,
        bodyStart,
        bodyMatches,
        retryAfterMs,
        isWhole,
        ...(hasSuccess && { members: maskedMembers(text, isWhole && isAll, mask) }),
        ...(rule && { pattern: rule.print }),
        ...(parts && !areAllAccepted && { parts }),
      },
      ackMs,
    };
  } catch (error) {
    const detail = mask(errorText(error));
    if (limits.leaseLost.aborted) return { outcome: { kind: "lease_lost", detail }, ackMs };
    if (timeout.aborted)
      return { outcome: { kind: "timeout", detail: `no answer within ${limits.timeoutMs} ms` }, ackMs };
    const cause = connectionCause(detail);
    return { outcome: { kind: neverConnected(cause) ? "no_connection" : "reset", detail, cause }, ackMs };
  }
}

/** The part of a body that is reported, masked. An answer may repeat the signature, whole or in part. A refusal
 * may also name the signature that the receiver expected. */
function bodyToKeep(text: string, status: number, mask: Mask): string {
  const masked = mask(text.slice(0, MASKED_BODY_CHARS));
  return (status === 401 || status === 403 ? maskDigests(masked) : masked).slice(0, REPORTED_BODY_CHARS);
}

/** The members of a body, masked. A body may contain the signature anywhere. In a long body each value is masked
 * on its own. */
function maskedMembers(text: string, isWhole: boolean, mask: Mask): AnswerMembers {
  if (text.length <= MASKED_BODY_CHARS) return membersOf(mask(text), isWhole);
  const found = membersOf(text, isWhole);
  if (found.form !== "json") return membersOf(mask(text.slice(0, MASKED_BODY_CHARS)), isWhole);
  const members = found.members.map(({ path, types, texts }) => ({
    path: mask(path),
    types,
    texts: texts.map((one) => mask(one)),
  }));
  return { ...found, members, ...(found.tail !== undefined && { tail: mask(found.tail).slice(0, 200) }) };
}
