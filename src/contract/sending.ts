// Defines what a sender and a run exchange: send reports, send permits and renewals. Plain data that crosses RPC.
import type { AnswerMembers } from "./answers.ts";
import type { HttpPermit } from "./receivers.ts";
import type { Refused } from "./states.ts";

/** Why no answer came, by the runtime's error. `connection_lost` may mean refused, reset or closed. */
export type ConnectionCause =
  "refused" | "dns" | "tls" | "reset" | "connection_lost" | "runtime_error" | "other";

/** The number of sender loops in one invocation. The runtime allows six connections that wait for headers, R2
 * included. */
export const LANES = 6;
/** How many characters of an answer's body a sender reports. A shorter text may be the whole body. */
export const REPORTED_BODY_CHARS = 512;
/** How long a sender claims batches, in ms. A POST that begins at the end of this time can still use SEND_TIMEOUT_MS
 * within the invocation's 15 minutes. */
export const CLAIM_FOR_MS = 60_000;

/** Lines of a batch, in their order, of which the answer says the same: the receiver accepted them, asks for them again
 * later, or refuses them. */
export interface AnswerPart {
  as: "accepted" | "later" | "refused";
  lines: number;
}

/** The outcome of one POST, as the sender saw it. The run decides what it means. */
export type PostOutcome =
  | {
      kind: "answer";
      status: number;
      bodyStart: string;
      bodyMatches: boolean | null;
      retryAfterMs: number | null;
      /** False when the connection ended before the whole body arrived. `bodyStart` is then the part of the body
       * that arrived. */
      isWhole?: boolean;
      /** For a 2xx: the parts of the whole body, also beyond `bodyStart`. Absent from senders of older code. */
      members?: AnswerMembers;
      /** Set when the receiver accepted only some lines of the batch: what the answer says about each line.
       * `bodyMatches` is then false. */
      parts?: AnswerPart[];
      /** Identifies the SUCCESS_PATTERN that `bodyMatches` refers to. Absent without a pattern. */
      pattern?: string;
    }
  /** The connection was never established, so the receiver cannot have accepted anything. */
  | { kind: "no_connection"; detail: string; cause?: ConnectionCause }
  | { kind: "timeout"; detail: string }
  | { kind: "reset"; detail: string; cause?: ConnectionCause }
  /** The lease was not renewed in time, so the sender aborted the POST. */
  | { kind: "lease_lost"; detail: string }
  /** The sender began no POST: the pack is missing, short or damaged, R2 failed, or the sender gave up. */
  | {
      kind: "not_sent";
      reason: "pack_missing" | "pack_short" | "pack_damaged" | "storage_failed" | "gave_up";
      detail: string;
    };

export interface SendReport {
  batch: number;
  attempt: number;
  outcome: PostOutcome;
  /** When the POST began and ended, by the sender's clock. Null when none began. */
  startedAt: number | null;
  endedAt: number | null;
  /** Only for an attempt whose sender did not report. The lines of the attempt cannot have arrived before this
   * time. Epoch milliseconds. */
  arrivedAfter?: number;
  /** Milliseconds from the start of the POST to the head of the answer. */
  ackMs: number | null;
  /** `bodyReadyMs`: the time from the receipt of the claim until the body was in memory. `lateMs`: how late the POST
   * began after the start of its permit, round trip included. */
  bodyReadyMs: number;
  lateMs: number;
  /** Bytes of the body of the POST, and reads of R2 for it. Absent from senders of older code. */
  bodyBytes?: number;
  reads?: number;
  /** The sender's receiver settings: endpoint + "\n" + uri. The run stores only an HMAC of this text. */
  receiver: string;
}

export interface SendPermit {
  batch: number;
  attempt: number;
  file: number;
  packKey: string;
  offset: number;
  length: number;
  /** The expected digest of the bytes (member-digest.ts). Null: unknown. */
  memberDigest: string | null;
  lines: number;
  /** Set for a part of a split batch: the lines of the gzip member to send. */
  slice: { from: number; lines: number } | null;
  /** Set for a receiver of the kind `http`. Absent: the kind is `ctyun`. */
  http?: HttpPermit;
  /** The sender begins the POST `waitMs` after it received this answer. `slackMs` is the allowed delay, counted
   * from the beginning of the call. */
  waitMs: number;
  slackMs: number;
  leaseMs: number;
  /** How long the batch had been sendable before this claim. */
  queueWaitMs: number;
}

export type NextAnswer =
  /** `rest`: why there are fewer permits than wanted. Absent when there are not fewer. `groupWaitMs`: how long the sender's
   * next call may wait for more loops. The wait delays no POST. Absent in answers of older code. */
  { kind: "grants"; grants: SendPermit[]; rest?: NoPermit; groupWaitMs?: number } | NoPermit;

export type NoPermit =
  /** No batch may be sent now. The sender must call again after `waitMs` (≤ 2,000). */
  { kind: "wait"; waitMs: number; reason: string } | { kind: "nothing"; reason: string };

export interface BatchRef {
  batch: number;
  attempt: number;
}

export interface RenewAnswer {
  leaseMs: number;
  /** Attempts whose lease has ended. The sender must abort their open POSTs. */
  refused: BatchRef[];
}

export type PermitRenewal =
  { ok: true; waitMs: number; slackMs: number; leaseMs: number } | Refused<"superseded" | "not_running">;
