// Bulk commands that are under way, and the batches set aside that such a command walks over.
import type { BatchState, Json } from "../../../src/contract/states.ts";
import { all, first, type Sql } from "../../../src/platform/sql.ts";
import type { BatchRow } from "./batch-row.ts";

export type BulkRow = {
  command: number;
  kind: string;
  actor: string;
  note: string | null;
  args_json: string;
  cursor_json: string;
  changed: number;
  skipped: number;
  begun_at: number;
};

/** A place in the order of batches set aside: by time, then by number. */
export type Place = { due_at: number; batch: number };

/** What a walk over batches set aside selects; each is an SQL predicate on `b`. */
const SELECTIONS = {
  /** The batch can be sent again without an earlier word about its file. */
  file_goes_on:
    "EXISTS (SELECT 1 FROM files f WHERE f.file = b.file AND f.state IN ('open', 'listed', 'parsing'))",
  /** It waits for the next attempt, and an earlier one may have been accepted; not by an operator's word, which clears the reason. */
  waits_after_uncertain:
    "b.reason IS NOT NULL AND EXISTS (SELECT 1 FROM attempts a WHERE a.batch = b.batch AND a.state = 'uncertain')",
} as const;
export type Selection = keyof typeof SELECTIONS;

/** Index entries in one key range: a statement looks at so many rows at most, whatever it selects. */
const RANGE_ROWS = 5_000;

export class BulkRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Omit<BulkRow, "command">): void {
    const names = Object.keys(row);
    // for a command whose rows do not fit in one turn; names come from the type above
    this.#sql.exec(
      `INSERT INTO bulk_commands (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      ...Object.values(row),
    );
  }

  all(): BulkRow[] {
    // for every turn of the clock and for the status; seldom more than one row
    return all<BulkRow>(this.#sql, "SELECT * FROM bulk_commands ORDER BY command");
  }

  progress(command: number, cursor: Json, changed: number, skipped: number): void {
    // for the next part
    this.#sql.exec(
      "UPDATE bulk_commands SET cursor_json = ?, changed = ?, skipped = ? WHERE command = ?",
      JSON.stringify(cursor),
      changed,
      skipped,
      command,
    );
  }

  remove(command: number): void {
    // for a command that is complete, and for an abort
    this.#sql.exec("DELETE FROM bulk_commands WHERE command = ?", command);
  }

  /** The place of the last batch that is set aside in `state` now; null when there is none. */
  lastSetAside(state: BatchState): Place | null {
    // for the beginning of a walk: what is set aside later is not the command's
    const place = first<Place>(
      this.#sql,
      `SELECT due_at, batch FROM batches WHERE state = ? AND due_at IS NOT NULL
       ORDER BY due_at DESC, batch DESC LIMIT 1`,
      state,
    );
    return place ?? null;
  }

  /** Where a key range that begins behind `after` ends. */
  rangeEnd(state: BatchState, after: Place, until: Place): Place {
    // for a walk: index entries only, no row is read
    const end = first<Place>(
      this.#sql,
      `SELECT due_at, batch FROM batches WHERE state = ? AND due_at IS NOT NULL
         AND (due_at, batch) > (?, ?) AND (due_at, batch) <= (?, ?)
       ORDER BY due_at, batch LIMIT 1 OFFSET ${RANGE_ROWS - 1}`,
      state,
      after.due_at,
      after.batch,
      until.due_at,
      until.batch,
    );
    return end ?? until;
  }

  /** The first batches of a key range that the selection holds for. */
  setAside(state: BatchState, after: Place, upTo: Place, selection: Selection, limit: number): BatchRow[] {
    // for one part of a bulk command; the predicate comes from the table above
    return all<BatchRow>(
      this.#sql,
      `SELECT b.* FROM batches b WHERE b.state = ? AND b.due_at IS NOT NULL
         AND (b.due_at, b.batch) > (?, ?) AND (b.due_at, b.batch) <= (?, ?) AND ${SELECTIONS[selection]}
       ORDER BY b.due_at, b.batch LIMIT ?`,
      state,
      after.due_at,
      after.batch,
      upTo.due_at,
      upTo.batch,
      limit,
    );
  }
}
