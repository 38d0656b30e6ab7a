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

  /** Stores inherited batches. Called for each page of the earlier run's ledger. */
  add(batches: InheritedBatch[]): void {
    for (const chunk of jsonChunks(batches)) {
      this.#sql.exec(
        `INSERT OR REPLACE INTO inherited (key, ordinal, digest, state)
         SELECT value ->> 'key', value ->> 'ordinal', value ->> 'digest', value ->> 'state' FROM json_each(?)`,
        chunk,
      );
    }
  }

  /** The inherited batches of the R2 object with this key. Called when the manifest of its file has arrived. */
  of(key: string): InheritedBatch[] {
    return all<InheritedBatch>(
      this.#sql,
      "SELECT key, ordinal, digest, state FROM inherited WHERE key = ?",
      key,
    );
  }

  /** Whether earlier runs sent, or may have sent, a batch of the R2 object with this key. Called when its file is
   * enqueued and parsed. */
  has(key: string): boolean {
    return first(this.#sql, "SELECT 1 FROM inherited WHERE key = ? LIMIT 1", key) !== undefined;
  }

  /** Stores the choices that operators made in earlier runs. Called for the first page of the earlier run's ledger. */
  addChoices(choices: InheritedChoices[]): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO inherited_choices (key, choices_json)
       SELECT value ->> 'key', value ->> 'choices_json' FROM json_each(?)`,
      JSON.stringify(choices),
    );
  }

  /** The inherited choices for the R2 object with this key, as JSON. Called when its file is parsed. */
  choicesOf(key: string): string | null {
    const row = first<InheritedChoices>(this.#sql, "SELECT * FROM inherited_choices WHERE key = ?", key);
    return row?.choices_json ?? null;
  }

  /** The choices of operators in earlier runs, whether or not this run has listed the file. There are few. Called
   * by a later run that continues this run. */
  earlierChoices(): InheritedChoices[] {
    return all<InheritedChoices>(this.#sql, "SELECT key, choices_json FROM inherited_choices");
  }

  /** The choices of operators in this run, for files numbered (after, upTo]. Called by a later run that continues
   * this run. */
  ownChoices(after: number, upTo: number): InheritedChoices[] {
    return all<InheritedChoices>(
      this.#sql,
      "SELECT key, choices_json FROM files WHERE file > ? AND file <= ? AND choices_json IS NOT NULL",
      after,
      upTo,
    );
  }

  /** This run's batches numbered (after, upTo] that were delivered or may have been delivered. A batch that was split
   * is `done` when all of its parts are delivered. It is `partly` when some are, in this run or in an earlier one.
   * Called by a later run that continues this run. */
  own(after: number, upTo: number): InheritedBatch[] {
    return all<InheritedBatch>(
      this.#sql,
      `SELECT f.key, b.ordinal, b.digest,
              CASE WHEN b.state = 'done' OR b.reason_code = 'inherited_delivered' THEN 'done'
                   WHEN EXISTS (SELECT 1 FROM inherited i
                     WHERE i.key = f.key AND i.digest = b.digest AND i.state = 'partly') THEN 'partly'
                   WHEN b.state <> 'split' THEN 'uncertain'
                   ELSE (WITH RECURSIVE parts (batch, state) AS (
                           SELECT batch, state FROM batches WHERE parent = b.batch
                           UNION ALL SELECT p.batch, p.state FROM parts JOIN batches p ON p.parent = parts.batch)
                         SELECT CASE total(state = 'done') WHEN 0 THEN 'uncertain' WHEN count(*) THEN 'done' ELSE 'partly' END
                         FROM parts WHERE state <> 'split') END AS state
       FROM batches b JOIN files f ON f.file = b.file
       WHERE b.batch > ? AND b.batch <= ? AND b.is_part = 0 AND (
         b.state = 'done' OR (b.state = 'split' AND b.reason_code <> 'same_as')
         OR (b.state = 'discarded' AND b.reason_code = 'inherited_delivered')
         OR EXISTS (SELECT 1 FROM attempts a WHERE a.batch = b.batch AND a.state = 'uncertain'))`,
      after,
      upTo,
    );
  }

  /** Where a key range of `rows` rows after this place ends. Null: fewer rows are left. Called for each page that a
   * later run reads. */
  rangeEnd({ key, digest, ordinal }: InheritedPlace, rows: number): InheritedPlace | null {
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
   * them, and hands them on to a later run that continues this run. */
  handedOn(after: InheritedPlace, end: InheritedPlace | null): InheritedBatch[] {
    const upTo = end ?? BEHIND_ALL;
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
