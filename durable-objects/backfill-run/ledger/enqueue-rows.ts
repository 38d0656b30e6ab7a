// Which files wait to be enqueued for parsing, and which were enqueued and wait for a parser.
import { first, type Sql } from "../../../src/platform/sql.ts";
import type { FileRow } from "./file-rows.ts";

export class EnqueueRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  nextToEnqueue(now: number): FileRow | undefined {
    // Used for enqueueing. First come files whose batches wait for a new pack, even if they were enqueued before.
    const urgent = first<FileRow>(
      this.#sql,
      `SELECT * FROM files INDEXED BY files_urgent WHERE first_batch IS NOT NULL AND enqueue_at <= ?
       ORDER BY enqueue_at, file LIMIT 1`,
      now,
    );
    if (urgent) return urgent;
    // Used for enqueueing. Then come new files (enqueue_at 0) in the order of listing. Files whose message was
    // lost come last.
    return first<FileRow>(
      this.#sql,
      "SELECT * FROM files WHERE enqueue_at <= ? ORDER BY enqueue_at, file LIMIT 1",
      now,
    );
  }

  countEnqueued(now: number): number {
    // Used for the parse-ahead bound: files whose message was sent and that no parser has claimed.
    const row = first<{ n: number }>(this.#sql, "SELECT count(*) AS n FROM files WHERE enqueue_at > ?", now);
    return row?.n ?? 0;
  }

  nextEnqueueAt(after: number): number | null {
    // Used for the clock's next tick: the earliest repeated message.
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(enqueue_at) AS at FROM files WHERE enqueue_at > ?",
      after,
    );
    return row?.at ?? null;
  }
}
