// What may happen to a file and to a batch: outcomes → verdicts, and what each verdict means for the row.
// Pure: no clock, no storage. The table in docs/internals/sending.md ("What a POST's outcome means") is this file's.
import type { PostOutcome } from "../../../src/contract/sending.ts";

/** What an outcome says about delivery. */
export type Verdict =
  | { kind: "done" }
  /** Nothing was accepted. `unsent`: no POST was begun at all. */
  | { kind: "not_delivered"; cause: string; detail: string; unsent: boolean; forEveryBatch: boolean }
  /** It may have been accepted. `answered`: by an answer, not by silence. */
  | { kind: "uncertain"; cause: string; detail: string; answered: boolean }
  | { kind: "refused"; cause: string; detail: string; status: number }
  | { kind: "pack_lost"; cause: string; detail: string };

/** Overloaded, or Cloudflare's own "could not connect to the origin": nothing reached the application. */
const NOT_DELIVERED = new Set([429, 503, 521, 523, 525, 526, 530]);
/** Endpoint, signature or method are wrong: for every batch alike. */
const WRONG_FOR_EVERY_BATCH = new Set([401, 403, 404, 405, 410]);

/** Causes of attempts that wait for an operator's word about answers. */
export const UNUSUAL_ANSWER = "unusual_answer";
export const DOES_NOT_MATCH = "answer_does_not_match";

/** `mayBlameBatch`: the run has had a 2xx with these settings and no five batches were refused alike since. */
export function judge(outcome: PostOutcome, mayBlameBatch: boolean): Verdict {
  switch (outcome.kind) {
    case "answer":
      return judgeAnswer(outcome.status, outcome.bodyMatches, outcome.bodyStart, mayBlameBatch);
    case "no_connection":
      return notDelivered("no_connection", outcome.detail, false);
    case "timeout":
    case "reset":
      return { kind: "uncertain", cause: outcome.kind, detail: outcome.detail, answered: false };
    case "lease_lost":
      return { kind: "uncertain", cause: "lost", detail: outcome.detail, answered: false };
    case "not_sent":
      return outcome.reason === "gave_up" || outcome.reason === "storage_failed"
        ? {
            kind: "not_delivered",
            cause: outcome.reason === "gave_up" ? "unsent" : "storage",
            detail: outcome.detail,
            unsent: true,
            forEveryBatch: false,
          }
        : { kind: "pack_lost", cause: outcome.reason, detail: outcome.detail };
  }
}

function judgeAnswer(
  status: number,
  bodyMatches: boolean | null,
  body: string,
  mayBlameBatch: boolean,
): Verdict {
  const cause = `http_${status}`;
  if (status >= 200 && status < 300) {
    if (bodyMatches !== false) return { kind: "done" };
    // a 2xx is no proof that nothing was taken
    return { kind: "uncertain", cause: DOES_NOT_MATCH, detail: body, answered: true };
  }
  if (NOT_DELIVERED.has(status)) return notDelivered(cause, body, false);
  if (WRONG_FOR_EVERY_BATCH.has(status) || (status >= 300 && status < 400))
    return notDelivered(cause, body, true);
  if (status === 408 || status >= 500 || status < 200) {
    return { kind: "uncertain", cause, detail: body, answered: true };
  }
  return blameBatch(cause, body, status, mayBlameBatch);
}

function notDelivered(cause: string, detail: string, forEveryBatch: boolean): Verdict {
  return { kind: "not_delivered", cause, detail, unsent: false, forEveryBatch };
}

function blameBatch(cause: string, detail: string, status: number, mayBlameBatch: boolean): Verdict {
  return mayBlameBatch ? { kind: "refused", cause, detail, status } : notDelivered(cause, detail, true);
}

/** The class of a failure that says something about the receiver; null for a success and for what was never sent. */
export function failureCause(outcome: PostOutcome): string | null {
  switch (outcome.kind) {
    case "answer":
      if (outcome.status < 200 || outcome.status >= 300) return `http_${outcome.status}`;
      return outcome.bodyMatches === false ? DOES_NOT_MATCH : null;
    case "no_connection":
    case "timeout":
    case "reset":
      return outcome.kind;
    case "lease_lost":
    case "not_sent":
      return null;
  }
}

/** Counted attempts that hold a batch. */
export const MAX_COUNTED_ATTEMPTS = 8;

export interface CountingFacts {
  breakerOpen: boolean;
  successes: number;
  /** The run's successes when this batch was attempted before. */
  successesAtPreviousAttempt: number;
  /** No other batch is pending or leased. */
  nothingElseLeft: boolean;
}

/** Whether an uncertain attempt is held against its batch: only if the receiver was well for others meanwhile. */
export function countsAgainstBatch(verdict: Verdict, facts: CountingFacts): boolean {
  if (verdict.kind !== "uncertain" || verdict.cause === "lost") return false;
  if (!facts.breakerOpen && facts.successes > facts.successesAtPreviousAttempt) return true;
  return facts.nothingElseLeft && facts.successes > 0 && verdict.answered;
}

/** Exponential with full jitter: somewhere up to 1 s, 2 s, 4 s … 60 s. `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.ceil(random * Math.min(60_000, 1_000 * 2 ** Math.min(attempt - 1, 6)));
}
