// A run's row → its line in GET /runs. Pure.
import type { RunSummary } from "./api.ts";
import { isoSecond } from "./instants.ts";
import type { RunRow } from "./store.ts";

export function summaryOf(row: RunRow, holder: string | null): RunSummary {
  const { parse, note, actor } = row.spec;
  return {
    id: row.runId,
    created_at: isoSecond(row.createdAt),
    start: isoSecond(parse.startMs),
    end: isoSecond(parse.endMs),
    end_exclusive: parse.endExclusive,
    stage_code: row.stage,
    summary: row.summary,
    note,
    actor,
    active: row.runId === holder,
    finished: row.finished,
    sent_something: row.sentSomething,
    log_lines_sent: row.logLinesSent,
  };
}
