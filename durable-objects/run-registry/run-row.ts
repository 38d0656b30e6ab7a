// A row of the table of runs, and how its columns are read. Does no I/O.
import type { RunSpec } from "../../src/contract/run.ts";
import type { Stage } from "../../src/contract/states.ts";

export interface RunRow {
  runId: string;
  createdAt: number;
  spec: RunSpec;
  stage: Stage;
  summary: string;
  finished: boolean;
  started: boolean;
  sentSomething: boolean;
  logLinesSent: number;
  /** Null until the run reports after migration 0002. */
  exceptions: number | null;
  startedAt: number | null;
  deliveredAt: number | null;
  endedAt: number | null;
}

export const RUN_COLUMNS = `run_id, created_at, spec, stage, summary, finished, started, sent_something, log_lines_sent, exceptions,
  started_at, delivered_at, ended_at`;
export type RunColumns = {
  run_id: string;
  created_at: number;
  spec: string;
  stage: Stage;
  summary: string;
  finished: number;
  started: number;
  sent_something: number;
  log_lines_sent: number;
  exceptions: number | null;
  started_at: number | null;
  delivered_at: number | null;
  ended_at: number | null;
};

export function runRow(row: RunColumns): RunRow {
  return {
    runId: row.run_id,
    createdAt: row.created_at,
    spec: specOf(row.spec),
    stage: row.stage,
    summary: row.summary,
    finished: row.finished === 1,
    started: row.started === 1,
    sentSomething: row.sent_something === 1,
    logLinesSent: row.log_lines_sent,
    exceptions: row.exceptions,
    startedAt: row.started_at,
    deliveredAt: row.delivered_at,
    endedAt: row.ended_at,
  };
}

export function specOf(json: string): RunSpec {
  return JSON.parse(json);
}
