// The objects of a plan, by key. They are this dry run's own, or copied from the dry run that this run replays.
import type { PlannedFile } from "../../../src/contract/run.ts";
import { all, first, jsonChunks, type Sql } from "../../../src/platform/sql.ts";

type PlannedRow = { key: string; etag: string; sha256: string; parsed: number };

export class PlannedRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(files: readonly PlannedFile[]): void {
    for (const chunk of jsonChunks(files)) {
      // Used for a turn of hashing or of copying
      this.#sql.exec(
        `INSERT INTO planned (key, etag, sha256, parsed)
         SELECT value ->> 'key', value ->> 'etag', value ->> 'sha256', value ->> 'parsed' FROM json_each(?)`,
        chunk,
      );
    }
  }

  get(key: string): PlannedFile | undefined {
    // Used for each manifest of a run made from a plan.
    const row = first<PlannedRow>(this.#sql, "SELECT * FROM planned WHERE key = ?", key);
    return row && plannedFile(row);
  }

  page(after: string, limit: number): PlannedFile[] {
    // Used for a run made from this dry run
    return all<PlannedRow>(
      this.#sql,
      "SELECT * FROM planned WHERE key > ? ORDER BY key LIMIT ?",
      after,
      limit,
    ).map(plannedFile);
  }

  /** Planned objects with the listed object of the same key. `found` is the etag of the listed object, or null
   * when the key is not listed. */
  besideListed(after: string, limit: number): { key: string; etag: string; found: string | null }[] {
    // Used for the comparison: planned objects that are changed or missing
    return all<{ key: string; etag: string; found: string | null }>(
      this.#sql,
      `SELECT p.key, p.etag, f.etag AS found FROM planned p LEFT JOIN files f ON f.key = p.key
       WHERE p.key > ? ORDER BY p.key LIMIT ?`,
      after,
      limit,
    );
  }

  listedBeside(after: string, limit: number): { key: string; planned: number }[] {
    // Used for the comparison: listed objects that are not planned
    return all<{ key: string; planned: number }>(
      this.#sql,
      `SELECT f.key, p.key IS NOT NULL AS planned FROM files f LEFT JOIN planned p ON p.key = f.key
       WHERE f.key > ? ORDER BY f.key LIMIT ?`,
      after,
      limit,
    );
  }
}

function plannedFile({ key, etag, sha256, parsed }: PlannedRow): PlannedFile {
  return { key, etag, sha256, parsed: parsed === 1 ? 1 : 0 };
}
