// Attempts that count as not delivered only because of their answer's HTTP status. There is one row for each batch
// and status, and one sum for each status. An ordinary POST changes none of these rows.
import type { AssumedCount, AssumedView } from "../../../src/contract/answers.ts";
import { all, type Sql } from "../../../src/platform/sql.ts";
import type { Hot, TotalsRow } from "./totals.ts";

/** The sums by HTTP status. */
export type AssumedSums = Record<string, AssumedCount>;
export type AssumedOfBatch = AssumedCount & { status: number };
type AssumedRow = AssumedOfBatch & { batch: number };
/** A recount under way. `sums` covers the rows up to `upTo`. When `upTo` is null, `sums` covers every row. */
export interface AssumedWatch {
  upTo: { batch: number; status: number } | null;
  sums: AssumedSums;
}

export class AssumedRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;
  /** If an attempt is added to a row that the recount has already counted, the recount's sums change too. */
  watch: AssumedWatch | null = null;

  constructor(sql: Sql, totals: TotalsRow) {
    this.#sql = sql;
    this.#totals = totals;
  }

  /** Adds one attempt of the batch that counts as not delivered because of its answer's status. Call within a
   * transaction. */
  add(batch: number, status: number, lines: number): void {
    this.#sql.exec(
      `INSERT INTO assumed_not_delivered (batch, status, attempts, lines) VALUES (?, ?, 1, ?)
       ON CONFLICT (batch, status) DO UPDATE SET attempts = attempts + 1, lines = lines + excluded.lines`,
      batch,
      status,
      lines,
    );
    const one = { attempts: 1, lines };
    this.#totals.set({ assumed_json: JSON.stringify(withOne(this.sums(), status, one)) });
    const { watch } = this;
    if (!watch) return;
    const isCounted =
      watch.upTo === null ||
      batch < watch.upTo.batch ||
      (batch === watch.upTo.batch && status <= watch.upTo.status);
    if (isCounted) watch.sums = withOne(watch.sums, status, one);
  }

  sums(): AssumedSums {
    return sumsIn(this.#totals.hot());
  }

  /** The rows of these batches, read in one statement. Called for GET …/batches and for the evidence. */
  ofMany(batches: readonly number[]): Map<number, AssumedOfBatch[]> {
    const found = new Map<number, AssumedOfBatch[]>();
    for (const { batch, ...one } of all<AssumedRow>(
      this.#sql,
      `SELECT batch, status, attempts, lines FROM assumed_not_delivered
       WHERE batch IN (SELECT value FROM json_each(?)) ORDER BY batch, status`,
      JSON.stringify(batches),
    ))
      found.set(batch, [...(found.get(batch) ?? []), one]);
    return found;
  }

  /** Adds the next key range to a recount. Returns the number of its rows. */
  countSome(watch: AssumedWatch, limit: number): number {
    if (watch.upTo === null) return 0;
    const rows = all<AssumedRow>(
      this.#sql,
      `SELECT batch, status, attempts, lines FROM assumed_not_delivered
       WHERE (batch, status) > (?, ?) ORDER BY batch, status LIMIT ?`,
      watch.upTo.batch,
      watch.upTo.status,
      limit,
    );
    for (const { status, attempts, lines } of rows)
      watch.sums = withOne(watch.sums, status, { attempts, lines });
    const last = rows.at(-1);
    watch.upTo = last && rows.length === limit ? { batch: last.batch, status: last.status } : null;
    return rows.length;
  }
}

export function sumsIn({ assumed_json }: Pick<Hot, "assumed_json">): AssumedSums {
  return JSON.parse(assumed_json) as AssumedSums;
}

function withOne(sums: AssumedSums, status: number, one: AssumedCount): AssumedSums {
  const before = sums[status] ?? { attempts: 0, lines: 0 };
  return {
    ...sums,
    [status]: { attempts: before.attempts + one.attempts, lines: before.lines + one.lines },
  };
}

export function sumOf(sums: AssumedSums): AssumedCount {
  return Object.values(sums).reduce(
    (sum, one) => ({ attempts: sum.attempts + one.attempts, lines: sum.lines + one.lines }),
    { attempts: 0, lines: 0 },
  );
}

/** The members of the status about the attempts that count as not delivered by their HTTP status alone. */
export function assumedView(sums: AssumedSums): AssumedView {
  const { attempts, lines } = sumOf(sums);
  return {
    assumed_not_delivered_attempts: attempts,
    assumed_not_delivered_lines: lines,
    assumed_not_delivered: sums,
  };
}
