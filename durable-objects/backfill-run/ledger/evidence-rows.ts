// The generations of the run's evidence that are kept: the first complete generation, the newest, and the
// downloaded generations.
import { first, returned, type Sql } from "../../../src/platform/sql.ts";

export class ReportRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Records that a new generation of the evidence was begun. */
  begin(generation: number, now: number): void {
    this.#sql.exec("INSERT INTO reports (generation, begun_at) VALUES (?, ?)", generation, now);
  }

  /** Records that a generation is complete. Called after `chain.json` was written, which is written last. */
  complete(generation: number): void {
    this.#sql.exec("UPDATE reports SET is_complete = 1 WHERE generation = ?", generation);
  }

  /** Marks a generation as downloaded. A downloaded generation is never deleted. False: the generation is
   * incomplete or deleted. */
  downloaded(generation: number): boolean {
    const marked = returned(
      this.#sql,
      "UPDATE reports SET is_downloaded = 1 WHERE generation = ? AND is_complete = 1 RETURNING generation",
      generation,
    );
    return marked === 1;
  }

  /** When the newest generation was begun. A pause follows before the next generation. Null: no generation was
   * begun. */
  lastBegunAt(): number | null {
    const row = first<{ begun_at: number }>(
      this.#sql,
      "SELECT begun_at FROM reports ORDER BY generation DESC LIMIT 1",
    );
    return row?.begun_at ?? null;
  }

  /** A generation that the clock may delete. Such a generation is neither the first nor the last complete one, nor
   * the newest, and was never downloaded. */
  superfluous(): number | null {
    const row = first<{ generation: number }>(
      this.#sql,
      `SELECT generation FROM reports WHERE is_downloaded = 0
         AND generation <> coalesce((SELECT min(generation) FROM reports WHERE is_complete = 1), 0)
         AND generation <> coalesce((SELECT max(generation) FROM reports WHERE is_complete = 1), 0)
         AND generation < (SELECT max(generation) FROM reports)
       ORDER BY generation LIMIT 1`,
    );
    return row?.generation ?? null;
  }

  /** Deletes the row of a generation whose R2 objects are deleted. */
  remove(generation: number): void {
    this.#sql.exec("DELETE FROM reports WHERE generation = ?", generation);
  }
}
