// What a sender and the run tell each other: send reports, send permits, renewals. Plain data; it crosses RPC.
import type { AnswerMembers } from "./answers.ts";
import type { ConnectionCause } from "./parsing.ts";
import type { Refused } from "./states.ts";

/** What happened to one POST, as the sender saw it; what follows from it is the object's to decide. */
export type PostOutcome =
  | {
      kind: "answer";
      status: number;
      bodyStart: string;
      bodyMatches: boolean | null;
      retryAfterMs: number | null;
      /** False when the body broke off: then `bodyStart` is only what came of it. */
      isWhole?: boolean;
      /** Of a 2xx: what its body consists of, also behind `bodyStart`. Absent from senders of older code. */
      members?: AnswerMembers;
      /** Tells which SUCCESS_PATTERN `bodyMatches` is about; absent without one. */
      pattern?: string;
    }
  /** The connection was never established: nothing can have been accepted. */
  | { kind: "no_connection"; detail: string; cause?: ConnectionCause }
  | { kind: "timeout"; detail: string }
  | { kind: "reset"; detail: string; cause?: ConnectionCause }
  /** The lease could not be renewed in time; the POST was aborted. */
  | { kind: "lease_lost"; detail: string }
  /** No POST was begun (pack missing or short, R2 away, too late, shutting down). */
  | {
      kind: "not_sent";
      reason: "pack_missing" | "pack_short" | "pack_damaged" | "storage_failed" | "gave_up";
      detail: string;
    };

export interface SendReport {
  batch: number;
  attempt: number;
  outcome: PostOutcome;
  /** When the POST began and ended on the sender's clock; null when none began. */
  startedAt: number | null;
  endedAt: number | null;
  /** POST begun → answer's headers. */
  ackMs: number | null;
  /** Claim received → body in memory; and how late after its grant the POST began (round trip included). */
  bodyReadyMs: number;
  lateMs: number;
  /** HMAC-able receiver settings of this sender: endpoint + "\n" + uri. Never stored as it is. */
  receiver: string;
}

export interface Grant {
  batch: number;
  attempt: number;
  file: number;
  packKey: string;
  offset: number;
  length: number;
  /** What the bytes must be (member-digest.ts); null: not known. */
  memberDigest: string | null;
  lines: number;
  /** Set for a part of a split batch: these lines of the gzip member, not all of it. */
  slice: { from: number; lines: number } | null;
  /** Begin the POST this long after receipt of the answer, at most `slackMs` later than that counted from the call. */
  waitMs: number;
  slackMs: number;
  leaseMs: number;
  /** How long the batch had been sendable before this claim. */
  queueWaitMs: number;
}

export type NextAnswer =
  | { kind: "grants"; grants: Grant[] }
  /** Nothing may leave right now, but soon: ask again after `waitMs` (≤ 2,000). */
  | { kind: "wait"; waitMs: number; reason: string }
  | { kind: "nothing"; reason: string };

export interface BatchRef {
  batch: number;
  attempt: number;
}

export interface RenewAnswer {
  leaseMs: number;
  /** Attempts whose lease is gone: their POST, if still open, must be aborted. */
  refused: BatchRef[];
}

export type RegrantAnswer =
  { ok: true; waitMs: number; slackMs: number; leaseMs: number } | Refused<"superseded" | "not_running">;
