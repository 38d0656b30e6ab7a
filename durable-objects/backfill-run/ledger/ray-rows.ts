// Rows for the search for one RayID. Reads only.
import { all, first, type Sql } from "../../../src/platform/sql.ts";

export type FileRange = { file: number; range_start: number; range_end: number };

export class RayRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Files whose range meets [from, until], in no particular order. Called for a search for a RayID near an
   * instant. */
  filesIn(from: number, until: number): FileRange[] {
    // Reads only the index.
    return all<FileRange>(
      this.#sql,
      `SELECT file, range_start, range_end FROM files INDEXED BY files_by_range
       WHERE range_start <= ? AND range_end >= ?`,
      until,
      from,
    );
  }

  /** How many sent batches of the file's earlier R2 object are not in its present R2 object. Called for a
   * searched file that an operator had parsed again. */
  countSuperseded(firstBatch: number, count: number): number {
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
