// The SQL about receivers: which receiver this registry is for, and which receivers of RECEIVERS were used. Decides
// nothing.
import { all, first, type Sql } from "../../src/platform/sql.ts";

/** The most names that `used` returns. Every list of runs asks one registry for each name. */
const MOST_USED = 32;

export class ReceiverRows {
  readonly #sql: Sql;
  #own: string | null | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The receiver of this registry, from its runs and windows, which all have the same receiver. Null: the first receiver,
   * or there is no run and no window yet. */
  own(): string | null {
    if (this.#own !== undefined) return this.#own;
    const row = first<{ receiver: string | null }>(
      this.#sql,
      `SELECT * FROM (SELECT spec ->> '$.receiver' AS receiver FROM runs LIMIT 1)
       UNION ALL
       SELECT * FROM (SELECT wanted_json ->> '$.receiver' AS receiver FROM window_requests LIMIT 1)
       LIMIT 1`,
    );
    if (row === undefined) return null;
    this.#own = row.receiver;
    return row.receiver;
  }

  use(name: string, now: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO receivers (name, used_at) VALUES (?, ?)", name, now);
  }

  used(): string[] {
    return all<{ name: string }>(
      this.#sql,
      "SELECT name FROM receivers ORDER BY used_at DESC, name LIMIT ?",
      MOST_USED,
    ).map(({ name }) => name);
  }
}
