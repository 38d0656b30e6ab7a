// Finds which files wait to be enqueued for parsing, and which were enqueued and wait for a parser.
import { first, type Sql } from "../../../src/platform/sql.ts";
import type { FileRow } from "./file-rows.ts";

export class EnqueueRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The file that is enqueued next for parsing. */
  nextToEnqueue(now: number): FileRow | undefined {
    // First come files whose batches wait for a new pack, even if they were enqueued before.
    const urgent = first<FileRow>(
      this.#sql,
      `SELECT * FROM files INDEXED BY files_urgent WHERE first_batch IS NOT NULL AND enqueue_at <= ?
       ORDER BY enqueue_at, file LIMIT 1`,
      now,
    );
    if (urgent) return urgent;
    // Then come new files (enqueue_at 0) in the order of listing. Files whose message was lost come last.
    return first<FileRow>(
      this.#sql,
      "SELECT * FROM files WHERE enqueue_at <= ? ORDER BY enqueue_at, file LIMIT 1",
      now,
    );
  }

  /** How many files were enqueued and not claimed by a parser yet. The run bounds this number. */
  countEnqueued(now: number): number {
    const row = first<{ n: number }>(this.#sql, "SELECT count(*) AS n FROM files WHERE enqueue_at > ?", now);
    return row?.n ?? 0;
  }

  /** When the next parse message must be sent again. The clock wakes at this time. */
  nextEnqueueAt(after: number): number | null {
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(enqueue_at) AS at FROM files WHERE enqueue_at > ?",
      after,
    );
    return row?.at ?? null;
  }
}
