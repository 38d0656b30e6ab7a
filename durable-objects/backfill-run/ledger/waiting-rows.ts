// Rows that wait for a time: retries of batches, offers and parse leases of files. What a clock that was set back does
// to them; each statement touches only rows of the index of waiting rows.
import type { SetBack } from "./set-back.ts";
import type { Sql } from "../../../src/platform/sql.ts";

export class WaitingRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  setBackRetries({ now, backMs, longestMs, otherwise }: SetBack): void {
    const farthest = now + longestMs;
    // for a clock that was set back: batches that wait to be sent again
    this.#sql.exec(
      `UPDATE batches SET due_at = CASE WHEN due_at - ? > ? THEN ? ELSE max(?, due_at - ?) END
       WHERE state = 'pending' AND due_at > ?`,
      backMs, farthest, otherwise, now, backMs, backMs > 0 ? now : farthest,
    ); // prettier-ignore
  }

  /** "listed": files that wait to be enqueued; "parsing": leases of parsers at work. */
  setBackFiles(state: "listed" | "parsing", { now, backMs, longestMs, otherwise }: SetBack): void {
    const farthest = now + longestMs;
    // for a clock that was set back: the same of files
    this.#sql.exec(
      `UPDATE files SET due_at = CASE WHEN due_at - ? > ? THEN ? ELSE max(?, due_at - ?) END
       WHERE state = ? AND due_at > ?`,
      backMs, farthest, otherwise, now, backMs, state, backMs > 0 ? now : farthest,
    ); // prettier-ignore
  }

  clearFailedReads(now: number): void {
    // for the end of an R2 outage: the waits that it caused are over
    this.#sql.exec(
      "UPDATE files SET due_at = ? WHERE state = 'listed' AND due_at > ? AND reason LIKE 'io:%'",
      now,
      now,
    );
  }
}
