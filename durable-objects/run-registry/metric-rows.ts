// The SQL of the registry's figures for GET /metrics. Decides nothing.
import { OPEN_WINDOW_STATES, type OpenWindowState } from "../../src/contract/registry-metrics.ts";
import type { Stage } from "../../src/contract/states.ts";
import { all, type Sql } from "../../src/platform/sql.ts";

export interface UnfinishedRun {
  runId: string;
  createdAt: number;
  stage: Stage;
}

/** The most unfinished runs that one scrape reads. Normally there are only a few. */
const MOST_UNFINISHED = 1_000;

export class MetricRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** How many runs each stage has: unfinished runs, and runs that ended after `endedAfter`. */
  runsByStage(endedAfter: number): { stage: Stage; runs: number }[] {
    return all<{ stage: Stage; runs: number }>(
      this.#sql,
      "SELECT stage, count(*) AS runs FROM runs WHERE finished = 0 OR ended_at > ? GROUP BY stage",
      endedAfter,
    );
  }

  unfinished(): UnfinishedRun[] {
    return all<{ run_id: string; created_at: number; stage: Stage }>(
      this.#sql,
      "SELECT run_id, created_at, stage FROM runs WHERE finished = 0 ORDER BY created_at DESC LIMIT ?",
      MOST_UNFINISHED,
    ).map((row) => ({ runId: row.run_id, createdAt: row.created_at, stage: row.stage }));
  }

  /** Windows of the queue that are not settled. A series counts by its windows. */
  openWindows(): { state: OpenWindowState; windows: number }[] {
    return all<{ state: OpenWindowState; windows: number }>(
      this.#sql,
      `SELECT state, count(*) AS windows FROM windows
       WHERE state IN (SELECT value FROM json_each(?)) AND is_series = 0 GROUP BY state`,
      JSON.stringify(OPEN_WINDOW_STATES),
    );
  }
}
