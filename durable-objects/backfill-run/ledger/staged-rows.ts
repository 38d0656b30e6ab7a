// The pages of manifests that are not complete. No claim sees these pages before the last page opens the file.
import type { ManifestEntry } from "../../../src/contract/parsing.ts";
import { all, jsonChunks, type Sql } from "../../../src/platform/sql.ts";

export class StagedRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(file: number, entries: ManifestEntry[]): void {
    for (const chunk of jsonChunks(entries)) {
      // Used for a manifest of several pages. Claims do not see these rows.
      this.#sql.exec(
        `INSERT OR REPLACE INTO staged_batches (file, ordinal, entry_json)
         SELECT ?, value ->> 'ordinal', value FROM json_each(?)`,
        file,
        chunk,
      );
    }
  }

  take(file: number): ManifestEntry[] {
    // Used for the last page of a manifest. It opens the file with all pages.
    const entries = all<{ entry_json: string }>(
      this.#sql,
      "DELETE FROM staged_batches WHERE file = ? RETURNING entry_json",
      file,
    ).map((row) => JSON.parse(row.entry_json) as ManifestEntry);
    return entries.toSorted((a, b) => a.ordinal - b.ordinal);
  }

  drop(file: number): void {
    // Used for a new parse attempt. Pages of the old attempt are useless.
    this.#sql.exec("DELETE FROM staged_batches WHERE file = ?", file);
  }
}
