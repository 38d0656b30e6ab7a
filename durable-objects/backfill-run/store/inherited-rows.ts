// continue_of: what the earlier run says of its batches, and what this run says of its own to a later one.
import type { InheritedBatch } from "../api.ts";
import { all, type Sql } from "../../storage/sql.ts";

export class InheritedRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(batches: InheritedBatch[]): void {
    // for a page of the earlier run's ledger
    this.#sql.exec(
      `INSERT OR REPLACE INTO inherited (key, ordinal, digest, state)
       SELECT value ->> 'key', value ->> 'ordinal', value ->> 'digest', value ->> 'state' FROM json_each(?)`,
      JSON.stringify(batches),
    );
  }

  of(key: string): InheritedBatch[] {
    // for a file whose manifest has come
    return all<InheritedBatch>(
      this.#sql,
      "SELECT key, ordinal, digest, state FROM inherited WHERE key = ?",
      key,
    );
  }

  /** Of this run's own batches numbered (after, upTo]: delivered ones, and those that may have arrived. */
  own(after: number, upTo: number): InheritedBatch[] {
    // for a later run that continues this one
    return all<InheritedBatch>(
      this.#sql,
      `SELECT f.key, b.ordinal, b.digest,
              CASE WHEN b.state = 'done' OR b.reason LIKE 'inherited: delivered%' THEN 'done' ELSE 'uncertain' END AS state
       FROM batches b JOIN files f ON f.file = b.file
       WHERE b.batch > ? AND b.batch <= ? AND b.is_part = 0 AND (
         b.state = 'done' OR (b.state = 'split' AND b.reason NOT LIKE 'the same as%')
         OR (b.state = 'discarded' AND b.reason LIKE 'inherited: delivered%')
         OR EXISTS (SELECT 1 FROM attempts a WHERE a.batch = b.batch AND a.state = 'uncertain'))`,
      after,
      upTo,
    );
  }
}
