// Counts the keys below the prefix that are no files of the run, by kind, with examples. The present listing pass
// collects its keys in a table of its own. When this pass ends, its keys replace the keys of the last pass. So no
// partial count is shown.
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

  /** Adds `keys` that the present listing pass found. Keeps the first examples in the order of names, in whatever
   * order pages arrive. */
  add(kind: string, keys: readonly string[]): void {
    const known = first<NamedRow>(this.#sql, "SELECT * FROM gathered_keys WHERE kind = ?", kind);
    const examples = [...((known ? JSON.parse(known.examples_json) : []) as string[]), ...keys];
    // Runs for each page of a listing that has such keys.
    this.#sql.exec(
      "INSERT OR REPLACE INTO gathered_keys (kind, count, examples_json) VALUES (?, ?, ?)",
      kind,
      (known?.count ?? 0) + keys.length,
      JSON.stringify(examples.toSorted(keyOrder).slice(0, EXAMPLES)),
    );
  }

  /** Call when a listing pass begins. The pass will see every key again. */
  begin(): void {
    // Runs when a listing pass begins.
    this.#sql.exec("DELETE FROM gathered_keys");
  }

  /** Call when the listing pass has ended. From now on, its keys are shown. */
  show(): void {
    // Both statements run when a listing pass ends.
    this.#sql.exec("DELETE FROM foreign_keys");
    this.#sql.exec(
      "INSERT INTO foreign_keys (kind, count, examples_json) SELECT kind, count, examples_json FROM gathered_keys",
    );
  }

  forget(kind: string): void {
    // Runs when an operator adds late files to the run.
    this.#sql.exec("DELETE FROM foreign_keys WHERE kind = ?", kind);
  }

  shown(): NamedKind[] {
    // Runs for the status, and for codes that wait for an operator's decision.
    return all<NamedRow>(this.#sql, "SELECT * FROM foreign_keys ORDER BY kind").map((row) => ({
      kind: row.kind,
      count: row.count,
      examples: JSON.parse(row.examples_json) as string[],
    }));
  }
}
