// The SQL of the totals over runs, for GET /stats. Decides nothing.
import { all, type Sql } from "../../src/platform/sql.ts";

/** Sums over the runs of one day. `day`: days since 1970-01-01 in the zone. */
export type DaySums = {
  day: number;
  runs: number;
  delivered: number;
  aborted: number;
  counted: number;
  without_figures: number;
  log_lines_sent: number;
  duplicate_lines: number;
  possible_duplicate_lines: number;
  exceptions: number;
  bytes_read: number;
  bytes_sent: number;
  sending_ms: number;
  cost_usd: number;
};

export class StatsRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Runs by the day of their creation, oldest first. A number binds as REAL, so the division needs the cast. `offsetMs`: the zone's clock minus UTC. */
  byDay(since: number, until: number, offsetMs: number): DaySums[] {
    return all<DaySums>(
      this.#sql,
      `SELECT CAST((created_at + ?) / 86400000 AS INTEGER) AS day, count(*) AS runs,
         sum(stage IN ('sent_waiting_cleanup', 'cleaned')) AS delivered, sum(stage = 'aborted') AS aborted,
         sum(stage = 'counted') AS counted, sum(cost_usd IS NULL) AS without_figures,
         sum(log_lines_sent) AS log_lines_sent, total(duplicate_lines) AS duplicate_lines,
         total(possible_duplicate_lines) AS possible_duplicate_lines, total(exceptions) AS exceptions,
         total(bytes_read) AS bytes_read, total(bytes_sent) AS bytes_sent, total(sending_ms) AS sending_ms,
         total(cost_usd) AS cost_usd
       FROM runs WHERE created_at >= ? AND created_at <= ? GROUP BY day ORDER BY day`,
      offsetMs,
      since,
      until,
    );
  }
}
