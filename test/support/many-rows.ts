// Makes many rows of another kind than the rows that a test is about, with one SQL statement each. Also adds their
// file and their sums.
import { runInDurableObject } from "cloudflare:test";
import type { FileCounts } from "../../src/contract/file-counts.ts";
import type { BatchState, FileState } from "../../src/contract/states.ts";
import type { RunUnderTest } from "./run-under-test.ts";
import { countsOf } from "./run-work.ts";

export const MANY = 20_000;
const LINES = 10;

export interface ManyBatches {
  count?: number;
  state: BatchState;
  /** The reason code of each row. */
  reason?: string;
  attempt?: number;
  /** The state of the file to which the rows belong. */
  file: FileState;
  /** When the rows are retried, or when they were set aside, in epoch ms. */
  at?: number;
}

/** The counts of a file that keeps all its lines. Worker subrequests have no parent that is checked. */
function onlyKept(lines: number): FileCounts {
  const dropped = { not_top_level: 0, invalid_timestamp: 0, outside_window: 0, repeated_ray_id: 0 };
  return countsOf(lines, { linesRead: lines, malformed: 0, dropped, workerSubrequests: lines });
}

/** Adds a file with many batches. With the default `at`, these batches come before all other rows when rows are
 * ordered by `retry_at` or `set_aside_at`. Returns the file's number. */
export function addBatches(run: RunUnderTest, many: ManyBatches): Promise<number> {
  const { count = MANY, state, reason = "other", attempt = 0, at = 1 } = many;
  const isSetAside = state === "refused" || state === "held";
  return runInDurableObject(run.stub, (_object, { storage }) =>
    storage.transactionSync(() => {
      const { sql } = storage;
      const { file, batch } = sql
        .exec<{ file: number; batch: number }>("SELECT next_file AS file, next_batch AS batch FROM run")
        .one();
      sql.exec(
        `INSERT INTO batches (batch, file, ordinal, state, reason_code, lines, digest, raw_bytes, offset, length, first_ray,
           last_ray, queued_at, retry_at, set_aside_at, attempt)
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
         SELECT ? + i, ?, i, ?, ?, ${LINES}, 'many-' || i, 1000, 0, 100, '', '', 1, ?, ?, ? FROM n`,
        count,
        batch,
        file,
        state,
        reason,
        state === "pending" ? at : null,
        isSetAside ? at : null,
        attempt,
      );
      const kept = state === "split" ? 0 : count * LINES;
      const unsettled = ["done", "split", "discarded"].includes(state) ? 0 : count;
      sql.exec(
        `INSERT INTO files (file, key, size, etag, uploaded_at, range_start, range_end, state, first_batch, batch_count,
           unsettled, pack_attempt, enqueue_at, counted, counts_json)
         VALUES (?, ?, 1, 'etag', 1, 1, 1, ?, ?, ?, ?, 1, ?, 1, ?)`,
        file,
        `many-${file}`,
        many.file,
        batch,
        count,
        unsettled,
        many.file === "listed" ? Number.MAX_SAFE_INTEGER : null,
        JSON.stringify(onlyKept(kept)),
      );
      const backlog = state === "pending" ? count * 100 : 0;
      sql.exec(
        `UPDATE totals SET batches_${state} = batches_${state} + ?, lines_${state} = lines_${state} + ?,
           files_${many.file} = files_${many.file} + 1, backlog_bytes = backlog_bytes + ?, read = read + ?,
           kept = kept + ?, lines_checked = lines_checked + ?, times_checked = times_checked + ?`,
        count,
        count * LINES,
        backlog,
        kept,
        kept,
        kept,
        kept,
      );
      sql.exec("UPDATE run SET next_file = ?, next_batch = ?", file + 1, batch + count);
      return file;
    }),
  );
}

/** Adds files of one state, without batches. */
export function addFiles(run: RunUnderTest, state: FileState, count = MANY): Promise<void> {
  return runInDurableObject(run.stub, (_object, { storage }) =>
    storage.transactionSync(() => {
      const { sql } = storage;
      sql.exec(
        `INSERT INTO files (file, key, size, etag, uploaded_at, range_start, range_end, state, reason_code)
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
         SELECT (SELECT next_file FROM run) + i, ? || '-' || ((SELECT next_file FROM run) + i), 1, 'etag', 1, 1, 1, ?, 'other' FROM n`,
        count,
        state,
        state,
      );
      sql.exec(`UPDATE totals SET files_${state} = files_${state} + ?`, count);
      sql.exec("UPDATE run SET next_file = next_file + ?", count);
    }),
  );
}
