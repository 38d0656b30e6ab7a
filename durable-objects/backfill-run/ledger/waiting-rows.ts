// The rows that wait for a time: batches that wait for a retry, and files that wait to be enqueued or for the end
// of a parser's lease. Moves these times when the clock was set back. Each statement reads only the index of the
// rows that wait.
import { READ_FAILED } from "./reasons.ts";
import type { SetBack } from "./set-back.ts";
import { first, type Sql } from "../../../src/platform/sql.ts";

export class WaitingRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** When the earliest retry of a batch is due. The clock wakes at this time. */
  nextRetryAt(): number | null {
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(retry_at) AS at FROM batches WHERE retry_at IS NOT NULL",
    );
    return row?.at ?? null;
  }

  /** How many retries are due, or how many still wait. The clock decides from this number how many senders it
   * wakes. */
  retries(which: "due" | "waiting", now: number, limit: number): number {
    const sign = which === "due" ? "<=" : ">";
    const row = first<{ n: number }>(
      this.#sql,
      `SELECT count(*) AS n FROM (SELECT 1 FROM batches WHERE retry_at ${sign} ? LIMIT ?)`,
      now,
      limit,
    );
    return row?.n ?? 0;
  }

  /** Ends the waits that an outage of the receiver caused. Changes at most `limit` rows, so that the turn stays
   * short. Called when the circuit breaker closes. */
  clearWaits(now: number, limit: number): void {
    this.#sql.exec(
      `UPDATE batches SET retry_at = ? WHERE batch IN
         (SELECT batch FROM batches WHERE retry_at > ? ORDER BY retry_at LIMIT ?)`,
      now,
      now,
      limit,
    );
  }

  /** Moves the retry times of batches back after the clock was set back. */
  setBackRetries({ now, backMs, longestMs, otherwise }: SetBack): void {
    const farthest = now + longestMs;
    this.#sql.exec(
      `UPDATE batches SET retry_at = CASE WHEN retry_at - ? > ? THEN ? ELSE max(?, retry_at - ?) END
       WHERE retry_at > ?`,
      backMs, farthest, otherwise, now, backMs, backMs > 0 ? now : farthest,
    ); // prettier-ignore
  }

  /** Moves one time of all files back after the clock was set back. */
  setBackFiles(
    time: "enqueue_at" | "parse_lease_ends_at" | "live_check_at",
    { now, backMs, longestMs, otherwise }: SetBack,
  ): void {
    const farthest = now + longestMs;
    // The column name comes only from the type above.
    this.#sql.exec(
      `UPDATE files SET ${time} = CASE WHEN ${time} - ? > ? THEN ? ELSE max(?, ${time} - ?) END
       WHERE ${time} > ?`,
      backMs, farthest, otherwise, now, backMs, backMs > 0 ? now : farthest,
    ); // prettier-ignore
  }

  /** Ends the waits that an R2 outage caused for files. Called when the outage ends. */
  clearFailedReads(now: number): void {
    this.#sql.exec(
      "UPDATE files SET enqueue_at = ? WHERE enqueue_at > ? AND reason_code = ?",
      now,
      now,
      READ_FAILED,
    );
  }
}
