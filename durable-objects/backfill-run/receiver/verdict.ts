// Decides from the outcome of a POST whether its batch was delivered. The result is the verdict. Does no I/O and reads
// no clock. docs/internals/sending.md ("What a POST's outcome means") has the same table.
import type { PostOutcome } from "../../../src/contract/sending.ts";
import { isSuccess, meaningOf } from "../../../src/receivers/status-meaning.ts";

export type Verdict =
  | { kind: "done" }
  /** Nothing was accepted. `unsent`: no POST was begun. */
  | { kind: "not_delivered"; cause: string; detail: string; unsent: boolean; forEveryBatch: boolean }
  /** The batch may have been accepted. `answered`: an answer arrived. */
  | { kind: "uncertain"; cause: string; detail: string; answered: boolean }
  | { kind: "refused"; cause: string; detail: string; status: number }
  | { kind: "pack_lost"; cause: string; detail: string };

/** Causes of attempts that wait for an operator's decision about answers. */
export const UNUSUAL_ANSWER = "unusual_answer";
export const DOES_NOT_MATCH = "answer_does_not_match";
/** The answer accepts some lines of the batch. */
export const ACCEPTED_IN_PART = "accepted_in_part";

/** `mayBlameBatch`: a refusal may be the batch's fault. The run had a 2xx with these settings, and fewer than five
 * batches were refused with the same status since. */
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
  switch (meaningOf(status)) {
    case "accepted":
      // A 2xx with the wrong body does not prove that the lines were refused.
      return bodyMatches === false
        ? { kind: "uncertain", cause: DOES_NOT_MATCH, detail: body, answered: true }
        : { kind: "done" };
    case "not_delivered":
      return notDelivered(cause, body, false);
    case "wrong_for_every_batch":
      return notDelivered(cause, body, true);
    case "uncertain":
      return { kind: "uncertain", cause, detail: body, answered: true };
    case "refused":
      return blameBatch(cause, body, status, mayBlameBatch);
  }
}

function notDelivered(cause: string, detail: string, forEveryBatch: boolean): Verdict {
  return { kind: "not_delivered", cause, detail, unsent: false, forEveryBatch };
}

function blameBatch(cause: string, detail: string, status: number, mayBlameBatch: boolean): Verdict {
  return mayBlameBatch ? { kind: "refused", cause, detail, status } : notDelivered(cause, detail, true);
}

/** The class of the receiver's failure. Null: the POST succeeded, or no POST reached the receiver. */
export function failureCause(outcome: PostOutcome): string | null {
  switch (outcome.kind) {
    case "answer":
      if (!isSuccess(outcome.status)) return `http_${outcome.status}`;
      if (outcome.parts?.some(({ as }) => as === "accepted")) return null;
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

/** A batch is held after this many counted attempts. */
export const MAX_COUNTED_ATTEMPTS = 8;

export interface CountingFacts {
  breakerOpen: boolean;
  successes: number;
  /** How many 2xx answers the run had when this batch was attempted before. */
  successesAtPreviousAttempt: number;
  /** Whether no other batch is pending or leased. */
  nothingElseLeft: boolean;
}

/** Whether an uncertain attempt counts against its batch. It counts when other batches were delivered meanwhile. */
export function countsAgainstBatch(verdict: Verdict, facts: CountingFacts): boolean {
  if (verdict.kind !== "uncertain" || verdict.cause === "lost") return false;
  if (!facts.breakerOpen && facts.successes > facts.successesAtPreviousAttempt) return true;
  return facts.nothingElseLeft && facts.successes > 0 && verdict.answered;
}

/** The wait before the next attempt: exponential with full jitter, at most 1 s, 2 s, 4 s … 60 s. `random` is in
 * [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.ceil(random * Math.min(60_000, 1_000 * 2 ** Math.min(attempt - 1, 6)));
}
