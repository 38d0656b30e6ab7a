// Files with the name and size of another file. They are `suspicious` and have a `duplicate_of`. duplicates.ts
// explains the rule.
import { all, type Sql } from "../../../src/platform/sql.ts";
import type { TotalsRow } from "./totals.ts";

/** A file, and an earlier file of the same name and size. */
type Alike = { file: number; other: number; other_key: string };

export class DuplicateRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;

  constructor(sql: Sql, totals: TotalsRow) {
    this.#sql = sql;
    this.#totals = totals;
  }

  /** Those of `files` that have the name and size of an earlier file, each with the first earlier file that
   * matches. They are probably copies. Called when a listing finds new files. */
  alike(files: readonly number[]): Alike[] {
    return all<Alike>(
      this.#sql,
      `SELECT f.file, o.file AS other, o.key AS other_key
       FROM json_each(?) j JOIN files f ON f.file = j.value
       JOIN files o ON o.file = (
         SELECT min(e.file) FROM files e WHERE e.base_name = f.base_name AND e.size = f.size AND e.file < f.file)`,
      JSON.stringify(files),
    );
  }

  /** The keys of the first waiting files, for the status. */
  keys(limit: number): string[] {
    return all<{ key: string }>(
      this.#sql,
      "SELECT key FROM files WHERE duplicate_of IS NOT NULL ORDER BY file LIMIT ?",
      limit,
    ).map(({ key }) => key);
  }

  /** Releases the first `limit` waiting files numbered up to `until`, and returns their number. Called when an
   * operator decides to read both files. */
  release(until: number, limit: number): number {
    const released = all<{ file: number }>(
      this.#sql,
      `UPDATE files SET state = 'listed', enqueue_at = 0, reason_code = NULL, reason_detail = NULL, duplicate_of = NULL
       WHERE file IN (SELECT file FROM files INDEXED BY files_duplicates
         WHERE duplicate_of IS NOT NULL AND file <= ? AND state = 'suspicious' ORDER BY file LIMIT ?)
       RETURNING file`,
      until,
      limit,
    );
    for (const { file } of released) {
      this.#totals.add("files_suspicious", -1, file);
      this.#totals.add("files_duplicate", -1, file);
      this.#totals.add("files_listed", 1, file);
    }
    return released.length;
  }
}
