// Attempts that are taken for not delivered because of the status of their answer: a row for each batch and status,
// and the sums over them by status. No POST in the ordinary case touches them.
import { all, type Sql } from "../../storage/sql.ts";
import type { TotalsRow } from "./totals.ts";

export type Assumed = { attempts: number; lines: number };
/** By status. */
export type AssumedSums = Record<string, Assumed>;

const PAGE_ROWS = 1_000;

export class AssumedRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;

  constructor(sql: Sql, totals: TotalsRow) {
    this.#sql = sql;
    this.#totals = totals;
  }

  /** One more attempt of the batch. Within a transaction. */
  add(batch: number, status: number, lines: number): void {
    // for each answer that is taken for "not delivered"
    this.#sql.exec(
      `INSERT INTO assumed_not_delivered (batch, status, attempts, lines) VALUES (?, ?, 1, ?)
       ON CONFLICT (batch, status) DO UPDATE SET attempts = attempts + 1, lines = lines + excluded.lines`,
      batch,
      status,
      lines,
    );
    const sums = this.sums();
    const before = sums[status] ?? { attempts: 0, lines: 0 };
    sums[status] = { attempts: before.attempts + 1, lines: before.lines + lines };
    this.#totals.set({ assumed_json: JSON.stringify(sums) });
  }

  sums(): AssumedSums {
    return JSON.parse(this.#totals.hot().assumed_json) as AssumedSums;
  }

  of(batch: number): (Assumed & { status: number })[] {
    // for GET …/batches, the ledger and the report
    return all<Assumed & { status: number }>(
      this.#sql,
      "SELECT status, attempts, lines FROM assumed_not_delivered WHERE batch = ? ORDER BY status",
      batch,
    );
  }

  counted(): AssumedSums {
    const sums: AssumedSums = {};
    let after = { batch: 0, status: -1 };
    for (;;) {
      const rows = this.#page(after);
      for (const { status, attempts, lines } of rows) {
        const before = sums[status] ?? { attempts: 0, lines: 0 };
        sums[status] = { attempts: before.attempts + attempts, lines: before.lines + lines };
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_ROWS) return sums;
      after = last;
    }
  }

  #page(after: { batch: number; status: number }): (Assumed & { batch: number; status: number })[] {
    // for recounting: only batches that met such an answer have a row
    return all<Assumed & { batch: number; status: number }>(
      this.#sql,
      `SELECT batch, status, attempts, lines FROM assumed_not_delivered WHERE (batch, status) > (?, ?)
       ORDER BY batch, status LIMIT ?`,
      after.batch,
      after.status,
      PAGE_ROWS,
    );
  }
}

export function sumOf(sums: AssumedSums): Assumed {
  return Object.values(sums).reduce(
    (sum, one) => ({ attempts: sum.attempts + one.attempts, lines: sum.lines + one.lines }),
    { attempts: 0, lines: 0 },
  );
}
