// Changes the batches of a `failed`, `missing` or `changed` file, or of a file that an operator accepted. One
// statement for each range of numbers holds these batches, makes them pending again or discards them, because a
// file may have thousands. None of these batches is leased.
import type { BatchState } from "../../../src/contract/states.ts";
import { all, type Sql } from "../../../src/platform/sql.ts";
import { STRANDED, type Reason } from "./reasons.ts";
import type { BatchRow } from "./batch-row.ts";
import type { BatchRows } from "./batch-rows.ts";
import type { TotalsRow } from "./totals.ts";

type Moved = { file: number; batches: number; lines: number; bytes: number };

/** The states from which the batches of a range are discarded. A leased batch is moved separately, because its
 * lease ends too. */
const DISCARDABLE = ["pending", "held", "refused"] as const;

export class StrandedRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;
  readonly #batches: Pick<BatchRows, "settled" | "writeClaims">;

  constructor(sql: Sql, totals: TotalsRow, batches: Pick<BatchRows, "settled" | "writeClaims">) {
    this.#sql = sql;
    this.#totals = totals;
    this.#batches = batches;
  }

  /** Holds the pending batches of a file that became `failed`, `missing` or `changed`. `why` is written for people. */
  setAside(first: number, count: number, why: string, now: number): void {
    this.#batches.writeClaims(first, count);
    this.#count("pending", "held", this.#sums("state = 'pending'", first, count));
    this.#sql.exec(
      `UPDATE batches SET state = 'held', set_aside_at = ?, retry_at = NULL, reason_code = ?, reason_detail = ?
       WHERE batch >= ? AND batch < ? AND state = 'pending'`,
      now,
      STRANDED,
      why,
      first,
      first + count,
    );
  }

  /** Makes the held batches of a file pending again. Called after the file was parsed again without an error. */
  waitAgain(first: number, count: number, now: number): void {
    const isStranded = `state = 'held' AND reason_code = '${STRANDED}'`;
    this.#count("held", "pending", this.#sums(isStranded, first, count));
    this.#sql.exec(
      `UPDATE batches SET state = 'pending', set_aside_at = NULL, retry_at = CASE WHEN attempt > 0 THEN ? END,
         reason_code = NULL, reason_detail = NULL
       WHERE batch >= ? AND batch < ? AND ${isStranded}`,
      now,
      first,
      first + count,
    );
  }

  /** Discards the unsettled batches that are not leased. Called for a file that an operator accepted without its
   * lines. */
  discard(first: number, count: number, { reason_code, reason_detail }: Reason): void {
    this.#batches.writeClaims(first, count);
    for (const state of DISCARDABLE) {
      const moved = this.#sums(`state = '${state}'`, first, count);
      if (moved === null) continue;
      this.#count(state, "discarded", moved);
      this.#batches.settled(moved.file, moved.batches);
      this.#sql.exec(
        `UPDATE batches SET state = 'discarded', set_aside_at = NULL, retry_at = NULL, reason_code = ?, reason_detail = ?
         WHERE batch >= ? AND batch < ? AND state = ?`,
        reason_code,
        reason_detail,
        first,
        first + count,
        state,
      );
    }
  }

  /** The split batches of a range. Their parts have numbers outside the file's ranges. */
  splitIn(firstBatch: number, count: number): number[] {
    return all<{ batch: number }>(
      this.#sql,
      "SELECT batch FROM batches WHERE batch >= ? AND batch < ? AND state = 'split'",
      firstBatch,
      firstBatch + count,
    ).map(({ batch }) => batch);
  }

  /** The leased batches of a range. Called when an operator accepts a file while batches of it are leased. */
  leasedIn(firstBatch: number, count: number): BatchRow[] {
    this.#batches.writeClaims(firstBatch, count);
    return all<BatchRow>(
      this.#sql,
      "SELECT * FROM batches WHERE batch >= ? AND batch < ? AND state = 'leased'",
      firstBatch,
      firstBatch + count,
    );
  }

  /** The sums over rows of a range, read before the rows change. All rows of a range have one file. Reading one row
   * of sums costs less than reading a row for each batch. */
  #sums(condition: string, first: number, count: number): Moved | null {
    const [sums] = all<Moved>(
      this.#sql,
      `SELECT min(file) AS file, count(*) AS batches, total(lines) AS lines, total(length) AS bytes FROM batches
       WHERE batch >= ? AND batch < ? AND ${condition}`,
      first,
      first + count,
    );
    return sums && sums.batches > 0 ? sums : null;
  }

  #count(from: BatchState, to: BatchState, moved: Moved | null): void {
    if (moved === null) return;
    const { file, batches, lines, bytes } = moved;
    this.#totals.add(`batches_${from}`, -batches, file);
    this.#totals.add(`batches_${to}`, batches, file);
    this.#totals.add(`lines_${from}`, -lines, file);
    this.#totals.add(`lines_${to}`, lines, file);
    if (from === "pending") this.#totals.add("backlog_bytes", -bytes, file);
    if (to === "pending") this.#totals.add("backlog_bytes", bytes, file);
  }
}
