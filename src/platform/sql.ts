// Typed access to an object's SQLite, shared by both objects: rows in and out, and migrations.
// Never: a statement of its own about runs, files or batches; those stand in the stores.

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

/** Runs a guarded write and says how many rows a RETURNING clause gave back: 0 means the guard did not hold. */
export function returned(sql: Sql, statement: string, ...values: SqlValue[]): number {
  return sql.exec(statement, ...values).toArray().length;
}

/** Characters of one JSON value: three bytes each at most, and SQLite in an object takes no value over 2 MB. */
const CHUNK_CHARS = 500_000;

/** Rows as JSON arrays for json_each(?), as many as needed so that no bound value comes near the limit. */
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
  /** Ends with a statement: the runtime refuses a comment behind the last one. */
  sql: string;
}

/**
 * Brings the schema up to the newest migration. The list is append-only: a database whose applied migrations are
 * not a prefix of the list was written by other code, and is refused rather than guessed at.
 * @throws Error when the applied migrations differ from the list's beginning.
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly Migration[]): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS migrations (n INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  const applied = all<{ name: string }>(sql, "SELECT name FROM migrations ORDER BY n").map((row) => row.name);
  const known = migrations.map((migration) => migration.name);
  if (applied.length > known.length || applied.some((name, n) => name !== known[n])) {
    throw new Error(
      `storage was written by other code: it has [${applied.join()}], this code knows [${known.join()}]`,
    );
  }
  for (const [n, migration] of migrations.entries()) {
    if (n < applied.length) continue;
    storage.transactionSync(() => {
      sql.exec(migration.sql);
      sql.exec("INSERT INTO migrations (n, name) VALUES (?, ?)", n, migration.name);
    });
  }
}
