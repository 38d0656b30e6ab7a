// Rows for the search for one RayID. Reads only.
import { all, first, type Sql } from "../../../src/platform/sql.ts";

export type FileRange = { file: number; range_start: number; range_end: number };

export class RayRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Files whose range meets [from, until], in no particular order. */
  filesIn(from: number, until: number): FileRange[] {
    // Used for a search near an instant. The statement reads only the index.
    return all<FileRange>(
      this.#sql,
      `SELECT file, range_start, range_end FROM files INDEXED BY files_by_range
       WHERE range_start <= ? AND range_end >= ?`,
      until,
      from,
    );
  }

  /** Batches of an earlier object of the file that were sent, and that its present object does not contain. */
  countSuperseded(firstBatch: number, count: number): number {
    // Used for a searched file that an operator had parsed again.
    const row = first<{ n: number }>(
      this.#sql,
      `SELECT count(*) AS n FROM batches
       WHERE batch >= ? AND batch < ? AND reason_code = 'superseded' AND attempt > 0 AND is_part = 0`,
      firstBatch,
      firstBatch + count,
    );
    return row?.n ?? 0;
  }
}
