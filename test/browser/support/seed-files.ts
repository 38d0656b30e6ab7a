// Adds many files to a run's storage on disk while the Worker is stopped: a run of a week would take an hour to list.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface ManyFiles {
  run: string;
  count: number;
  /** The first file begins here, in epoch ms. Each lasts a minute. */
  startMs: number;
  /** The files spread over so many milliseconds. */
  spanMs: number;
}

/** Every hundredth file is failed, all others are closed. */
export function addFiles(stateDir: string, { run, count, startMs, spanMs }: ManyFiles): void {
  const path = databasesBelow(stateDir).find((file) => holds(file, run));
  if (path === undefined) throw new Error(`no storage of the run ${run}`);
  const database = new DatabaseSync(path);
  try {
    database.exec("BEGIN");
    database
      .prepare(
        `INSERT INTO files (file, key, size, etag, uploaded_at, range_start, range_end, state, reason_code, reason_detail)
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
         SELECT (SELECT next_file FROM run) + i, 'many-' || i, 4000000, 'etag', ?2,
           ?2 + i * ?3 / ?1 / 60000 * 60000, ?2 + i * ?3 / ?1 / 60000 * 60000 + 60000,
           CASE WHEN i % 100 = 7 THEN 'failed' ELSE 'closed' END,
           CASE WHEN i % 100 = 7 THEN 'damaged_gzip' END, CASE WHEN i % 100 = 7 THEN 'unexpected end of file' END FROM n`,
      )
      // A number would be bound as a float, which SQLite divides without rounding.
      .run(BigInt(count), BigInt(startMs), BigInt(spanMs));
    database.exec(
      `UPDATE totals SET files_failed = (SELECT count(*) FROM files WHERE state = 'failed'),
         files_closed = (SELECT count(*) FROM files WHERE state = 'closed')`,
    );
    database.prepare("UPDATE run SET next_file = next_file + ?").run(count);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

function databasesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sqlite"))
    .map((name) => join(dir, name));
}

function holds(path: string, run: string): boolean {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare("SELECT 1 FROM run WHERE run_id = ?").get(run) !== undefined;
  } catch {
    return false;
  } finally {
    database.close();
  }
}
