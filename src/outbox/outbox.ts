// The notices that wait for the Notifier, and the last notices that the Notifier has taken. Runs and Coverage each
// have a table `outbox`. This file contains all SQL about these tables. A notice is written in the same transaction
// as the state change that it reports.
import type { Notice } from "../contract/notices.ts";
import { all, first, returned, type Sql } from "../platform/sql.ts";
import { noticeDueAt } from "./due-at.ts";

export interface OutboxRow<N extends Notice = Notice> {
  event: number;
  topic: string;
  notice: N;
  writtenAt: number;
  dueAt: number;
}

export interface NewNotice<N extends Notice> {
  /** The number of the event in the run's or Coverage's list of events. */
  event: number;
  topic: string;
  notice: N;
  /** The notice is not handed to the Notifier before this time. */
  wantedAt: number;
  since?: number | null;
}

/** How many taken notices stay in the table. Taken notices are needed for the interval between two notices of a
 * topic, and when a channel later gives up. */
const KEPT_HANDED = 200;

export class Outbox<N extends Notice = Notice> {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** At most one notice of a `topic` is handed over within NOTICE_INTERVAL_MS. `since` is set when this notice
   * replaces another one about the same state. `since` is the time at which that state began. */
  add({ event, topic, notice, wantedAt, since = null }: NewNotice<N>, now: number): void {
    const last = first<{ at: number | null }>(
      this.#sql,
      "SELECT max(due_at) AS at FROM outbox WHERE topic = ?",
      topic,
    );
    this.#sql.exec(
      "INSERT INTO outbox (event, topic, notice_json, written_at, due_at) VALUES (?, ?, ?, ?, ?)",
      event, topic, JSON.stringify(notice), since ?? now, noticeDueAt(wantedAt, last?.at ?? null, now),
    ); // prettier-ignore
  }

  /** Deletes the notices that are not due yet, because the state that they report has ended. Returns the newest of
   * them. */
  withdrawWaiting(now: number): OutboxRow<N> | null {
    const deleted = all<Columns>(
      this.#sql,
      `DELETE FROM outbox WHERE handed_at IS NULL AND due_at > ? RETURNING ${COLUMNS}`,
      now,
    );
    return deleted.map(rowOf<N>).toSorted((a, b) => b.event - a.event)[0] ?? null;
  }

  /** Deletes the notices of a topic whose hand-over was never attempted. If the answer to an attempt was lost, the
   * Notifier may have taken the notice. */
  withdrawTopic(topic: string): OutboxRow<N>[] {
    return all<Columns>(
      this.#sql,
      `DELETE FROM outbox WHERE handed_at IS NULL AND topic = ? AND notice_json ->> 'attempted' IS NULL
       RETURNING ${COLUMNS}`,
      topic,
    ).map(rowOf<N>);
  }

  /** Call before the notice is handed to the Notifier, so that withdrawTopic leaves it. The stored notice gets the
   * member `attempted`, which is not for the Notifier. */
  attempted(event: number): void {
    this.#sql.exec(
      "UPDATE outbox SET notice_json = json_set(notice_json, '$.attempted', 1) WHERE event = ?",
      event,
    );
  }

  /** The newest notice, whether or not the Notifier has taken it. */
  newest(): OutboxRow<N> | null {
    const row = first<Columns>(this.#sql, `SELECT ${COLUMNS} FROM outbox ORDER BY event DESC LIMIT 1`);
    return row ? rowOf<N>(row) : null;
  }

  /** When the next notice is due. Null: the Notifier has taken all notices. */
  nextDueAt(): number | null {
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(due_at) AS at FROM outbox WHERE handed_at IS NULL",
    );
    return row?.at ?? null;
  }

  /** The oldest notice that is due and not yet taken. */
  due(now: number): OutboxRow<N> | null {
    const row = first<Columns>(
      this.#sql,
      `SELECT ${COLUMNS} FROM outbox WHERE handed_at IS NULL AND due_at <= ? ORDER BY event LIMIT 1`,
      now,
    );
    return row ? rowOf<N>(row) : null;
  }

  /** Records that the Notifier has taken the notice. */
  handed(event: number, now: number): void {
    this.#sql.exec("UPDATE outbox SET handed_at = ? WHERE event = ?", now, event);
    this.#sql.exec(
      `DELETE FROM outbox WHERE event IN
         (SELECT event FROM outbox WHERE handed_at IS NOT NULL ORDER BY event DESC LIMIT -1 OFFSET ?)`,
      KEPT_HANDED,
    );
  }

  withdraw(event: number): void {
    this.#sql.exec("DELETE FROM outbox WHERE event = ? AND handed_at IS NULL", event);
  }

  /** Records that a channel did not get the notice. Returns false if this was recorded before, or if the notice is no
   * longer in the table. */
  givenUp(event: number, channel: string): boolean {
    return (
      returned(
        this.#sql,
        `UPDATE outbox SET given_up_json = json_insert(given_up_json, '$[#]', ?)
         WHERE event = ? AND ? NOT IN (SELECT value FROM json_each(given_up_json)) RETURNING 1`,
        channel, event, channel,
      ) > 0
    ); // prettier-ignore
  }

  /** Corrects due times after the clock was set back by `backMs`. Afterwards no notice waits longer than `longestMs`. */
  setBack(now: number, backMs: number, longestMs: number): void {
    this.#sql.exec(
      `UPDATE outbox SET due_at = min(max(?, due_at - ?), ?) WHERE handed_at IS NULL AND due_at > ?`,
      now, backMs, now + longestMs, now,
    ); // prettier-ignore
  }
}

const COLUMNS = "event, topic, notice_json, written_at, due_at";
type Columns = { event: number; topic: string; notice_json: string; written_at: number; due_at: number };

function rowOf<N extends Notice>(row: Columns): OutboxRow<N> {
  return {
    event: row.event,
    topic: row.topic,
    notice: JSON.parse(row.notice_json) as N,
    writtenAt: row.written_at,
    dueAt: row.due_at,
  };
}
