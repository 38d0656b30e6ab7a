// The batches that a sender may get next: retries that are due, and batches that were never claimed. The statements
// read stored rows. The stored row of a claimed batch is still `pending` (send-leases.ts).
import { first, type Sql } from "../../../src/platform/sql.ts";
import type { BatchRow } from "./batch-row.ts";
import type { SendLeases } from "./send-leases.ts";

export class SendableRows {
  readonly #sql: Sql;
  readonly #leases: SendLeases;

  constructor(sql: Sql, leases: SendLeases) {
    this.#sql = sql;
    this.#leases = leases;
  }

  /** The first due batch whose file is open. Called for claims, when the file of the first
   * due batch is being parsed again. */
  firstDueOfOpenFile(now: number): BatchRow | undefined {
    return first<BatchRow>(
      this.#sql,
      `SELECT * FROM batches b WHERE retry_at <= ?
         AND EXISTS (SELECT 1 FROM files f WHERE f.file = b.file AND f.state = 'open')
       ORDER BY retry_at, batch LIMIT 1`,
      now,
    );
  }

  /** Delays due batches of a file that is being parsed again. No state changes, so the sums stay. Called for
   * claims. */
  putOff(file: number, now: number, until: number, limit: number): void {
    this.#sql.exec(
      `UPDATE batches SET retry_at = ? WHERE batch IN (SELECT batch FROM batches
         WHERE retry_at <= ? AND file = ? ORDER BY retry_at, batch LIMIT ?)`,
      until,
      now,
      file,
      limit,
    );
  }

  /** The first batch in this range that was never claimed. Called for claims. */
  firstFresh(from: number, end: number): BatchRow | undefined {
    const row = first<BatchRow>(
      this.#sql,
      "SELECT * FROM batches WHERE batch >= ? AND batch < ? AND state = 'pending' AND retry_at IS NULL ORDER BY batch LIMIT 1",
      from,
      end,
    );
    // Claimed batches lie before `from`. This check makes sure that no batch is leased twice.
    if (row && this.#leases.isClaimed(row.batch)) throw new Error(`batch ${row.batch} is claimed already`);
    return row;
  }

  /** The batch whose wait ended first. Called for claims. */
  firstDue(now: number): BatchRow | undefined {
    return first<BatchRow>(
      this.#sql,
      "SELECT * FROM batches WHERE retry_at <= ? ORDER BY retry_at, batch LIMIT 1",
      now,
    );
  }

  /** How many batches were sent and now wait for a retry, are held, or were discarded. Called for a canary. */
  tried(state: "pending" | "held" | "discarded", limit: number): number {
    // Each state has its partial index.
    const waits = state === "discarded" ? "" : "AND (retry_at IS NOT NULL OR set_aside_at IS NOT NULL)";
    const row = first<{ n: number }>(
      this.#sql,
      `SELECT count(*) AS n FROM (SELECT 1 FROM batches WHERE state = '${state}' AND attempt > 0 ${waits} LIMIT ?)`,
      limit,
    );
    return row?.n ?? 0;
  }
}
