// Decides the receiver's state after one send report: the circuit breaker, and the fingerprint of the accepted
// receiver. Does no I/O. decide-report.ts decides about the rows.
import { keyOf } from "../batches/attempt-records.ts";
import { failed, heldBy, probeOver, refused, succeeded, type BreakerState } from "../receiver/breaker.ts";
import { DOES_NOT_MATCH } from "../receiver/verdict.ts";
import { explainFailure, receiverCode } from "../receiver/failure-texts.ts";
import type { PostOutcome } from "../../../src/contract/sending.ts";
import { isCurrent, type Found, type Reported } from "./reported.ts";
import { isSuccess } from "../../../src/receivers/status-meaning.ts";
import type { ReceiverState } from "./judge-report.ts";

export function receiverAfter(reported: Reported, found: Found): ReceiverState {
  const { receiver, report, now } = reported;
  const held = afterRetryAfter(receiver.breaker, report.outcome, now);
  // The next probe may be sent, whatever the outcome of this probe.
  const before = { ...receiver, breaker: probeOver(held, keyOf(report)) };
  if (found.kind === "delivered" || found.kind === "partial") {
    return { ...before, breaker: succeeded(before.breaker), print: receiver.print ?? found.print };
  }
  return { ...before, breaker: breakerAfter(before.breaker, reported, found) };
}

/** The run obeys the Retry-After of every answer except a 2xx, also of a late answer. */
function afterRetryAfter(breaker: BreakerState, outcome: PostOutcome, now: number): BreakerState {
  if (outcome.kind !== "answer" || outcome.retryAfterMs === null) return breaker;
  return isSuccess(outcome.status) ? breaker : heldBy(breaker, outcome.retryAfterMs, now);
}

function breakerAfter(breaker: BreakerState, reported: Reported, found: Found): BreakerState {
  switch (found.kind) {
    case "refused":
      // If an operator decided that a 2xx is a refusal, it does not count here, because it does not show wrong
      // settings. A refused part of a split batch counts as this batch.
      return found.cause === DOES_NOT_MATCH ? breaker : refused(breaker, found.root.batch, found.status);
    case "uncertain":
      // If a sender vanished, this shows nothing about the receiver. A 2xx that does not match SUCCESS_PATTERN is no
      // failure of the receiver (answer-pattern.ts).
      return found.cause === "lost" || found.cause === DOES_NOT_MATCH
        ? breaker
        : afterFailure(breaker, reported, found, false);
    case "not_delivered":
      return found.unsent ? breaker : afterFailure(breaker, reported, found, found.forEveryBatch);
    case "delivered":
    case "partial":
    case "repeated":
    case "unusual":
    case "pack_lost":
      return breaker;
  }
}

/** Counts a failure. A late failure is ignored, because it does not show how the receiver is now. */
function afterFailure(
  breaker: BreakerState,
  reported: Reported,
  { cause, detail }: { cause: string; detail: string },
  forEveryBatch: boolean,
): BreakerState {
  const { report, now } = reported;
  if (!isCurrent(reported)) return breaker;
  const code = receiverCode(cause);
  const failure = { batch: report.batch, key: keyOf(report), code, detail: explainFailure(cause, detail) };
  return failed(breaker, { ...failure, forEveryBatch }, now);
}
