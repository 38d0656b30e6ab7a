// Typed access to the SQLite of a Durable Object: rows, and migrations. All Durable Objects use this file.
// Statements about runs, files or batches are in the store of each Durable Object.

export type Sql = Pick<SqlStorage, "exec">;
export type SqlValue = string | number | null;

export function all<Row extends Record<string, SqlValue>>(
  sql: Sql,
  statement: string,
  ...values: SqlValue[]
): Row[] {
  return sql.exec<Row>(statement, ...values).toArray();
}

export function first<Row extends Record<string, SqlValue>>(
  sql: Sql,
  statement: string,
  ...values: SqlValue[]
): Row | undefined {
  return sql.exec<Row>(statement, ...values).toArray()[0];
}

/** Runs a guarded write and returns the number of rows from its RETURNING clause. 0 means that the guard did
 * not hold. */
export function returned(sql: Sql, statement: string, ...values: SqlValue[]): number {
  return sql.exec(statement, ...values).toArray().length;
}

/** The most characters of one JSON value. A character takes at most three bytes, and SQLite in a Durable Object
 * takes no value over 2 MB. */
const CHUNK_CHARS = 500_000;

/** Splits rows into JSON arrays for json_each(?), so that no bound value comes near the size limit. */
export function* jsonChunks(rows: readonly object[]): Generator<string> {
  let chunk: string[] = [];
  let chars = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (chunk.length > 0 && chars + text.length > CHUNK_CHARS) {
      yield `[${chunk.join(",")}]`;
      chunk = [];
      chars = 0;
    }
    chunk.push(text);
    chars += text.length + 1;
  }
  if (chunk.length > 0) yield `[${chunk.join(",")}]`;
}

export interface Migration {
  name: string;
  /** The text must end with a statement, because the runtime refuses a comment after the last statement. */
  sql: string;
}

/** Brings the schema up to the newest migration. The list is append-only. If the applied migrations are not a
 * prefix of the list, other code wrote the database. `newest` makes the same schema in an empty database, faster than
 * the migrations.
 * @throws Error when the applied migrations differ from the beginning of the list. */
export function migrate(
  storage: DurableObjectStorage,
  migrations: readonly Migration[],
  newest: string | null = null,
): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS migrations (n INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  const applied = all<{ name: string }>(sql, "SELECT name FROM migrations ORDER BY n").map((row) => row.name);
  const known = migrations.map((migration) => migration.name);
  if (applied.length > known.length || applied.some((name, n) => name !== known[n])) {
    throw new Error(
      `storage was written by other code: it has [${applied.join()}], this code knows [${known.join()}]`,
    );
  }
  const record = (n: number, name: string): void => {
    sql.exec("INSERT INTO migrations (n, name) VALUES (?, ?)", n, name);
  };
  if (applied.length === 0 && newest !== null) {
    storage.transactionSync(() => {
      sql.exec(newest);
      for (const [n, name] of known.entries()) record(n, name);
    });
    return;
  }
  for (const [n, migration] of migrations.entries()) {
    if (n < applied.length) continue;
    storage.transactionSync(() => {
      sql.exec(migration.sql);
      record(n, migration.name);
    });
  }
}
