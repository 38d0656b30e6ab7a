// The pages of manifests that are not complete. No claim sees these pages before the last page opens the file.
import type { ManifestEntry } from "../../../src/contract/parsing.ts";
import { all, jsonChunks, type Sql } from "../../../src/platform/sql.ts";

export class StagedRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Stores a page of a manifest that has several pages. Claims do not see these rows. */
  add(file: number, entries: ManifestEntry[]): void {
    for (const chunk of jsonChunks(entries)) {
      this.#sql.exec(
        `INSERT OR REPLACE INTO staged_batches (file, ordinal, entry_json)
         SELECT ?, value ->> 'ordinal', value FROM json_each(?)`,
        file,
        chunk,
      );
    }
  }

  /** Returns and deletes all stored pages. Called for the last page of the manifest, which opens the file. */
  take(file: number): ManifestEntry[] {
    const entries = all<{ entry_json: string }>(
      this.#sql,
      "DELETE FROM staged_batches WHERE file = ? RETURNING entry_json",
      file,
    ).map((row) => JSON.parse(row.entry_json) as ManifestEntry);
    return entries.toSorted((a, b) => a.ordinal - b.ordinal);
  }

  /** Deletes the stored pages of a file. Called for a new parse attempt, because pages of the old attempt are
   * useless. */
  drop(file: number): void {
    this.#sql.exec("DELETE FROM staged_batches WHERE file = ?", file);
  }
}
