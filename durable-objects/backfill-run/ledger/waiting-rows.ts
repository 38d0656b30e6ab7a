// Rows that wait for a time: retries of batches, enqueueing and parse leases of files. Moves these times when the
// clock was set back. Each statement reads only the index of the rows that wait.
import { READ_FAILED } from "./reasons.ts";
import type { SetBack } from "./set-back.ts";
import { first, type Sql } from "../../../src/platform/sql.ts";

export class WaitingRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  nextRetryAt(): number | null {
    // Used for the clock's next tick: the earliest retry.
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(retry_at) AS at FROM batches WHERE retry_at IS NOT NULL",
    );
    return row?.at ?? null;
  }

  retries(which: "due" | "waiting", now: number, limit: number): number {
    const sign = which === "due" ? "<=" : ">";
    // Used for waking senders: how many retries are due, or how many still wait.
    const row = first<{ n: number }>(
      this.#sql,
      `SELECT count(*) AS n FROM (SELECT 1 FROM batches WHERE retry_at ${sign} ? LIMIT ?)`,
      now,
      limit,
    );
    return row?.n ?? 0;
  }

  /** After an outage: ends the waits that the outage caused. At most `limit` rows, so that the turn stays
   * short. */
  clearWaits(now: number, limit: number): void {
    // Used when the circuit breaker closes.
    this.#sql.exec(
      `UPDATE batches SET retry_at = ? WHERE batch IN
         (SELECT batch FROM batches WHERE retry_at > ? ORDER BY retry_at LIMIT ?)`,
      now,
      now,
      limit,
    );
  }

  setBackRetries({ now, backMs, longestMs, otherwise }: SetBack): void {
    const farthest = now + longestMs;
    // Used for a clock that was set back: batches that wait for a retry.
    this.#sql.exec(
      `UPDATE batches SET retry_at = CASE WHEN retry_at - ? > ? THEN ? ELSE max(?, retry_at - ?) END
       WHERE retry_at > ?`,
      backMs, farthest, otherwise, now, backMs, backMs > 0 ? now : farthest,
    ); // prettier-ignore
  }

  setBackFiles(
    time: "enqueue_at" | "parse_lease_ends_at" | "live_check_at",
    { now, backMs, longestMs, otherwise }: SetBack,
  ): void {
    const farthest = now + longestMs;
    // Used for a clock that was set back: times of files. The column name comes only from the type above.
    this.#sql.exec(
      `UPDATE files SET ${time} = CASE WHEN ${time} - ? > ? THEN ? ELSE max(?, ${time} - ?) END
       WHERE ${time} > ?`,
      backMs, farthest, otherwise, now, backMs, backMs > 0 ? now : farthest,
    ); // prettier-ignore
  }

  clearFailedReads(now: number): void {
    // Used for the end of an R2 outage: ends the waits that the outage caused.
    this.#sql.exec(
      "UPDATE files SET enqueue_at = ? WHERE enqueue_at > ? AND reason_code = ?",
      now,
      now,
      READ_FAILED,
    );
  }
}
