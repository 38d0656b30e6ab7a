// The generations of the run's evidence that are kept: the first complete generation, the newest, and the
// downloaded generations.
import { first, returned, type Sql } from "../../../src/platform/sql.ts";

export class ReportRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  begin(generation: number, now: number): void {
    // Used for a new generation.
    this.#sql.exec("INSERT INTO reports (generation, begun_at) VALUES (?, ?)", generation, now);
  }

  complete(generation: number): void {
    // Used for chain.json, which is written last.
    this.#sql.exec("UPDATE reports SET is_complete = 1 WHERE generation = ?", generation);
  }

  /** Marks a generation as downloaded. False: the generation is incomplete or deleted. */
  downloaded(generation: number): boolean {
    const marked = returned(
      this.#sql,
      // Used for a download. A downloaded generation is never deleted.
      "UPDATE reports SET is_downloaded = 1 WHERE generation = ? AND is_complete = 1 RETURNING generation",
      generation,
    );
    return marked === 1;
  }

  /** When the newest generation was begun. Null: no generation was begun. */
  lastBegunAt(): number | null {
    // Used for the pause between two generations.
    const row = first<{ begun_at: number }>(
      this.#sql,
      "SELECT begun_at FROM reports ORDER BY generation DESC LIMIT 1",
    );
    return row?.begun_at ?? null;
  }

  /** A generation that may be deleted. It is neither the first nor the last complete generation, nor the newest,
   * nor was it downloaded. */
  superfluous(): number | null {
    // Used for the clock, which deletes this generation.
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

  remove(generation: number): void {
    // Used for a generation whose objects are deleted.
    this.#sql.exec("DELETE FROM reports WHERE generation = ?", generation);
  }
}
