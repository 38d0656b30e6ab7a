// Batches of a file that cannot go on. One statement per range of numbers holds or releases them, because a
// file may have thousands. Neither state is settled or leased, so only the sums change.
import type { BatchState } from "../../../src/contract/states.ts";
import { all, type Sql } from "../../../src/platform/sql.ts";
import { STRANDED } from "./reasons.ts";
import type { TotalsRow } from "./totals.ts";

type Moved = { file: number; lines: number; length: number };

export class StrandedRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;

  constructor(sql: Sql, totals: TotalsRow) {
    this.#sql = sql;
    this.#totals = totals;
  }

  /** Holds pending batches. `why` is written for people. */
  setAside(first: number, count: number, why: string, now: number): void {
    // For a file that cannot go on.
    const rows = all<Moved>(
      this.#sql,
      `UPDATE batches SET state = 'held', set_aside_at = ?, retry_at = NULL, reason_code = ?, reason_detail = ?
       WHERE batch >= ? AND batch < ? AND state = 'pending' RETURNING file, lines, length`,
      now,
      STRANDED,
      why,
      first,
      first + count,
    );
    this.#count(rows, "pending", "held");
  }

  /** Releases the held batches of the file. */
  waitAgain(first: number, count: number, now: number): void {
    // For a file that is whole again.
    const rows = all<Moved>(
      this.#sql,
      `UPDATE batches SET state = 'pending', set_aside_at = NULL, retry_at = CASE WHEN attempt > 0 THEN ? END,
         reason_code = NULL, reason_detail = NULL
       WHERE batch >= ? AND batch < ? AND state = 'held' AND reason_code = ? RETURNING file, lines, length`,
      now,
      first,
      first + count,
      STRANDED,
    );
    this.#count(rows, "held", "pending");
  }

  #count(rows: Moved[], from: BatchState, to: BatchState): void {
    for (const { file, lines, length } of rows) {
      this.#totals.add(`batches_${from}`, -1, file);
      this.#totals.add(`batches_${to}`, 1, file);
      this.#totals.add(`lines_${from}`, -lines, file);
      this.#totals.add(`lines_${to}`, lines, file);
      this.#totals.add("backlog_bytes", to === "pending" ? length : -length, file);
    }
  }
}
