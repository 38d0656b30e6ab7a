// Decides what one send report changes. Does no I/O. It takes the report, the rows and the receiver's state, and
// returns effects and the receiver's state afterwards.
//
// A send report passes four steps, all in one transaction (apply-report.ts):
//
//   judge-report.ts    judges what the report says about delivery: the verdict
//   report-facts.ts    reads the rows that this verdict needs
//   decide-report.ts   decides the effects, and the receiver's state afterwards (receiver-after.ts)
//   apply-effects.ts   writes the effects, and decides nothing
//
// A report is current while its batch is leased to its attempt. Any other report is late, because the lease has
// ended or the state of the batch has changed. A late delivery still makes its batch done. Any other late report
// does not change its batch. Such a report only corrects what the run stored about the attempt.
//
// An attempt whose outcome is unknown gets an uncertain row before its batch can be sent again.
//
//   verdict         a current report                           a late report                the circuit breaker
//   delivered       batch → done (decide-delivery.ts)          the same                     closes
//   repeated        nothing                                    nothing                      -
//   unusual         batch → held, attempt uncertain            attempt uncertain            -
//     the operator refuses this kind:
//                   batch → refused, attempt refused           uncertain attempt → refused  -
//   partial         batch → split, parts done/refused/…       attempt uncertain            closes
//   refused         batch → refused or split, attempt refused  uncertain attempt → refused  counts the refusal
//   uncertain       batch → pending or held, attempt uncertain attempt uncertain            counts a current failure
//   not_delivered   batch → pending                            uncertain → not_delivered    counts a current failure
//     unsent        batch → pending, nothing was sent again    uncertain → not_delivered    -
//   pack_lost       file parsed again, batch → pending         uncertain → not_delivered    -
//
// If the file of the batch is `failed`, `missing` or `changed`, the batch becomes held instead of pending. The
// report of a probe ends the probe. A Retry-After stops the whole run, except in a 2xx.
import { canContinue } from "../batches/stranding.ts";
import { divisionOf } from "../batches/divide.ts";
import { splitOf } from "../batches/split.ts";
import type { AttemptEnd } from "../batches/attempt-records.ts";
import type { AttemptNote } from "../ledger/attempt-rows.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { STRANDED, because } from "../ledger/reasons.ts";
import {
  ACCEPTED_IN_PART,
  MAX_COUNTED_ATTEMPTS,
  UNUSUAL_ANSWER,
  countsAgainstBatch,
  retryDelayMs,
} from "../receiver/verdict.ts";
import { decideDelivery, followerOf } from "./decide-delivery.ts";
import type { ReceiverState } from "./judge-report.ts";
import { receiverAfter } from "./receiver-after.ts";
import type { Effect, Remembered } from "./report-effects.ts";
import { isCurrent, type Found, type Reported } from "./reported.ts";

type Of<Kind extends Found["kind"]> = Extract<Found, { kind: Kind }>;

export interface Decision {
  effects: Effect[];
  receiver: ReceiverState;
}

export function decideReport(reported: Reported, found: Found): Decision {
  return { effects: effectsOf(reported, found), receiver: receiverAfter(reported, found) };
}

function effectsOf(reported: Reported, found: Found): Effect[] {
  switch (found.kind) {
    case "delivered":
      return deliver(reported, found);
    case "repeated":
      return [];
    case "unusual":
      return found.isRefused ? refuseUnusual(reported, found) : holdUnusual(reported, found);
    case "partial":
      return divide(reported, found);
    case "refused":
      return refuse(reported, found);
    case "uncertain":
      return isCurrent(reported) ? doubt(reported, found) : doubtLate(reported, found.cause, { detail: "" });
    case "not_delivered":
      return giveBack(reported, found);
    case "pack_lost":
      return reparse(reported, found);
  }
}

function deliver(reported: Reported, { status, delivery, print }: Of<"delivered">): Effect[] {
  const { report, batch, prior, receiver } = reported;
  const { attempt, startedAt } = report;
  const effects = decideDelivery({
    batch,
    attempt,
    prior,
    startedAt,
    status,
    cause: "late_2xx",
    facts: delivery,
  });
  return receiver.print === null ? [...effects, { do: "freeze_receiver", print }] : effects;
}

/** Holds the batch until an operator decides what this kind of answer means. */
function holdUnusual(reported: Reported, { answerKind, body }: Of<"unusual">): Effect[] {
  const note = { detail: body, answerKind };
  if (!isCurrent(reported)) return doubtLate(reported, UNUSUAL_ANSWER, note);
  const reason = because(UNUSUAL_ANSWER, body);
  return [
    ...record(reported, { state: "uncertain", cause: UNUSUAL_ANSWER, ...note }),
    { do: "set_aside", batch: reported.batch, as: "held", remember: { reason } },
  ];
}

function refuseUnusual(reported: Reported, { answerKind, body }: Of<"unusual">): Effect[] {
  if (!isCurrent(reported)) return correct(reported, "refused", UNUSUAL_ANSWER);
  const reason = because(UNUSUAL_ANSWER, body);
  return [
    ...record(reported, { state: "refused", cause: UNUSUAL_ANSWER, detail: body, answerKind }),
    { do: "set_aside", batch: reported.batch, as: "refused", remember: { reason } },
  ];
}

function refuse(reported: Reported, found: Of<"refused">): Effect[] {
  const { cause, detail } = found;
  const corrected = correct(reported, "refused", cause);
  if (!isCurrent(reported)) return corrected;
  const halved = reported.policy.onRefused === "split" ? halve(reported, found) : null;
  if (halved) return [...corrected, ...halved];
  const remember = { reason: because(cause, detail), successes: reported.receiver.breaker.successes };
  return [
    ...corrected,
    ...record(reported, { state: "refused", cause, detail }),
    { do: "set_aside", batch: reported.batch, as: "refused", remember },
  ];
}

/** Settles the lines that the receiver accepted. Lines that the receiver refused wait for an operator. All other
 * lines are sent again with tokens of their own. */
function divide(reported: Reported, { status, parts, body, root, print }: Of<"partial">): Effect[] {
  const { batch, report, now, random, receiver } = reported;
  // The report of this attempt was applied before, or another attempt has settled the batch.
  if (batch.state === "done" || (batch.state === "split" && batch.attempt === report.attempt)) return [];
  if (!isCurrent(reported)) return doubtLate(reported, ACCEPTED_IN_PART, { detail: body });
  const freeze: Effect[] = receiver.print === null ? [{ do: "freeze_receiver", print }] : [];
  const division = divisionOf(batch, root, parts);
  if (!division) {
    const remember = { reason: because(ACCEPTED_IN_PART, body), successes: receiver.breaker.successes };
    return [
      ...record(reported, { state: "uncertain", cause: ACCEPTED_IN_PART, detail: body }),
      { do: "set_aside", batch, as: "held", remember },
      ...freeze,
    ];
  }
  const isSentAgain = parts.some(({ as }) => as === "later");
  const at = now + retryDelayMs(batch.attempt, random);
  return [
    // Earlier uncertain attempts sent these lines with another token.
    { do: "follow", batch: batch.batch, next: report.attempt + 1, by: isSentAgain ? "parts" : "delivery" },
    { do: "divide", batch, cause: ACCEPTED_IN_PART, root: root.batch, status, at, ...division },
    ...freeze,
  ];
}

/** Splits the batch in two halves. Null: the batch cannot be split any further. */
function halve(reported: Reported, { cause, root }: Of<"refused">): Effect[] | null {
  const { batch, report, policy } = reported;
  const split = splitOf(batch, root);
  if (!split) return null;
  // The receiver may have accepted some of the refused lines, unless it takes a batch whole or not at all.
  const end = policy.refusalIsAtomic
    ? ({ state: "refused", cause } as const)
    : ({ state: "uncertain", cause: `${cause}_in_part` } as const);
  return [
    ...record(reported, end),
    // The parts send the lines again.
    { do: "follow", batch: batch.batch, next: report.attempt + 1, by: "parts" },
    { do: "split", batch, cause, root: root.batch, ...split },
  ];
}

/** Handles an uncertain attempt, whose lines may have arrived. The attempt is recorded before its batch can be
 * claimed again. */
function doubt(reported: Reported, found: Of<"uncertain">): Effect[] {
  const { batch, receiver, policy, now, random } = reported;
  const { cause, detail, file, isLastOpen } = found;
  const { open, successes } = receiver.breaker;
  const counts = countsAgainstBatch(found, {
    breakerOpen: open !== null,
    successes,
    successesAtPreviousAttempt: batch.last_success_seen,
    nothingElseLeft: isLastOpen,
  });
  const counted = batch.counted + (counts ? 1 : 0);
  const remember = { counted, reason: because(cause, detail || null), successes };
  const isHeld = policy.onUncertain === "hold" || counted >= MAX_COUNTED_ATTEMPTS;
  return [
    ...record(reported, { state: "uncertain", cause, detail }),
    isHeld
      ? { do: "set_aside", batch, as: "held", remember }
      : sendAgain(reported, file, now + retryDelayMs(batch.attempt, random), remember),
  ];
}

/** Handles a late report without a definite outcome. Such a report only adds a cause to the uncertain attempt. */
function doubtLate(reported: Reported, cause: string, note: AttemptNote): Effect[] {
  const { report, batch, prior } = reported;
  if (!prior) {
    if (batch.state === "done" && batch.done_attempt === report.attempt) return [];
    return record(reported, { state: "uncertain", cause, ...note, followed: followerOf(batch.done_attempt) });
  }
  const isUnexplained = prior.state === "uncertain" && ["lost", "superseded"].includes(prior.cause);
  return isUnexplained ? [{ do: "move_attempt", row: prior, to: "uncertain", cause, note }] : [];
}

function giveBack(reported: Reported, found: Of<"not_delivered">): Effect[] {
  const { report, batch, receiver, now, random } = reported;
  const { cause, file, unsent } = found;
  const { outcome } = report;
  const waitMs = retryDelayMs(batch.attempt, random);
  const corrected = correct(reported, "not_delivered", cause);
  // A receiver may accept the lines and still answer 429 or 503. The run cannot detect this, so it counts these
  // attempts.
  const isAssumed = outcome.kind === "answer" && (isCurrent(reported) || corrected.length > 0);
  const assumed: Effect[] = isAssumed ? [{ do: "count_assumed", batch, status: outcome.status }] : [];
  if (!isCurrent(reported)) return [...corrected, ...assumed];
  if (!unsent) {
    const remember = { reason: because(cause), successes: receiver.breaker.successes };
    return [...corrected, ...assumed, sendAgain(reported, file, now + waitMs, remember)];
  }
  // R2 may fail only for this pack, so other batches are sent first.
  const at = cause === "storage" ? now + waitMs : now;
  const unfollow: Effect = { do: "unfollow", batch: batch.batch, next: batch.attempt };
  return [...corrected, unfollow, sendAgain(reported, file, at, {})];
}

function reparse(reported: Reported, { cause, file }: Of<"pack_lost">): Effect[] {
  const { batch, now } = reported;
  const corrected = correct(reported, "not_delivered", cause);
  if (!isCurrent(reported)) return corrected;
  return [
    ...corrected,
    // The report of another batch may have enqueued the file already.
    ...(file.state === "open" ? [{ do: "reparse_file", file, cause } as const] : []),
    { do: "unfollow", batch: batch.batch, next: batch.attempt },
    sendAgain(reported, file, now, {}),
  ];
}

/** Makes the batch wait for its next attempt. If its file is `failed`, `missing` or `changed`, holds the batch
 * instead. */
function sendAgain({ batch }: Reported, file: FileRow, at: number, remember: Remembered): Effect {
  if (canContinue(file.state)) return { do: "retry", batch, at, remember };
  const reason = because(STRANDED, file.state);
  return { do: "set_aside", batch, as: "held", remember: { ...remember, reason } };
}

/** Records the attempt once. A repeated report adds nothing. */
function record({ report, batch, prior }: Reported, end: Omit<AttemptEnd, "startedAt">): Effect[] {
  const { attempt, startedAt, arrivedAfter } = report;
  const times = { startedAt, ...(arrivedAfter !== undefined && { arrivedAfter }) };
  return prior ? [] : [{ do: "record_attempt", batch, attempt, end: { ...end, ...times } }];
}

/** Gives an uncertain attempt the definite outcome that the report shows. */
function correct({ prior }: Reported, to: "refused" | "not_delivered", cause: string): Effect[] {
  return prior?.state === "uncertain" ? [{ do: "move_attempt", row: prior, to, cause }] : [];
}
