// Applies one send report to one batch without storage: judges, then decides. Shows the effects as short text, so
// that a test can list a whole table of them.
import type { PostOutcome, SendReport } from "../../src/contract/sending.ts";
import {
  FOLLOWED_BY_PARENT,
  type AttemptRow,
} from "../../durable-objects/backfill-run/ledger/attempt-row.ts";
import type { BatchRow } from "../../durable-objects/backfill-run/ledger/batch-row.ts";
import type { FileRow } from "../../durable-objects/backfill-run/ledger/file-rows.ts";
import { noAnswers } from "../../durable-objects/backfill-run/receiver/answers.ts";
import { closedBreaker } from "../../durable-objects/backfill-run/receiver/breaker.ts";
import type { DeliveryFacts } from "../../durable-objects/backfill-run/sending/decide-delivery.ts";
import { decideReport, type Decision } from "../../durable-objects/backfill-run/sending/decide-report.ts";
import { judgeReport, type ReceiverState } from "../../durable-objects/backfill-run/sending/judge-report.ts";
import type { Effect, Remembered } from "../../durable-objects/backfill-run/sending/report-effects.ts";
import type { Found, SendPolicy } from "../../durable-objects/backfill-run/sending/reported.ts";

export const NOW = 1_000_000;
export const BATCH = 7;

/** Everything that a decision may read. Each test changes the members that it tests. */
export interface Situation {
  attempt: number;
  batch: BatchRow;
  prior: AttemptRow | null;
  file: FileRow;
  root: BatchRow;
  delivery: DeliveryFacts;
  isLastOpen: boolean;
  receiver: ReceiverState;
  policy: SendPolicy;
}

export function batchRow(changes: Partial<BatchRow> = {}): BatchRow {
  return {
    batch: BATCH,
    file: 1,
    ordinal: 0,
    parent: null,
    slice_from: 0,
    is_part: 0,
    split_posts: 0,
    state: "leased",
    lines: 100,
    digest: "d",
    raw_bytes: 50_000,
    offset: 0,
    length: 9_000,
    first_ray: "a",
    last_ray: "b",
    queued_at: 0,
    retry_at: null,
    attempt: 1,
    counted: 0,
    last_success_seen: 0,
    done_attempt: null,
    done_at: null,
    answer_status: null,
    member_digest: null,
    set_aside_at: null,
    reason_code: null,
    reason_detail: null,
    same_as_batch: null,
    ...changes,
  };
}

export function attemptRow(changes: Partial<AttemptRow> = {}): AttemptRow {
  const base = {
    batch: BATCH,
    attempt: 1,
    state: "uncertain",
    cause: "lost",
    answer_kind: null,
    detail: "",
    lines: 100,
  } as const;
  return { ...base, started_at: null, ended_at: 0, followed: 0, deduped: 0, arrived_after: null, ...changes };
}

/** A situation for a test. By default the run has had one 2xx, and the batch is leased to attempt 1. */
export function situation(changes: Partial<Situation> = {}): Situation {
  const batch = changes.batch ?? batchRow();
  return {
    attempt: 1,
    batch,
    prior: null,
    file: { file: 1, state: "open" } as FileRow,
    root: batch,
    delivery: {
      leaseEnd: batch.state === "leased" ? NOW + 20_000 : null,
      resolved: [],
      wasDelivered: false,
      parts: [],
    },
    isLastOpen: false,
    receiver: { breaker: { ...closedBreaker, successes: 1 }, answers: noAnswers, print: "frozen" },
    policy: { onUncertain: "resend", onRefused: "keep", refusalIsAtomic: false },
    ...changes,
  };
}

export function answer(
  status: number,
  more: Partial<Extract<PostOutcome, { kind: "answer" }>> = {},
): PostOutcome {
  return { kind: "answer", status, bodyStart: "ok", bodyMatches: null, retryAfterMs: null, ...more };
}

/** Decides about a report with `random` 0.5. So attempt 1 is retried after 500 ms, and attempt 2 after 1,000
 * ms. */
export function decide(outcome: PostOutcome, at: Situation): Decision {
  const { attempt, batch, prior, policy } = at;
  const report: SendReport = {
    batch: batch.batch,
    attempt,
    outcome,
    startedAt: NOW - 50,
    endedAt: NOW,
    ackMs: 10,
    bodyReadyMs: 1,
    lateMs: 0,
    receiver: "https://receiver.test\n/logs",
  };
  const { verdict, answers } = judgeReport({ report, batch, prior, receiver: at.receiver, pattern: "p" });
  const { file, root, delivery, isLastOpen } = at;
  const facts = { file, root, delivery, isLastOpen, print: at.receiver.print ?? "new" };
  const found: Found = Object.assign(verdict, facts);
  const receiver = { ...at.receiver, answers };
  return decideReport({ report, batch, prior, receiver, policy, now: NOW, random: 0.5 }, found);
}

export function effectsOf(outcome: PostOutcome, at: Situation): string[] {
  return decide(outcome, at).effects.map(render);
}

function render(effect: Effect): string {
  switch (effect.do) {
    case "deliver":
      return `${nameOf(effect.batch)} done by attempt ${effect.attempt}`;
    case "name_delivery":
      return `${nameOf(effect.batch)} was delivered by attempt ${effect.attempt}`;
    case "retry":
      return `${nameOf(effect.batch)} pending in ${effect.at - NOW} ms${because(effect.remember)}`;
    case "set_aside":
      return `${nameOf(effect.batch)} ${effect.as}${because(effect.remember)}`;
    case "split":
      return `${nameOf(effect.batch)} split into ${effect.parts.map((part) => `${part.from}+${part.lines}`).join(", ")}`;
    case "divide":
      return `${nameOf(effect.batch)} divided into ${effect.pieces.map(({ as, from, lines }) => `${as} ${from}+${lines}`).join(", ")}`;
    case "record_attempt":
      return `${nameOf(effect.batch)} attempt ${effect.attempt}: ${effect.end.state} (${effect.end.cause})`;
    case "move_attempt":
      return `${effect.row.batch === BATCH ? "batch" : "part"} attempt ${effect.row.attempt}: ${effect.row.state} → ${effect.to} (${effect.cause})`;
    case "follow":
      return effect.next === FOLLOWED_BY_PARENT
        ? `part ${effect.batch} sent again by its parent`
        : `sent again as attempt ${effect.next}`;
    case "unfollow":
      return `not sent again as attempt ${effect.next}`;
    case "reparse_file":
      return `file parsed again (${effect.cause})`;
    case "count_duplicate_lines":
      return `${effect.lines} duplicate lines`;
    case "count_assumed":
      return `assumed not delivered (${effect.status})`;
    case "undo_delivery":
      return `${nameOf(effect.batch)} is no longer done (${effect.reason.reason_code})`;
    case "count_exception":
      return "an exception";
    case "freeze_receiver":
      return `receiver frozen (${effect.print})`;
    case "stay_quiet":
      return `quiet for ${effect.until - NOW} ms`;
  }
}

function nameOf(batch: BatchRow): string {
  return batch.is_part === 1 ? `part ${batch.batch}` : "batch";
}

function because({ reason, counted }: Remembered): string {
  const count = counted === undefined || counted === 0 ? "" : `, counted ${counted}`;
  return reason ? ` (${reason.reason_code}${count})` : "";
}
