// A simple model of sending: which permits were issued, what was reported, when leases end. Has no SQL, no circuit
// breaker and no rate limiter. Decides what the ledger's numbers must be, and which answers are legal.
import type { PostOutcome, SendPermit } from "../../src/contract/sending.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import { GAVE_UP, OK, TIMEOUT, answered } from "./run-work.ts";

export const LEASE_MS = 30_000;

/** Each attempt has one true outcome, chosen once. The sender may report it never, late, or several times. */
export const TRUTHS = {
  done: OK,
  uncertain: TIMEOUT,
  not_delivered: answered(503),
  unsent: GAVE_UP,
} satisfies Record<string, PostOutcome>;
export type Truth = keyof typeof TRUTHS;

export interface Attempt {
  batch: number;
  attempt: number;
  lines: number;
  truth: Truth;
  leaseEnd: number;
  reported: boolean;
  /** The sender reported the attempt as unsent before its lease ended. So the ledger has no row for the attempt. */
  vanished: boolean;
  /** The lease ended by a report, by time, or because another attempt delivered the batch. */
  over: boolean;
}

export class SendingModel {
  readonly attempts: Attempt[] = [];
  readonly done = new Set<number>();
  aborted = false;

  of(batch: number): Attempt[] {
    return this.attempts.filter((one) => one.batch === batch);
  }

  /** Ends the leases whose time is over. */
  expire(now: number): void {
    for (const one of this.attempts) if (!one.over && one.leaseEnd <= now) one.over = true;
  }

  /** @returns why this permit is illegal, or null. */
  issued(permit: SendPermit, truth: Truth, now: number): string | null {
    const known = this.of(permit.batch);
    if (this.aborted) return "a permit after the abort";
    if (this.done.has(permit.batch)) return "a permit for a batch that is done";
    if (known.some((one) => !one.over)) return "two leases on one batch";
    if (permit.attempt !== known.length + 1) return `attempt ${permit.attempt} after ${known.length}`;
    const { batch, attempt, lines } = permit;
    this.attempts.push({
      batch,
      attempt,
      lines,
      truth,
      leaseEnd: now + LEASE_MS,
      reported: false,
      vanished: false,
      over: false,
    });
    return null;
  }

  reported(one: Attempt): void {
    const isCurrent = !one.over;
    one.over = true;
    if (!one.reported && one.truth === "unsent" && isCurrent) one.vanished = true;
    one.reported = true;
    if (one.truth !== "done") return;
    this.done.add(one.batch);
    // An attempt of a delivered batch has no lease.
    for (const other of this.of(one.batch)) other.over = true;
  }

  /** The number of present leases. */
  get inFlight(): number {
    return this.attempts.filter((one) => !one.over).length;
  }

  expected(): Partial<RunStatus> {
    const delivered = this.attempts.filter((one) => one.reported && one.truth === "done");
    const firsts = [...this.done].map((batch) => this.of(batch)[0]?.lines ?? 0);
    const sent = firsts.reduce((sum, count) => sum + count, 0);
    const uncertain = this.attempts.filter((one) => (one.reported ? one.truth === "uncertain" : one.over));
    const followed = uncertain.filter(
      (one) =>
        this.done.has(one.batch) ||
        this.of(one.batch).some((later) => later.attempt > one.attempt && !later.vanished),
    );
    return {
      in_flight: this.inFlight,
      log_lines_sent: sent,
      duplicate_lines: linesOf(delivered) - sent,
      uncertain_attempts: uncertain.length,
      possible_duplicate_lines: linesOf(followed),
    };
  }
}

function linesOf(attempts: readonly Attempt[]): number {
  return attempts.reduce((sum, one) => sum + one.lines, 0);
}
