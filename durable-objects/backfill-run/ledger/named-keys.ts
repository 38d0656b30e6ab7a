// Keys below the prefix that are no files of the run, by kind, with examples. The present listing pass
// collects its keys apart. They replace the last pass's keys when it ends, so that no partial count is shown.
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

  /** The present listing pass names `keys`. Keeps the first examples by name, in whatever order pages arrive. */
  add(kind: string, keys: readonly string[]): void {
    const known = first<NamedRow>(this.#sql, "SELECT * FROM gathered_keys WHERE kind = ?", kind);
    const examples = [...((known ? JSON.parse(known.examples_json) : []) as string[]), ...keys];
    // For a page of a listing.
    this.#sql.exec(
      "INSERT OR REPLACE INTO gathered_keys (kind, count, examples_json) VALUES (?, ?, ?)",
      kind,
      (known?.count ?? 0) + keys.length,
      JSON.stringify(examples.toSorted(keyOrder).slice(0, EXAMPLES)),
    );
  }

  /** A listing pass begins and will see every key again. */
  begin(): void {
    // For a new listing pass.
    this.#sql.exec("DELETE FROM gathered_keys");
  }

  /** The listing pass has ended. Its keys are shown from now on. */
  show(): void {
    // For the end of a listing pass.
    this.#sql.exec("DELETE FROM foreign_keys");
    this.#sql.exec(
      "INSERT INTO foreign_keys (kind, count, examples_json) SELECT kind, count, examples_json FROM gathered_keys",
    );
  }

  forget(kind: string): void {
    // For late files that are taken in.
    this.#sql.exec("DELETE FROM foreign_keys WHERE kind = ?", kind);
  }

  shown(): NamedKind[] {
    // For the status, and for codes that wait for an operator's decision.
    return all<NamedRow>(this.#sql, "SELECT * FROM foreign_keys ORDER BY kind").map((row) => ({
      kind: row.kind,
      count: row.count,
      examples: JSON.parse(row.examples_json) as string[],
    }));
  }
}
