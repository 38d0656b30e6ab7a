// Adds the outcomes that one call of a sender reported to the run's series, within the caller's transaction.
import type { SendReport } from "../../../src/contract/sending.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { limitsOf } from "../context/limits.ts";
import { seriesOf } from "../context/series-state.ts";
import { AckHistogram } from "../receiver/latency.ts";
import { rateOf } from "../receiver/rate.ts";
import { addReported } from "../receiver/series.ts";
import { failureCause } from "../receiver/verdict.ts";

/** `reports`: the reports that the run did not have yet. `lines`: the lines that became delivered by them. */
export function addToSeries(
  { memory, now, store }: RunContext,
  run: StartedRun,
  reports: readonly SendReport[],
  lines: number,
): void {
  const posted = reports.filter(({ outcome }) => outcome.kind !== "not_sent");
  if (posted.length === 0 && lines === 0) return;
  const cap = limitsOf(run.row).maxLinesPerSecond;
  const ack = new AckHistogram([]);
  for (const { ackMs } of posted) if (ackMs !== null) ack.add(ackMs);
  const reported = {
    lines,
    posts: posted.length,
    failures: posted.filter(({ outcome }) => failureCause(outcome) !== null).length,
    target: Math.round(rateOf(memory.limiter.rate, cap, now)),
    cap,
    ack: ack.buckets,
  };
  const { state, over } = addReported(seriesOf(run.hot), reported, now);
  if (over) store.series.add(over);
  store.totals.set({ series_json: JSON.stringify(state) });
}
