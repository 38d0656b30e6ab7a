// Builds the answer of GET /runs/:id/series: intervals of ten seconds for the last hour, minutes for the time before,
// and hours for the oldest part. Reads, never writes.
import { iso } from "../../../src/contract/instants.ts";
import type { SeriesAnswer, SeriesPoint } from "../../../src/contract/series.ts";
import { started, type RunContext } from "../context/context.ts";
import { seriesOf } from "../context/series-state.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import { AckHistogram } from "../receiver/latency.ts";
import { TEN_SECONDS_MS, type Interval, type Minute } from "../receiver/series.ts";

/** A minute of the last hour is shown as intervals of ten seconds. */
const FINE_MS = 60 * 60_000;

/** The points that end after `since` (epoch ms). With null: all points. */
export function series(context: RunContext, since: number | null): SeriesAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const { now, store } = context;
  const from = since ?? 0;
  const { minute, lines } = seriesOf(run.hot);
  const fine = store.series.tensSince(now - FINE_MS);
  const newestFirst: SeriesPoint[] = minute ? tensOf(minute, from) : [];
  for (const row of store.series.newestFirst(from)) {
    const tens = fine.get(row.at);
    if (tens) newestFirst.push(...tensOf({ at: row.at, tens }, from));
    else newestFirst.push(pointOf(row.at, row.seconds, row));
  }
  const lines_without_point = store.totals.read().lines_done - lines;
  const points = newestFirst.toReversed();
  return { ok: true, series: { run: run.row.run_id, as_of: iso(now), points, lines_without_point } };
}

/** The intervals of ten seconds in a minute that end after `since`, newest first. */
function tensOf({ at, tens }: Minute, since: number): SeriesPoint[] {
  return tens
    .map((one) => ({ one, begins: at + one.ten * TEN_SECONDS_MS }))
    .filter(({ begins }) => begins + TEN_SECONDS_MS > since)
    .map(({ one, begins }) => pointOf(begins, TEN_SECONDS_MS / 1_000, one))
    .toReversed();
}

function pointOf(
  at: number,
  seconds: number,
  { lines, posts, failures, target, cap, ack }: Interval,
): SeriesPoint {
  const times = new AckHistogram(ack);
  return {
    at: iso(at),
    seconds,
    lines,
    posts,
    failures,
    target_lines_per_second: target,
    max_lines_per_second: cap,
    ack_ms: { p50: times.quantile(0.5), p95: times.quantile(0.95) },
  };
}
