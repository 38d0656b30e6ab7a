// Generations of the run's evidence: the first complete one, the newest ones, and the downloaded ones.
import { first, returned, type Sql } from "../../../src/platform/sql.ts";

export class ReportRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  begin(generation: number, now: number): void {
    // For a new generation.
    this.#sql.exec("INSERT INTO reports (generation, begun_at) VALUES (?, ?)", generation, now);
  }

  complete(generation: number): void {
    // For chain.json, which is written last.
    this.#sql.exec("UPDATE reports SET is_complete = 1 WHERE generation = ?", generation);
  }

  /** False: this generation is incomplete or deleted. */
  downloaded(generation: number): boolean {
    const marked = returned(
      this.#sql,
      // For a download. A downloaded generation is never deleted.
      "UPDATE reports SET is_downloaded = 1 WHERE generation = ? AND is_complete = 1 RETURNING generation",
      generation,
    );
    return marked === 1;
  }

  /** When the newest generation was begun. Null: no generation was begun. */
  lastBegunAt(): number | null {
    // For the pause between two generations.
    const row = first<{ begun_at: number }>(
      this.#sql,
      "SELECT begun_at FROM reports ORDER BY generation DESC LIMIT 1",
    );
    return row?.begun_at ?? null;
  }

  /** A superfluous generation: not the first or last complete one, not the newest, not downloaded. */
  superfluous(): number | null {
    // For the clock, which deletes this generation.
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
    // For a generation whose objects are deleted.
    this.#sql.exec("DELETE FROM reports WHERE generation = ?", generation);
  }
}
