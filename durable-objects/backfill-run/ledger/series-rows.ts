// The rows of a run's series: delivered lines, POSTs and failures over time. There is one row for each minute with a
// send report. Older minutes are merged into one row an hour, so the number of rows is bounded. The sum of the rows'
// lines stays equal to the sum of all reports.
import { all, type Sql } from "../../../src/platform/sql.ts";
import { floorTo, merged, type Interval, type Minute, type Ten } from "../receiver/series.ts";
import { MINUTE_MS, HOUR_MS } from "../../../src/contract/time-units.ts";

/** The most rows for one minute each. These rows cover twelve hours of sending. */
export const MOST_MINUTES = 720;
/** The most merged rows. When there are more, the two oldest rows become one. */
export const MOST_HOURS = 720;
const MINUTES = "tens_json IS NOT NULL";
const MERGED = "tens_json IS NULL";

export interface SeriesRow extends Interval {
  at: number;
  seconds: number;
}
type Columns = Omit<Interval, "ack"> & { point: number; at: number; seconds: number; ack_json: string };
type Stored = SeriesRow & { point: number };

const COLUMNS = "point, at, seconds, lines, posts, failures, target, cap, ack_json";

export class SeriesRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Writes a row for a minute that has ended, and merges rows when there are too many. Called for the first report
   * of each new minute, within a transaction. */
  add({ at, tens }: Minute): void {
    const { lines, posts, failures, target, cap, ack } = merged(tens);
    this.#sql.exec(
      `INSERT INTO series (at, seconds, lines, posts, failures, target, cap, ack_json, tens_json)
       VALUES (?, 60, ?, ?, ?, ?, ?, ?, ?)`,
      at, lines, posts, failures, target, cap, JSON.stringify(ack), JSON.stringify(tens),
    ); // prettier-ignore
    if (this.#count(MINUTES) > MOST_MINUTES) this.#mergeOldestHour();
    if (this.#count(MERGED) > MOST_HOURS) this.#merge(this.#oldest(MERGED, 2));
  }

  /** Rows that end after `since`, newest first. Stops reading at the first row that ends earlier. Called for GET
   * /runs/:id/series. */
  *newestFirst(since: number): Generator<SeriesRow> {
    for (const row of this.#sql.exec<Columns>(`SELECT ${COLUMNS} FROM series ORDER BY point DESC`)) {
      const read = stored(row);
      if (read.at + read.seconds * 1_000 <= since) return;
      yield read;
    }
  }

  /** The intervals of ten seconds of all minutes that end after `since`. The key of the map is the first instant of
   * the minute. Called for GET /runs/:id/series, which needs only the minutes of the last hour. */
  tensSince(since: number): Map<number, Ten[]> {
    const rows = all<{ at: number; tens_json: string }>(
      this.#sql,
      `SELECT at, tens_json FROM series WHERE ${MINUTES} AND at > ? ORDER BY point DESC LIMIT 62`,
      since - MINUTE_MS,
    );
    return new Map(rows.map(({ at, tens_json }) => [at, JSON.parse(tens_json) as Ten[]]));
  }

  /** Moves all rows back in time after the clock was set back. Call it within a transaction. */
  setBack(shiftMs: number): void {
    this.#sql.exec("UPDATE series SET at = at - ?", shiftMs);
  }

  /** Merges the minutes of the oldest hour into one row. */
  #mergeOldestHour(): void {
    const rows = this.#oldest(MINUTES, 60);
    const hour = floorTo(rows[0]?.at ?? 0, HOUR_MS);
    this.#merge(rows.filter(({ at }) => floorTo(at, HOUR_MS) === hour));
  }

  /** Replaces the rows by the first of them. That row then covers the time from the beginning of the first to the end
   * of the last. */
  #merge(rows: readonly Stored[]): void {
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) return;
    const { lines, posts, failures, target, cap, ack } = merged(rows);
    const seconds = (last.at - first.at) / 1_000 + last.seconds;
    this.#sql.exec(
      `UPDATE series SET seconds = ?, lines = ?, posts = ?, failures = ?, target = ?, cap = ?, ack_json = ?, tens_json = NULL
       WHERE point = ?`,
      seconds, lines, posts, failures, target, cap, JSON.stringify(ack), first.point,
    ); // prettier-ignore
    this.#sql.exec("DELETE FROM series WHERE point > ? AND point <= ?", first.point, last.point);
  }

  #oldest(kind: typeof MINUTES | typeof MERGED, limit: number): Stored[] {
    return all<Columns>(
      this.#sql,
      `SELECT ${COLUMNS} FROM series WHERE ${kind} ORDER BY point LIMIT ?`,
      limit,
    ).map(stored);
  }

  #count(kind: typeof MINUTES | typeof MERGED): number {
    const [row] = all<{ n: number }>(this.#sql, `SELECT count(*) AS n FROM series WHERE ${kind}`);
    return row?.n ?? 0;
  }
}

function stored({ ack_json, ...row }: Columns): Stored {
  return { ...row, ack: JSON.parse(ack_json) as number[] };
}
