// Counts the R2 keys below the log prefix that are no files of the run, by kind, with examples. The present listing
// pass collects its keys in a table of its own. When this pass ends, its keys replace the keys of the last pass. So
// no partial count is shown.
import { all, first, type Sql } from "../../../src/platform/sql.ts";
import { keyOrder } from "../../../src/listing/log-names.ts";
import type { NamedKind } from "../../../src/contract/listing.ts";

type NamedRow = { kind: string; count: number; examples_json: string };
const EXAMPLES = 5;

export class NamedKeys {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Adds `keys` that a page of the present listing pass found. Keeps the first examples in the order of names, in
   * whatever order pages arrive. */
  add(kind: string, keys: readonly string[]): void {
    const known = first<NamedRow>(this.#sql, "SELECT * FROM gathered_keys WHERE kind = ?", kind);
    const examples = [...((known ? JSON.parse(known.examples_json) : []) as string[]), ...keys];
    this.#sql.exec(
      "INSERT OR REPLACE INTO gathered_keys (kind, count, examples_json) VALUES (?, ?, ?)",
      kind,
      (known?.count ?? 0) + keys.length,
      JSON.stringify(examples.toSorted(keyOrder).slice(0, EXAMPLES)),
    );
  }

  /** Call when a listing pass begins. Deletes the keys that the last listing pass collected, because the new pass
   * sees every key again. */
  begin(): void {
    this.#sql.exec("DELETE FROM gathered_keys");
  }

  /** Call when the listing pass has ended. Its keys then replace the keys that are shown. */
  show(): void {
    this.#sql.exec("DELETE FROM foreign_keys");
    this.#sql.exec(
      "INSERT INTO foreign_keys (kind, count, examples_json) SELECT kind, count, examples_json FROM gathered_keys",
    );
  }

  /** Deletes the keys of one kind. Called when an operator adds late files to the run. */
  forget(kind: string): void {
    this.#sql.exec("DELETE FROM foreign_keys WHERE kind = ?", kind);
  }

  /** The keys that are shown, by kind. Called for the status, and for codes that wait for an operator's decision. */
  shown(): NamedKind[] {
    return all<NamedRow>(this.#sql, "SELECT * FROM foreign_keys ORDER BY kind").map((row) => ({
      kind: row.kind,
      count: row.count,
      examples: JSON.parse(row.examples_json) as string[],
    }));
  }
}
