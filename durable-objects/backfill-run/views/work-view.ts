// The part of the status about the run's work: time, rates, bytes, operations and cost.
import { costOf, type Work, type WorkView } from "../../../src/contract/work.ts";
import type { RunRow } from "../ledger/run-row.ts";
import { TEN_SECONDS_MS, type SeriesState } from "../receiver/series.ts";
import { endOfWork } from "../stage/end-of-work.ts";
import type { StageNow } from "../stage/stages.ts";

/** `work` is null when older code started the run. */
export function workView(
  row: Pick<RunRow, "started_at" | "delivered_at" | "ended_at">,
  stage: StageNow["stage"],
  { work, series, linesSent }: { work: Work | null; series: SeriesState; linesSent: number },
  now: number,
): WorkView {
  const seconds = Math.max(0, ((endOfWork(row, stage) ?? now) - row.started_at) / 1_000);
  // A duration below one second counts as one second, so that the rate is finite.
  const average = Math.round(linesSent / Math.max(1, seconds));
  const busiest = Math.round((series.peak * 1_000) / TEN_SECONDS_MS);
  // A run that sends for less than ten seconds does not fill an interval of the series. Its average while it sent is
  // then the higher figure. An average over pauses would fall while the run waits.
  const sendingSeconds = Math.min(seconds, (work?.sendingMs || seconds * 1_000) / 1_000);
  const whileSending = Math.round(linesSent / Math.max(1, sendingSeconds));
  return {
    duration_seconds: Math.round(seconds),
    lines_per_second_avg: average,
    lines_per_second_peak: work === null || series.minute === null ? null : Math.max(busiest, whileSending),
    sending_seconds: work && Math.round(work.sendingMs / 100) / 10,
    bytes: work && { read: work.bytesRead, inflated: work.bytesInflated, sent: work.bytesSent },
    operations: work && {
      r2_class_a: work.classA,
      r2_class_b: work.classB,
      object_requests: work.objectRequests,
      object_rows_written: work.rowsWritten,
      object_rows_read: work.rowsRead,
      queue_messages: work.queueMessages,
    },
    cost_usd: work && costOf(work, seconds),
  };
}
