// Reads and writes the table of files. Each row is one raw log object of the window. A state changes only if the row
// still has the expected state, and the same write updates the sums. This module only executes SQL. Other folders
// decide which change is allowed.
import type { Window } from "../../../src/contract/parse-spec.ts";
import type { FileState } from "../../../src/contract/states.ts";
import { all, first, jsonChunks, returned, type Sql, type SqlValue } from "../../../src/platform/sql.ts";
import { baseName } from "../../../src/listing/log-names.ts";
import { FilesInProgress } from "./file-progress.ts";
import type { TotalsRow } from "./totals.ts";

export type FileRow = {
  file: number;
  key: string;
  size: number;
  etag: string;
  uploaded_at: number;
  range_start: number;
  range_end: number;
  state: FileState;
  /** When a `listed` file may be enqueued, or enqueued again. Null: the file is in another state, or the run is
   * aborted. */
  enqueue_at: number | null;
  times_enqueued: number;
  attempt: number;
  crashes: number;
  pack_attempt: number | null;
  first_batch: number | null;
  batch_count: number;
  unsettled: number;
  fresh: number | null;
  unclaimed: number;
  posted: number;
  staged_pages: number;
  counted: number;
  allow_duplicates: number;
  older_batches_json: string | null;
  counts_json: string | null;
  salvaged_json: string | null;
  base_name: string;
  duplicate_of: number | null;
  choices_json: string | null;
  /** When the lease of the file's parser ends. Null in every state but `parsing`. */
  parse_lease_ends_at: number | null;
  reason_code: string | null;
  reason_detail: string | null;
  /** An operator's decision about the reason, as text. */
  decision: string | null;
  live_json: string | null;
  live_marked: number;
  live_recheck: number;
  /** When a `waiting` file is enqueued again. Null: the file is in another state, or waits for something else. */
  live_check_at: number | null;
  waiting_since: number | null;
};
export type FilePatch = Partial<Omit<FileRow, "file" | "key" | "base_name" | "state" | "unclaimed">>;
export type ListedFile = Pick<
  FileRow,
  "file" | "key" | "size" | "etag" | "uploaded_at" | "range_start" | "range_end"
>;

/** Whether the time range in the file's name overlaps the window. The run also reads other files, because a record
 * may be in a later file. */
export function overlapsWindow(file: Pick<FileRow, "range_start" | "range_end">, window: Window): boolean {
  const { startMs, endMs, endExclusive } = window;
  const beginsInTime = endExclusive ? file.range_start < endMs : file.range_start <= endMs;
  return file.range_end >= startMs && beginsInTime;
}

export class FileRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;
  readonly #advanced = new Map<number, number | null>();
  readonly progress: FilesInProgress;

  constructor(sql: Sql, totals: TotalsRow) {
    this.#sql = sql;
    this.#totals = totals;
    this.progress = new FilesInProgress(totals);
  }

  /** The row as it is now. */
  #present = (row: FileRow): FileRow => {
    const progress = this.progress.get(row.file);
    if (!progress) return row;
    const { settled, fresh } = progress;
    const unsettled = row.unsettled + settled;
    return { ...row, unsettled, ...(fresh !== undefined && { fresh, posted: 1 }) };
  };

  #all(statement: string, ...values: SqlValue[]): FileRow[] {
    return all<FileRow>(this.#sql, statement, ...values).map(this.#present);
  }

  /** The row of this file. Called for every report about the file. */
  get(file: number): FileRow | undefined {
    return this.#all("SELECT * FROM files WHERE file = ?", file)[0];
  }

  /** The rows of those of `keys` that are already files of the run. Called for each page of a listing. */
  byKeys(keys: string[]): FileRow[] {
    return this.#all("SELECT f.* FROM json_each(?) k JOIN files f ON f.key = k.value", JSON.stringify(keys));
  }

  /** Inserts new files. The files are due for parsing at once, in the order of `files`. `safeKey` null: the run
   * does not consider markers of the live worker. */
  insertListed(files: ListedFile[], window: Window, safeKey: ((key: string) => string) | null = null): void {
    const named = (file: ListedFile) => ({ base_name: baseName(file.key), safe_key: safeKey?.(file.key) });
    for (const chunk of jsonChunks(files.map((file) => ({ ...file, ...named(file) })))) {
      // One statement inserts the new keys of a page.
      this.#sql.exec(
        `INSERT INTO files (file, key, base_name, size, etag, uploaded_at, range_start, range_end, safe_key, state, enqueue_at)
         SELECT value ->> 'file', value ->> 'key', value ->> 'base_name', value ->> 'size', value ->> 'etag',
                value ->> 'uploaded_at', value ->> 'range_start', value ->> 'range_end', value ->> 'safe_key', 'listed', 0
         FROM json_each(?)`,
        chunk,
      );
    }
    this.#totals.add("files_listed", files.length);
    this.#totals.add("matched_files", files.filter((file) => overlapsWindow(file, window)).length);
  }

  /** The files after the key `after`, in the order of the keys' bytes. Called for the hash of a plan. */
  byKey(after: string, limit: number): FileRow[] {
    return this.#all("SELECT * FROM files WHERE key > ? ORDER BY key LIMIT ?", after, limit);
  }

  update(file: number, patch: FilePatch): void {
    this.#write(file, patch, "", []);
  }

  /** Moves the row from its state to `to`. False when the file is in another state or has a newer attempt; then
   * nothing is written. A time column is cleared when the row gets a state to which the time does not belong. */
  move(row: Pick<FileRow, "file" | "state" | "attempt">, to: FileState, patch: FilePatch = {}): boolean {
    const over = {
      ...(row.state === "listed" && to !== "listed" && { enqueue_at: null }),
      ...(row.state === "waiting" && to !== "waiting" && { live_check_at: null }),
      ...(row.state === "parsing" && to !== "parsing" && { parse_lease_ends_at: null }),
    };
    const moved = this.#write(row.file, { ...over, ...patch, state: to }, "AND state = ? AND attempt = ?", [
      row.state,
      row.attempt,
    ]);
    if (moved && row.state !== to) {
      this.#totals.add(`files_${row.state}`, -1, row.file);
      this.#totals.add(`files_${to}`, 1, row.file);
    }
    return moved;
  }

  #write(file: number, patch: FilePatch & { state?: FileState }, guard: string, values: SqlValue[]): boolean {
    const given = { ...patch, ...this.#freshColumns(file, patch) };
    const { settled = 0, fresh } = this.progress.get(file) ?? {};
    const columns = { ...(fresh !== undefined && { fresh, posted: 1 }), ...given };
    const changes = Object.entries(columns).filter(([, value]) => value !== undefined);
    if (changes.length === 0) return true;
    // A patch with `unsettled` replaces what was settled before.
    const more = settled !== 0 && given.unsettled === undefined ? ", unsettled = unsettled + ?" : "";
    // Column names come only from the types above.
    const written = returned(
      this.#sql,
      `UPDATE files SET ${changes.map(([name]) => `${name} = ?`).join(", ")}${more}
       WHERE file = ? ${guard} RETURNING file`,
      ...changes.map(([, value]) => value),
      ...(more === "" ? [] : [settled]),
      file,
      ...values,
    );
    if (written === 1) this.progress.written(file);
    return written === 1;
  }

  /** The columns that change together with `fresh`. A remembered claim must not overwrite them later. */
  #freshColumns(file: number, { fresh }: FilePatch): Partial<FileRow> {
    if (fresh === undefined) return {};
    return { unclaimed: fresh === null ? 0 : 1, ...(this.#advanced.delete(file) && { posted: 1 }) };
  }

  /** Remembers the file's next unclaimed batch after a first claim. `settle` writes this number later in the
   * transaction. */
  advance(file: number, fresh: number | null): void {
    this.#advanced.set(file, fresh);
  }

  /** Whether `advance` remembers a file without unclaimed batches. `firstFresh` cannot pass over such a file. */
  get hasExhausted(): boolean {
    return [...this.#advanced.values()].includes(null);
  }

  /** Returns what `advance` remembered, and forgets it. */
  takeAdvanced(): [file: number, fresh: number | null][] {
    const advanced = [...this.#advanced];
    this.#advanced.clear();
    return advanced;
  }

  /** Counts how many batches were settled (negative) or unsettled again, and takes the next unclaimed batch. Returns
   * the present row. The row is written when its last batch is claimed or settled. Before, the totals row has
   * these values. */
  settle(file: number, delta: number, advanced: { fresh: number | null } | null): FileRow {
    const row = this.get(file);
    if (!row) throw new Error(`file ${file} is missing`);
    const before = this.progress.get(file);
    const fresh = advanced?.fresh ?? before?.fresh;
    const settled = (before?.settled ?? 0) + delta;
    if (row.state === "open" && advanced?.fresh !== null) {
      this.progress.set(file, { settled, ...(fresh !== undefined && { fresh }) });
      const { surplus } = this.progress;
      if (surplus !== undefined) this.#writeProgress(surplus);
    } else {
      this.progress.set(file, { settled, ...(fresh !== undefined && { fresh }) });
      this.#writeProgress(file, advanced?.fresh === null);
    }
    return { ...row, unsettled: row.unsettled + delta };
  }

  /** Writes the row of a file that is being sent. Called for the last claim and the last report of the file, and
   * for reports after the last. `isExhausted`: the last batch of the file was claimed. */
  #writeProgress(file: number, isExhausted = false): void {
    // The column `unclaimed` is written only when the last batch is claimed, because an index contains it.
    const patch = isExhausted ? { fresh: null, posted: 1, unclaimed: 0 } : {};
    const { settled = 0, fresh } = this.progress.get(file) ?? {};
    const columns = { ...(fresh !== undefined && { fresh, posted: 1 }), ...patch };
    const set = Object.keys(columns).map((name) => `, ${name} = ?`);
    this.#sql.exec(
      `UPDATE files SET unsettled = unsettled + ?${set.join("")} WHERE file = ?`,
      settled,
      ...Object.values(columns),
      file,
    );
    this.progress.written(file);
  }

  /** When the first lease of a parser ends. The clock wakes at this time. */
  firstParseLeaseEnd(): number | null {
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(parse_lease_ends_at) AS at FROM files WHERE parse_lease_ends_at IS NOT NULL",
    );
    return row?.at ?? null;
  }

  /** The files whose parser's lease has ended without a report. The clock reclaims them. */
  leasesExpired(now: number): FileRow[] {
    return this.#all(
      "SELECT * FROM files WHERE parse_lease_ends_at <= ? ORDER BY parse_lease_ends_at LIMIT 100",
      now,
    );
  }

  /** The first file with batches that were never claimed. Called for claims. */
  firstFresh(): FileRow | undefined {
    const [row] = this.#all("SELECT * FROM files WHERE unclaimed = 1 ORDER BY file LIMIT 1");
    const fresh = row && this.#advanced.get(row.file);
    return row && (fresh === undefined ? row : { ...row, fresh });
  }

  /** The files of one state numbered (after, until]. Called for bulk commands. */
  between(
    { state, after, until }: { state: FileState; after: number; until: number },
    except: number[],
    limit: number,
  ): FileRow[] {
    return this.#all(
      `SELECT * FROM files WHERE state = ? AND file > ? AND file <= ?
         AND file NOT IN (SELECT value FROM json_each(?)) ORDER BY file LIMIT ?`,
      state,
      after,
      until,
      JSON.stringify(except),
      limit,
    );
  }

  /** Files that wait to be enqueued again after a failure. Called for the problems in the status. */
  failing(limit: number): FileRow[] {
    return this.#all(
      "SELECT * FROM files WHERE state = 'listed' AND reason_code IS NOT NULL ORDER BY file LIMIT ?",
      limit,
    );
  }

  /** Files after number `after`, in these states or in any. Called for GET …/files, and for work on all files. */
  page(states: string[], after: number, limit: number): FileRow[] {
    if (states.length === 0) {
      return this.#all("SELECT * FROM files WHERE file > ? ORDER BY file LIMIT ?", after, limit);
    }
    return [...new Set(states)]
      .flatMap((state) =>
        // Reads a bounded range of the index for each state.
        this.#all(
          "SELECT * FROM files WHERE state = ? AND file > ? ORDER BY file LIMIT ?",
          state,
          after,
          limit,
        ),
      )
      .toSorted((a, b) => a.file - b.file)
      .slice(0, limit);
  }
}
