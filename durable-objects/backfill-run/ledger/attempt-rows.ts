// Attempts that did not simply end in the first 2xx of their batch: uncertain, not delivered, refused, duplicate.
// An attempt is a possible duplicate while it is uncertain and a sender got a later attempt of the same batch.
import { all, first, returned, type Sql } from "../../../src/platform/sql.ts";
import type { AttemptState, BatchState } from "../../../src/contract/states.ts";
import type { AttemptRow } from "./attempt-row.ts";
import type { TotalsRow } from "./totals.ts";

/** Who sends the lines of uncertain attempts again. `attempt`: a later attempt of the batch, which its sender got now.
 * `delivery`: an attempt that was delivered. `parts`: the parts of the split batch, which have tokens of their own. */
export type Follower =
  | {
      kind: "attempt";
      /** The receiver still remembers an attempt whose lines arrived at or after this time. Null: it remembers none. */
      rememberedSince: number | null;
      now: number;
    }
  | { kind: "delivery" }
  | { kind: "parts" };

/** More columns to write with the cause. An absent member leaves its column unchanged. */
export interface AttemptNote {
  detail?: string | null;
  answerKind?: string | null;
}

export type UncertainBatch = {
  batch: number;
  /** The newest uncertain attempt. */
  attempt: number;
  cause: string;
  /** The number of uncertain attempts. */
  attempts: number;
  /** The number of all attempts of the batch. */
  posts: number;
  file: number;
  state: BatchState;
  retry_at: number | null;
};
type AttemptSums = {
  uncertain: number;
  inherited: number;
  followed_lines: number;
  deduped_lines: number;
  duplicate_lines: number;
};
export type AttemptOwner = Pick<AttemptRow, "batch" | "attempt" | "state"> & { owner: number | null };

export class AttemptRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;

  constructor(sql: Sql, totals: TotalsRow) {
    this.#sql = sql;
    this.#totals = totals;
  }

  /** The row of this attempt. Called for late and repeated send reports. */
  get(batch: number, attempt: number): AttemptRow | undefined {
    return first<AttemptRow>(
      this.#sql,
      "SELECT * FROM attempts WHERE batch = ? AND attempt = ?",
      batch,
      attempt,
    );
  }

  /** The rows of all attempts of this batch. Called for send reports, and for operators' decisions about the batch. */
  of(batch: number): AttemptRow[] {
    return all<AttemptRow>(this.#sql, "SELECT * FROM attempts WHERE batch = ? ORDER BY attempt", batch);
  }

  /** The attempts of these batches, read in one statement. Called for GET …/batches and for the evidence. */
  ofMany(batches: readonly number[]): Map<number, AttemptRow[]> {
    const found = new Map<number, AttemptRow[]>();
    for (const row of all<AttemptRow>(
      this.#sql,
      `SELECT * FROM attempts WHERE batch IN (SELECT value FROM json_each(?)) ORDER BY batch, attempt`,
      JSON.stringify(batches),
    ))
      found.set(row.batch, [...(found.get(row.batch) ?? []), row]);
    return found;
  }

  /** Batches with an uncertain attempt, without set-aside batches. The status shows set-aside batches separately.
   * Called for the problems in the status. */
  uncertainBatches(limit: number): UncertainBatch[] {
    // With max(attempt), SQLite takes `cause` from the newest attempt.
    return all<UncertainBatch>(
      this.#sql,
      `SELECT a.batch, max(a.attempt) AS attempt, a.cause, count(*) AS attempts, b.attempt AS posts, b.file, b.state, b.retry_at
       FROM attempts a JOIN batches b ON b.batch = a.batch
       WHERE a.state = 'uncertain' AND b.state NOT IN ('refused', 'failed', 'held')
       GROUP BY a.batch ORDER BY a.batch LIMIT ?`,
      limit,
    );
  }

  /** Attempts after `after` that wait for an operator's decision about answers. Called when this decision is
   * applied. */
  ofAnswers(after: { batch: number; attempt: number }, limit: number): AttemptRow[] {
    // The index contains only these attempts.
    return all<AttemptRow>(
      this.#sql,
      `SELECT * FROM attempts INDEXED BY attempts_by_answer
       WHERE state = 'uncertain' AND cause IN ('unusual_answer', 'answer_does_not_match') AND (batch, attempt) > (?, ?)
       ORDER BY batch, attempt LIMIT ?`,
      after.batch,
      after.attempt,
      limit,
    );
  }

  /** Deletes the attempts of deleted batches, and subtracts their uncertain attempts from the sums. Called when an
   * R2 object changed before any of its batches was sent. So only inherited attempts can exist. */
  forget(firstBatch: number, count: number): void {
    const rows = all<AttemptRow>(
      this.#sql,
      "DELETE FROM attempts WHERE batch >= ? AND batch < ? RETURNING *",
      firstBatch,
      firstBatch + count,
    );
    for (const row of rows) if (row.state === "uncertain") this.#count(row, -1);
  }

  /** Attempts after `after`. `owner` is null when the attempt's batch does not exist. Called for a recount, which
   * reports attempts without a batch. */
  withOwner(after: { batch: number; attempt: number }, limit: number): AttemptOwner[] {
    return all<AttemptOwner>(
      this.#sql,
      `SELECT a.batch, a.attempt, a.state, b.batch AS owner FROM attempts a LEFT JOIN batches b ON b.batch = a.batch
       WHERE (a.batch, a.attempt) > (?, ?) ORDER BY a.batch, a.attempt LIMIT ?`,
      after.batch,
      after.attempt,
      limit,
    );
  }

  /** Whether an attempt with this cause waits for an operator's decision about answers. */
  anyOfAnswer(cause: "unusual_answer" | "answer_does_not_match"): boolean {
    const row = first<{ batch: number }>(
      this.#sql,
      `SELECT batch FROM attempts INDEXED BY attempts_by_answer
       WHERE state = 'uncertain' AND cause IN ('unusual_answer', 'answer_does_not_match') AND cause = ? LIMIT 1`,
      cause,
    );
    return row !== undefined;
  }

  /** The sums over all attempt rows, for a recount. Only exceptional attempts have rows. */
  sums(): AttemptSums {
    const row = first<AttemptSums>(
      this.#sql,
      `SELECT coalesce(sum(state = 'uncertain'), 0) AS uncertain,
              coalesce(sum(state = 'uncertain' AND attempt = 0), 0) AS inherited,
              coalesce(sum(CASE WHEN state = 'uncertain' AND followed <> 0 THEN lines END), 0) AS followed_lines,
              coalesce(sum(CASE WHEN state = 'uncertain' AND followed = 0 AND deduped <> 0 THEN lines END), 0)
                AS deduped_lines,
              coalesce(sum(CASE WHEN state = 'duplicate' THEN lines END), 0) AS duplicate_lines
       FROM attempts WHERE state IN ('uncertain', 'duplicate')`,
    );
    return row ?? { uncertain: 0, inherited: 0, followed_lines: 0, deduped_lines: 0, duplicate_lines: 0 };
  }

  /** Inserts the row of an attempt that has ended. Does nothing when the attempt already has a row. `move` changes
   * the row later. */
  insert(row: AttemptRow): void {
    const names = Object.keys(row);
    const inserted = returned(
      this.#sql,
      `INSERT INTO attempts (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
       ON CONFLICT (batch, attempt) DO NOTHING RETURNING batch`,
      ...Object.values(row),
    );
    if (inserted === 1 && row.state === "uncertain") this.#count(row, 1);
  }

  /** Changes the state of an attempt. Called after a late report about an uncertain attempt, and for an operator's
   * decision. */
  move(
    row: AttemptRow,
    to: AttemptState,
    cause: string,
    { detail = row.detail, answerKind = row.answer_kind }: AttemptNote = {},
  ): void {
    const moved = returned(
      this.#sql,
      `UPDATE attempts SET state = ?, cause = ?, detail = ?, answer_kind = ?
       WHERE batch = ? AND attempt = ? AND state = ? RETURNING batch`,
      to,
      cause,
      detail,
      answerKind,
      row.batch,
      row.attempt,
      row.state,
    );
    if (moved !== 1) return;
    if (row.state === "uncertain") this.#count(row, -1);
    if (to === "uncertain") this.#count(row, 1);
  }

  /** Records that attempt `next` sends the lines of earlier uncertain attempts again. These lines may now arrive
   * twice, except while the receiver remembers the token of the batch. Called for every claim of a batch that was
   * attempted before. A delivery sends nothing again, so it changes no attempt that was sent again in time. */
  follow(batch: number, next: number, by: Follower): void {
    if (by.kind === "attempt" && by.rememberedSince !== null) {
      this.#followRemembered(batch, next, by.rememberedSince, by.now);
      return;
    }
    const rows = all<AttemptRow>(
      this.#sql,
      `UPDATE attempts SET followed = ? WHERE batch = ? AND followed = 0
       ${by.kind === "delivery" ? "AND deduped = 0" : ""} RETURNING *`,
      next,
      batch,
    );
    this.#addPossible(rows, 1);
  }

  /** Marks the attempts that the receiver still remembers as sent again in time. Called for every claim of a batch
   * that was attempted before, if the receiver remembers tokens. */
  #followRemembered(batch: number, next: number, since: number, now: number): void {
    const rows = all<AttemptRow>(
      this.#sql,
      "SELECT * FROM attempts WHERE batch = ? AND followed = 0 ORDER BY attempt",
      batch,
    );
    for (const row of rows) {
      const { attempt, arrived_after: at } = row;
      // Attempt 0 belongs to the continued run, and its time is unknown. A time to come shows a clock that was set back.
      const isInTime = attempt > 0 && at !== null && at >= since && at <= now;
      if (isInTime && row.deduped !== 0) continue;
      const column = isInTime ? "deduped" : "followed";
      this.#sql.exec(
        `UPDATE attempts SET ${column} = ? WHERE batch = ? AND attempt = ?`,
        next,
        batch,
        attempt,
      );
      if (!isInTime) this.#addPossible([row], 1);
      else if (row.state === "uncertain") this.#totals.add("deduped_lines", row.lines);
    }
  }

  /** Records that attempt `next` sent nothing, because its sender returned the lease without a POST. So attempt
   * `next` no longer makes earlier attempts possible duplicates. */
  unfollow(batch: number, next: number): void {
    const followed = all<AttemptRow>(
      this.#sql,
      "UPDATE attempts SET followed = 0 WHERE batch = ? AND followed = ? RETURNING *",
      batch,
      next,
    );
    this.#addPossible(followed, -1);
    // Attempts that the run counted as sent again in time.
    const deduped = all<AttemptRow>(
      this.#sql,
      "UPDATE attempts SET deduped = 0 WHERE batch = ? AND deduped = ? RETURNING *",
      batch,
      next,
    );
    for (const row of deduped)
      if (row.state === "uncertain" && row.followed === 0) this.#totals.add("deduped_lines", -row.lines);
  }

  /** Lines are counted as possible duplicates or as sent again in time, never as both. */
  #addPossible(rows: AttemptRow[], sign: 1 | -1): void {
    for (const row of rows) {
      if (row.state !== "uncertain") continue;
      this.#totals.add("possible_duplicate_lines", sign * row.lines);
      if (row.deduped !== 0) this.#totals.add("deduped_lines", -sign * row.lines);
    }
  }

  #count(row: AttemptRow, sign: 1 | -1): void {
    this.#totals.add("uncertain_attempts", sign);
    // Attempt 0 is an attempt of the run that this run continues.
    if (row.attempt === 0) this.#totals.add("inherited_attempts", sign);
    if (row.followed !== 0) this.#totals.add("possible_duplicate_lines", sign * row.lines);
    else if (row.deduped !== 0) this.#totals.add("deduped_lines", sign * row.lines);
  }
}
