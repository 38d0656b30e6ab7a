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

/** The place of a batch in a walk. A walk is the way of a bulk command through all set-aside batches. The batches
 * are sorted by the time at which they were set aside, then by their number. */
export type Place = { at: number; batch: number };

/** The batches that a walk visits, in the order of the index. */
const WALKS = {
  pending: { at: "retry_at", rows: "retry_at IS NOT NULL" },
  refused: { at: "set_aside_at", rows: "state = 'refused' AND set_aside_at IS NOT NULL" },
  held: { at: "set_aside_at", rows: "state = 'held' AND set_aside_at IS NOT NULL" },
} as const;
export type WalkState = keyof typeof WALKS;

/** What a bulk command may select on its walk. Each entry is an SQL predicate on the batch row `b`. */
const SELECTIONS = {
  /** Batches that can be sent again without a decision about their file. */
  file_goes_on:
    "EXISTS (SELECT 1 FROM files f WHERE f.file = b.file AND f.state IN ('open', 'listed', 'parsing'))",
  /** Batches that wait for their next attempt, and of which an earlier attempt may have been accepted. A batch that
   * an operator retries has no reason, so it is not selected. */
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

  /** Stores a command whose rows do not fit in one turn. */
  insert(row: Omit<BulkRow, "command">): void {
    const names = Object.keys(row);
    // Column names come only from the type above.
    this.#sql.exec(
      `INSERT INTO bulk_commands (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      ...Object.values(row),
    );
  }

  /** The unfinished commands, oldest first. Seldom more than one. Called in every turn of the clock, and for the
   * status. */
  all(): BulkRow[] {
    return all<BulkRow>(this.#sql, "SELECT * FROM bulk_commands ORDER BY command");
  }

  /** Stores where the next part of the command begins, and how many rows it has changed and skipped so far. */
  progress(command: number, cursor: Json, changed: number, skipped: number): void {
    this.#sql.exec(
      "UPDATE bulk_commands SET cursor_json = ?, changed = ?, skipped = ? WHERE command = ?",
      JSON.stringify(cursor),
      changed,
      skipped,
      command,
    );
  }

  /** Deletes the row of a command that is complete, or that an abort ends. */
  remove(command: number): void {
    this.#sql.exec("DELETE FROM bulk_commands WHERE command = ?", command);
  }

  /** The place at which a walk through the batches in `state` ends: the last batch that is in this state when the
   * walk begins. A command does not change batches that are set aside later. Null: no batch is in this state. */
  lastSetAside(state: WalkState): Place | null {
    const { at, rows } = WALKS[state];
    const place = first<Place>(
      this.#sql,
      `SELECT ${at} AS at, batch FROM batches WHERE ${rows} ORDER BY ${at} DESC, batch DESC LIMIT 1`,
    );
    return place ?? null;
  }

  /** Where the key range ends that begins after `after`. A walk through set-aside batches reads one key range at a
   * time. */
  rangeEnd(state: WalkState, after: Place, until: Place): Place {
    const { at, rows } = WALKS[state];
    // Reads index entries only.
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

  /** The first batches of a key range that match the selection. Called for one part of a bulk command. */
  setAside(state: WalkState, after: Place, upTo: Place, selection: Selection, limit: number): BatchRow[] {
    const { at, rows } = WALKS[state];
    // The predicates come only from the tables above.
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
