// A simple model of sending: what was granted, what was told, when leases end. It knows no SQL, no breaker, no pace; it
// says what the ledger's numbers must be, and which answers are legal.
import type { PostOutcome, SendPermit } from "../../src/contract/sending.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import { GAVE_UP, OK, TIMEOUT, answered } from "./run-work.ts";

export const LEASE_MS = 30_000;

/** Each attempt has one truth, chosen once; it may be told never, late, or many times. */
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
  told: boolean;
  /** Told as unsent while its lease was out: nothing of it remains. */
  vanished: boolean;
  /** Its lease ended: by its report, by time, or because the batch became done by another attempt. */
  over: boolean;
}

export class SendingModel {
  readonly attempts: Attempt[] = [];
  readonly done = new Set<number>();
  aborted = false;

  of(batch: number): Attempt[] {
    return this.attempts.filter((one) => one.batch === batch);
  }

  /** Leases that ran out by now. */
  expire(now: number): void {
    for (const one of this.attempts) if (!one.over && one.leaseEnd <= now) one.over = true;
  }

  /** @returns why this grant is illegal, or null. */
  granted(grant: SendPermit, truth: Truth, now: number): string | null {
    const known = this.of(grant.batch);
    if (this.aborted) return "a grant after the abort";
    if (this.done.has(grant.batch)) return "a grant of a batch that is done";
    if (known.some((one) => !one.over)) return "two leases on one batch";
    if (grant.attempt !== known.length + 1) return `attempt ${grant.attempt} after ${known.length}`;
    const { batch, attempt, lines } = grant;
    this.attempts.push({
      batch,
      attempt,
      lines,
      truth,
      leaseEnd: now + LEASE_MS,
      told: false,
      vanished: false,
      over: false,
    });
    return null;
  }

  told(one: Attempt): void {
    const isCurrent = !one.over;
    one.over = true;
    if (!one.told && one.truth === "unsent" && isCurrent) one.vanished = true;
    one.told = true;
    if (one.truth !== "done") return;
    this.done.add(one.batch);
    // Who is out for a batch that is done holds no lease any more.
    for (const other of this.of(one.batch)) other.over = true;
  }

  /** Leases out at this moment. */
  get inFlight(): number {
    return this.attempts.filter((one) => !one.over).length;
  }

  expected(): Partial<RunStatus> {
    const delivered = this.attempts.filter((one) => one.told && one.truth === "done");
    const firsts = [...this.done].map((batch) => this.of(batch)[0]?.lines ?? 0);
    const sent = firsts.reduce((sum, count) => sum + count, 0);
    const uncertain = this.attempts.filter((one) => (one.told ? one.truth === "uncertain" : one.over));
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
