// Stores which batches earlier runs delivered or left uncertain, for a run with continue_of. Also reads what a later
// run with continue_of needs from this run.
import type { InheritedBatch, InheritedChoices } from "../../../src/contract/run.ts";
import { all, first, jsonChunks, type Sql } from "../../../src/platform/sql.ts";

/** A place in the order of the inherited batches. */
export type InheritedPlace = { key: string; digest: string; ordinal: number };

const BEHIND_ALL: InheritedPlace = { key: "\u{10ffff}", digest: "", ordinal: 0 };

export class InheritedRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(batches: InheritedBatch[]): void {
    for (const chunk of jsonChunks(batches)) {
      // Used for a page of the earlier run's ledger.
      this.#sql.exec(
        `INSERT OR REPLACE INTO inherited (key, ordinal, digest, state)
         SELECT value ->> 'key', value ->> 'ordinal', value ->> 'digest', value ->> 'state' FROM json_each(?)`,
        chunk,
      );
    }
  }

  of(key: string): InheritedBatch[] {
    // Used for a file whose manifest has arrived.
    return all<InheritedBatch>(
      this.#sql,
      "SELECT key, ordinal, digest, state FROM inherited WHERE key = ?",
      key,
    );
  }

  addChoices(choices: InheritedChoices[]): void {
    // Used for the first page of the earlier run's ledger.
    this.#sql.exec(
      `INSERT OR REPLACE INTO inherited_choices (key, choices_json)
       SELECT value ->> 'key', value ->> 'choices_json' FROM json_each(?)`,
      JSON.stringify(choices),
    );
  }

  choicesOf(key: string): string | null {
    // Used for a file that is parsed.
    const row = first<InheritedChoices>(this.#sql, "SELECT * FROM inherited_choices WHERE key = ?", key);
    return row?.choices_json ?? null;
  }

  /** The choices of operators in earlier runs, whether or not this run has listed the file. */
  earlierChoices(): InheritedChoices[] {
    // Used for a later run that continues this run. Operators make these rows, so there are few.
    return all<InheritedChoices>(this.#sql, "SELECT key, choices_json FROM inherited_choices");
  }

  /** The choices of operators in this run, for files numbered (after, upTo]. */
  ownChoices(after: number, upTo: number): InheritedChoices[] {
    // Used for a later run that continues this run.
    return all<InheritedChoices>(
      this.#sql,
      "SELECT key, choices_json FROM files WHERE file > ? AND file <= ? AND choices_json IS NOT NULL",
      after,
      upTo,
    );
  }

  /** This run's batches numbered (after, upTo] that were delivered or may have been delivered. */
  own(after: number, upTo: number): InheritedBatch[] {
    // Used for a later run that continues this run.
    return all<InheritedBatch>(
      this.#sql,
      `SELECT f.key, b.ordinal, b.digest,
              CASE WHEN b.state = 'done' OR b.reason_code = 'inherited_delivered' THEN 'done' ELSE 'uncertain' END AS state
       FROM batches b JOIN files f ON f.file = b.file
       WHERE b.batch > ? AND b.batch <= ? AND b.is_part = 0 AND (
         b.state = 'done' OR (b.state = 'split' AND b.reason_code <> 'same_as')
         OR (b.state = 'discarded' AND b.reason_code = 'inherited_delivered')
         OR EXISTS (SELECT 1 FROM attempts a WHERE a.batch = b.batch AND a.state = 'uncertain'))`,
      after,
      upTo,
    );
  }

  /** The end of a key range of `rows` rows after `after`. Null: fewer rows are left. */
  rangeEnd({ key, digest, ordinal }: InheritedPlace, rows: number): InheritedPlace | null {
    // Used for a page that a later run reads.
    const end = first<InheritedPlace>(
      this.#sql,
      `SELECT key, digest, ordinal FROM inherited WHERE (key, digest, ordinal) > (?, ?, ?)
       ORDER BY key, digest, ordinal LIMIT 1 OFFSET ?`,
      key,
      digest,
      ordinal,
      rows - 1,
    );
    return end ?? null;
  }

  /** The inherited batches of a key range whose files this run never opened. This run has no batch of its own for
   * them. */
  handedOn(after: InheritedPlace, end: InheritedPlace | null): InheritedBatch[] {
    const upTo = end ?? BEHIND_ALL;
    // Used for a later run that continues this run. The rows came from the run that this run continues.
    return all<InheritedBatch>(
      this.#sql,
      `SELECT key, ordinal, digest, state FROM inherited i
       WHERE (key, digest, ordinal) > (?, ?, ?) AND (key, digest, ordinal) <= (?, ?, ?)
         AND NOT EXISTS (SELECT 1 FROM files f WHERE f.key = i.key
           AND (f.first_batch IS NOT NULL OR f.older_batches_json IS NOT NULL))`,
      after.key,
      after.digest,
      after.ordinal,
      upTo.key,
      upTo.digest,
      upTo.ordinal,
    );
  }
}
