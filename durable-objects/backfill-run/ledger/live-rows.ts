// Files that wait for the live worker or for its batch size, and the markers that earlier runs stored with a file's
// first manifest (frozen markers).
import type { LeftOut } from "../../../src/contract/file-counts.ts";
import type { InheritedLive } from "../../../src/contract/run.ts";
import { all, first, jsonChunks, type Sql } from "../../../src/platform/sql.ts";
import type { FileRow } from "./file-rows.ts";
import { LIVE_WAITING, SIZE_UNPROVEN } from "./reasons.ts";

/** Files are counted up to this number. A count that reaches it is shown as "1000 or more". */
export const MANY_FILES = 1_000;

export class LiveRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The waiting files whose `live_check_at` has passed. The clock enqueues them again. */
  due(now: number, limit: number): FileRow[] {
    return all<FileRow>(
      this.#sql,
      "SELECT * FROM files WHERE live_check_at <= ? ORDER BY live_check_at, file LIMIT ?",
      now,
      limit,
    );
  }

  /** When the next waiting file is enqueued again. The clock wakes at this time. */
  nextCheckAt(): number | null {
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(live_check_at) AS at FROM files WHERE live_check_at IS NOT NULL",
    );
    return row?.at ?? null;
  }

  /** How many files wait for longer than OVERDUE_MS, up to MANY_FILES. An operator decides about them. Called for
   * the reason of the stage. */
  countOverdue(): number {
    const row = first<{ n: number }>(
      this.#sql,
      `SELECT count(*) AS n FROM (SELECT 1 FROM files
       WHERE state = 'waiting' AND live_check_at IS NULL AND reason_code = ? LIMIT ?)`,
      LIVE_WAITING,
      MANY_FILES,
    );
    return row?.n ?? 0;
  }

  /** Enqueues all files that wait for a batch of the live worker. Called for an operator's decision about all these
   * files. */
  releaseOverdue(now: number): void {
    this.#sql.exec(
      `UPDATE files SET live_check_at = ?
       WHERE state = 'waiting' AND live_check_at IS NULL AND reason_code = ?`,
      now,
      LIVE_WAITING,
    );
  }

  /** Files whose batches are held until the size of the live worker's batches is proven. The clock makes the
   * batches pending when the size is proven. */
  unproven(limit: number): FileRow[] {
    return all<FileRow>(
      this.#sql,
      `SELECT * FROM files WHERE state = 'waiting' AND live_check_at IS NULL AND reason_code = ?
       ORDER BY file LIMIT ?`,
      SIZE_UNPROVEN,
      limit,
    );
  }

  /** All open files with markers. The backlog bound keeps their number small. Called when a file contradicts a size
   * that the run trusted. */
  openAndMarked(): FileRow[] {
    return all<FileRow>(
      this.#sql,
      "SELECT * FROM files WHERE state = 'open' AND live_marked = 1 ORDER BY file",
    );
  }

  /** The files whose markers are listed again before the run is delivered. The clock lists them when everything
   * else is settled. */
  toRecheck(limit: number): FileRow[] {
    return all<FileRow>(this.#sql, "SELECT * FROM files WHERE live_recheck = 1 ORDER BY file LIMIT ?", limit);
  }

  /** Pairs of one of these files and another file with the same safe key. Called for each page of a listing. */
  alike(numbers: readonly number[]): { file: number; other: number }[] {
    return all<{ file: number; other: number }>(
      this.#sql,
      `SELECT f.file, o.file AS other FROM json_each(?) n JOIN files f ON f.file = n.value
       JOIN files o ON o.safe_key = f.safe_key AND o.file <> f.file`,
      JSON.stringify(numbers),
    );
  }

  /** The frozen markers of the files with these keys. Called by a run made from this dry run. */
  ofKeys(keys: readonly string[]): InheritedLive[] {
    return all<InheritedLive>(
      this.#sql,
      `SELECT f.key, f.live_json FROM json_each(?) k JOIN files f ON f.key = k.value
       WHERE f.live_json IS NOT NULL`,
      JSON.stringify(keys),
    );
  }

  /** Stores frozen markers of earlier runs. Called for each page of the earlier run's ledger. */
  addInherited(files: InheritedLive[]): void {
    for (const chunk of jsonChunks(files)) {
      this.#sql.exec(
        `INSERT OR REPLACE INTO inherited_live (key, live_json)
         SELECT value ->> 'key', value ->> 'live_json' FROM json_each(?)`,
        chunk,
      );
    }
  }

  /** The inherited frozen markers of the file with this key, as JSON. Called when the file is parsed. */
  inheritedOf(key: string): string | null {
    const row = first<InheritedLive>(this.#sql, "SELECT * FROM inherited_live WHERE key = ?", key);
    return row?.live_json ?? null;
  }

  /** At most `limit` frozen markers of earlier runs, without the first `skip`. Leaves out files whose markers this run
   * stored itself. Called by a later run that continues this run. */
  earlier(skip: number, limit: number): InheritedLive[] {
    return all<InheritedLive>(
      this.#sql,
      `SELECT key, live_json FROM inherited_live i WHERE key > ''
         AND NOT EXISTS (SELECT 1 FROM files f WHERE f.key = i.key AND f.live_json IS NOT NULL)
       ORDER BY key LIMIT ? OFFSET ?`,
      limit,
      skip,
    );
  }

  /** Frozen markers of this run's files numbered (after, upTo]. Called by a later run that continues this run. */
  own(after: number, upTo: number): InheritedLive[] {
    return all<InheritedLive>(
      this.#sql,
      "SELECT key, live_json FROM files WHERE file > ? AND file <= ? AND live_json IS NOT NULL",
      after,
      upTo,
    );
  }

  /** The records of all files that neither the live worker delivered nor the run sends. Called for the status of a run
   * that skips what the live worker delivered. Reads the files that have such records. Null: there are none. */
  leftOut(): LeftOut | null {
    const row = first<{ [Name in keyof LeftOut]: number | null }>(
      this.#sql,
      `SELECT sum(counts_json ->> '$.live.leftOut.before') AS before, sum(counts_json ->> '$.live.leftOut.after') AS after,
              min(counts_json ->> '$.live.leftOut.firstMs') AS firstMs, max(counts_json ->> '$.live.leftOut.lastMs') AS lastMs
       FROM files WHERE counted = 1 AND counts_json ->> '$.live.leftOut.firstMs' IS NOT NULL`,
    );
    const { before, after, firstMs, lastMs } = row ?? {};
    if (before == null || after == null || firstMs == null || lastMs == null) return null;
    return { before, after, firstMs, lastMs };
  }
}
