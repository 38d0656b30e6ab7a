// The R2 objects of a plan, by key. A dry run makes these rows itself. A run made from a plan copies them from the
// dry run.
import type { PlannedFile } from "../../../src/contract/run.ts";
import { all, first, jsonChunks, type Sql } from "../../../src/platform/sql.ts";

type PlannedRow = { key: string; etag: string; sha256: string; parsed: number };

export class PlannedRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Stores planned R2 objects. Called in each turn that hashes or copies a plan. */
  add(files: readonly PlannedFile[]): void {
    for (const chunk of jsonChunks(files)) {
      this.#sql.exec(
        `INSERT INTO planned (key, etag, sha256, parsed)
         SELECT value ->> 'key', value ->> 'etag', value ->> 'sha256', value ->> 'parsed' FROM json_each(?)`,
        chunk,
      );
    }
  }

  /** The planned R2 object with this key. Called for each manifest of a run made from a plan. */
  get(key: string): PlannedFile | undefined {
    const row = first<PlannedRow>(this.#sql, "SELECT * FROM planned WHERE key = ?", key);
    return row && plannedFile(row);
  }

  /** The planned R2 objects after the key `after`. Called by a run made from this dry run. */
  page(after: string, limit: number): PlannedFile[] {
    return all<PlannedRow>(
      this.#sql,
      "SELECT * FROM planned WHERE key > ? ORDER BY key LIMIT ?",
      after,
      limit,
    ).map(plannedFile);
  }

  /** Planned R2 objects with the listed R2 object of the same key. `found` is the etag of the listed R2 object, or
   * null when the key is not listed. The comparison finds changed and missing R2 objects in these rows. */
  besideListed(after: string, limit: number): { key: string; etag: string; found: string | null }[] {
    return all<{ key: string; etag: string; found: string | null }>(
      this.#sql,
      `SELECT p.key, p.etag, f.etag AS found FROM planned p LEFT JOIN files f ON f.key = p.key
       WHERE p.key > ? ORDER BY p.key LIMIT ?`,
      after,
      limit,
    );
  }

  /** Listed R2 objects, and whether each is planned. The comparison finds new R2 objects in these rows. */
  listedBeside(after: string, limit: number): { key: string; planned: number }[] {
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
