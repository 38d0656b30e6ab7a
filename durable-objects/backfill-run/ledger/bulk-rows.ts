// Unfinished bulk commands, and the set-aside batches (`held` or `refused`) that such a command goes through.
import type { Json } from "../../../src/contract/states.ts";
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

/** A place in the order of a walk: first the time, then the number of the batch. */
export type Place = { at: number; batch: number };

/** The batches of a walk, in index order. */
const WALKS = {
  pending: { at: "retry_at", rows: "retry_at IS NOT NULL" },
  refused: { at: "set_aside_at", rows: "state = 'refused' AND set_aside_at IS NOT NULL" },
  held: { at: "set_aside_at", rows: "state = 'held' AND set_aside_at IS NOT NULL" },
} as const;
export type WalkState = keyof typeof WALKS;

/** What a walk may select. Each entry is an SQL predicate on the batch row `b`. */
const SELECTIONS = {
  /** Batches that can be sent again without a decision about their file. */
  file_goes_on:
    "EXISTS (SELECT 1 FROM files f WHERE f.file = b.file AND f.state IN ('open', 'listed', 'parsing'))",
  /** Batches that wait for their next attempt, and of which an earlier attempt may have been accepted. An
   * operator's retry clears the reason, so such a batch is not selected. */
  waits_after_uncertain:
    "b.reason_code IS NOT NULL AND EXISTS (SELECT 1 FROM attempts a WHERE a.batch = b.batch AND a.state = 'uncertain')",
} as const;
export type Selection = keyof typeof SELECTIONS;

/** How many index entries one key range has. A statement examines at most this many rows, whatever it selects. */
const RANGE_ROWS = 5_000;

export class BulkRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Omit<BulkRow, "command">): void {
    const names = Object.keys(row);
    // Used for a command whose rows do not fit in one turn. Column names come only from the type above.
    this.#sql.exec(
      `INSERT INTO bulk_commands (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      ...Object.values(row),
    );
  }

  all(): BulkRow[] {
    // Used for every turn of the clock, and for the status. Seldom more than one row.
    return all<BulkRow>(this.#sql, "SELECT * FROM bulk_commands ORDER BY command");
  }

  progress(command: number, cursor: Json, changed: number, skipped: number): void {
    // Used for the next part.
    this.#sql.exec(
      "UPDATE bulk_commands SET cursor_json = ?, changed = ?, skipped = ? WHERE command = ?",
      JSON.stringify(cursor),
      changed,
      skipped,
      command,
    );
  }

  remove(command: number): void {
    // Used for a complete command, and for an abort.
    this.#sql.exec("DELETE FROM bulk_commands WHERE command = ?", command);
  }

  /** The end of a walk: the last batch that is in `state` now. Null: no batch is in this state. */
  lastSetAside(state: WalkState): Place | null {
    const { at, rows } = WALKS[state];
    // Used for the beginning of a walk. The command does not cover batches that are set aside later.
    const place = first<Place>(
      this.#sql,
      `SELECT ${at} AS at, batch FROM batches WHERE ${rows} ORDER BY ${at} DESC, batch DESC LIMIT 1`,
    );
    return place ?? null;
  }

  /** The end of the key range that begins after `after`. */
  rangeEnd(state: WalkState, after: Place, until: Place): Place {
    const { at, rows } = WALKS[state];
    // Used for a walk. Reads index entries only.
    const end = first<Place>(
      this.#sql,
      `SELECT ${at} AS at, batch FROM batches WHERE ${rows}
         AND (${at}, batch) > (?, ?) AND (${at}, batch) <= (?, ?)
       ORDER BY ${at}, batch LIMIT 1 OFFSET ${RANGE_ROWS - 1}`,
      after.at,
      after.batch,
      until.at,
      until.batch,
    );
    return end ?? until;
  }

  /** The first batches of a key range that match the selection. */
  setAside(state: WalkState, after: Place, upTo: Place, selection: Selection, limit: number): BatchRow[] {
    const { at, rows } = WALKS[state];
    // Used for one part of a bulk command. The predicates come only from the tables above.
    return all<BatchRow>(
      this.#sql,
      `SELECT * FROM batches b WHERE ${rows}
         AND (${at}, batch) > (?, ?) AND (${at}, batch) <= (?, ?) AND ${SELECTIONS[selection]}
       ORDER BY ${at}, batch LIMIT ?`,
      after.at,
      after.batch,
      upTo.at,
      upTo.batch,
      limit,
    );
  }
}
