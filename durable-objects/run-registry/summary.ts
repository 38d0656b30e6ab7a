// Turns a run's row into its entry of GET /runs. Does no I/O.
import type { RunSummary } from "../../src/contract/registry.ts";
import { shownReceiver } from "../../src/contract/receivers.ts";
import { isoSecond } from "../../src/contract/run-id.ts";
import type { RunRow } from "./run-row.ts";

export function summaryOf(row: RunRow, holder: string | null, now: number): RunSummary {
  const { parse, note, actor } = row.spec;
  const seconds = row.startedAt === null ? null : ((row.endedAt ?? now) - row.startedAt) / 1_000;
  return {
    id: row.runId,
    receiver: shownReceiver(row.spec.receiver),
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
    dry_run: row.spec.dryRun === true,
    sent_something: row.sentSomething,
    log_lines_sent: row.logLinesSent,
    exceptions: row.exceptions,
    delivered_at: row.deliveredAt === null ? null : new Date(row.deliveredAt).toISOString(),
    duration_seconds: seconds === null ? null : Math.max(0, Math.round(seconds)),
    // A duration below one second counts as one second, so that the rate is finite.
    lines_per_second_avg: seconds === null ? null : Math.round(row.logLinesSent / Math.max(1, seconds)),
  };
}
