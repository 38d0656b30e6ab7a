// The metrics that each unfinished run has. Does no I/O.
import { BATCH_STATES, FILE_STATES } from "../../contract/states.ts";
import { ANSWER_BOUNDS_MS, LINE_STATES, type RunMetrics } from "../../contract/run-metrics.ts";
import type { MetricFamily, Sample } from "./metric-text.ts";
import type { Scrape } from "./scrape.ts";

type Labels = Record<string, string>;

/** The samples of every run, each with the label `run`. A null value gives no sample. */
function ofRuns(values: (run: RunMetrics) => readonly [labels: Labels, value: number | null][]) {
  return ({ runs }: Scrape): Sample[] =>
    runs.flatMap((one) =>
      values(one).flatMap(([labels, value]) =>
        value === null ? [] : [{ labels: { run: one.run, ...labels }, value }],
      ),
    );
}

function ofRun(value: (run: RunMetrics) => number | null): (scrape: Scrape) => Sample[] {
  return ofRuns((run) => [[{}, value(run)]]);
}

function byState<State extends string>(
  states: readonly State[],
  counts: (run: RunMetrics) => Record<State, number>,
): (scrape: Scrape) => Sample[] {
  return ofRuns((run) => states.map((state) => [{ state }, counts(run)[state]]));
}

export const RUN_FAMILIES: readonly MetricFamily<Scrape>[] = [
  {
    name: "backfill_run_stage",
    help: "1 for the present stage of an unfinished run, with its reason code. At most 20 runs of a receiver.",
    type: "gauge",
    labels: ["run", "stage", "reason"],
    samples: ofRuns(({ stage, reason }) => [[{ stage, reason: reason ?? "" }, 1]]),
  },
  {
    name: "backfill_run_stage_since_timestamp_seconds",
    help: "When the run entered its stage.",
    type: "gauge",
    labels: ["run"],
    samples: ofRun(({ stageSince }) => stageSince / 1_000),
  },
  {
    name: "backfill_run_lines",
    help: "Kept lines by state of their batch. The states add up to the kept lines.",
    type: "gauge",
    labels: ["run", "state"],
    samples: byState(LINE_STATES, ({ lines }) => lines),
  },
  {
    name: "backfill_run_lines_sent_total",
    help: "Lines that were delivered. Falls only when an operator makes the run parse a file again.",
    type: "counter",
    labels: ["run"],
    samples: ofRun(({ lines }) => lines.sent),
  },
  {
    name: "backfill_run_duplicate_lines",
    help: "Lines that the receiver accepted more than once: the certain ones, and an upper bound of the possible ones.",
    type: "gauge",
    labels: ["run", "certainty"],
    samples: ofRuns(({ duplicateLines: { certain, possible } }) => [
      [{ certainty: "certain" }, certain],
      [{ certainty: "possible" }, possible],
    ]),
  },
  {
    name: "backfill_run_files",
    help: "Files by state.",
    type: "gauge",
    labels: ["run", "state"],
    samples: byState(FILE_STATES, ({ files }) => files),
  },
  {
    name: "backfill_run_batches",
    help: "Batches by state.",
    type: "gauge",
    labels: ["run", "state"],
    samples: byState(BATCH_STATES, ({ batches }) => batches),
  },
  {
    name: "backfill_run_lines_per_second",
    help: "Lines delivered per second in the last 10 s, the rate limiter's target, and the cap.",
    type: "gauge",
    labels: ["run", "kind"],
    samples: ofRuns(({ linesPerSecond: { delivered, target, cap } }) => [
      [{ kind: "delivered" }, delivered],
      [{ kind: "target" }, target],
      [{ kind: "cap" }, cap],
    ]),
  },
  {
    name: "backfill_run_progress_ratio",
    help: "From 0 to 1. 1 only when the run is delivered, or when a dry run has counted all lines.",
    type: "gauge",
    labels: ["run"],
    samples: ofRun(({ progress }) => progress),
  },
  {
    name: "backfill_run_eta_seconds",
    help: "How long the rest of the work takes. Absent while no forecast is possible.",
    type: "gauge",
    labels: ["run"],
    samples: ofRun(({ etaSeconds }) => etaSeconds),
  },
  {
    name: "backfill_run_exceptions",
    help: "The number of decisions by operators, and of files that were read only in part.",
    type: "gauge",
    labels: ["run"],
    samples: ofRun(({ exceptions }) => exceptions),
  },
  {
    name: "backfill_run_last_post_timestamp_seconds",
    help: "When the last POST ended. Absent before the first POST.",
    type: "gauge",
    labels: ["run"],
    samples: ofRun(({ lastPostEndedAt }) => lastPostEndedAt && lastPostEndedAt / 1_000),
  },
  {
    name: "backfill_post_duration_seconds",
    help: "Answer times of POSTs. A POST without an answer is not counted.",
    type: "histogram",
    labels: ["run"],
    samples: ({ runs }) =>
      runs.map(({ run, answers: { withinBounds, count, sumMs } }) => ({
        labels: { run },
        upTo: ANSWER_BOUNDS_MS.map((ms, n) => ({ bound: ms / 1_000, count: withinBounds[n] ?? 0 })),
        count,
        sum: sumMs / 1_000,
      })),
  },
  {
    name: "backfill_post_failures_total",
    help: "POSTs that failed, by cause.",
    type: "counter",
    labels: ["run", "cause"],
    samples: ofRuns(({ postFailures }) =>
      Object.entries(postFailures).map(([cause, count]) => [{ cause }, count]),
    ),
  },
];
