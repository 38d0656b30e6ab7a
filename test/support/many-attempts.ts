// Makes many uncertain attempts whose cause is an outage, not an answer.
import { runInDurableObject } from "cloudflare:test";
import type { RunUnderTest } from "./run-under-test.ts";

/** Adds uncertain attempts to delivered batches, so the lines of each may have arrived twice. Rows and sums
 * agree. */
export function addTimeouts(run: RunUnderTest, count: number): Promise<void> {
  return runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
    sql.exec(
      `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
       INSERT INTO attempts (batch, attempt, state, cause, detail, lines, started_at, ended_at, followed)
       SELECT (SELECT min(batch) FROM batches WHERE state = 'done'), 1000 + n, 'uncertain', 'timeout', '', 100, 0, 0, 0 FROM n`,
      count,
    );
    sql.exec("UPDATE totals SET uncertain_attempts = uncertain_attempts + ?", count);
  });
}
