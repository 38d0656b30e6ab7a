// Every metric of GET /metrics, in the order of the answer. To add a metric, add an entry to a list, and a row to
// docs/reference/metrics.md. Does no I/O.
import { AUTO_REPLAY_STATES } from "../../contract/auto-replay.ts";
import { CELL_NAMES } from "../../contract/coverage-metrics.ts";
import { OPEN_WINDOW_STATES, type RegistryMetrics } from "../../contract/registry-metrics.ts";
import { STAGES } from "../../contract/states.ts";
import type { MetricFamily, Sample } from "./metric-text.ts";
import { RUN_FAMILIES } from "./run-families.ts";
import type { ReceiverFigures, Scrape } from "./scrape.ts";

type Values = readonly [labels: Record<string, string>, value: number][];

/** Builds samples from the figures of each receiver. A receiver has no sample if its registry did not answer. */
function ofReceivers(values: (figures: ReceiverFigures) => Values): (scrape: Scrape) => Sample[] {
  return ({ receivers }) =>
    receivers.flatMap((figures) =>
      values(figures).map(([labels, value]) => ({
        labels: { receiver: figures.receiver, ...labels },
        value,
      })),
    );
}

function ofRegistry(values: (registry: RegistryMetrics) => Values): (scrape: Scrape) => Sample[] {
  return ofReceivers(({ registry }) => values(registry));
}

function one(value: number): Values {
  return [[{}, value]];
}

const DEPLOYMENT: readonly MetricFamily<Scrape>[] = [
  {
    name: "backfill_info",
    help: "Always 1. The labels show the version and the receiver of the deployment.",
    type: "gauge",
    labels: ["version", "receiver"],
    samples: ({ version, receiver }) => [{ labels: { version, receiver }, value: 1 }],
  },
  {
    name: "backfill_enabled",
    help: '1 while the kill switch is "true", and all vars and secrets can be used.',
    type: "gauge",
    labels: ["receiver"],
    samples: ({ receiver, isEnabled }) => [{ labels: { receiver }, value: Number(isEnabled) }],
  },
  {
    name: "backfill_source_up",
    help: "1 if this Durable Object answered the scrape. Otherwise its metrics are absent.",
    type: "gauge",
    labels: ["source"],
    samples: ({ isRegistryUp, coverage, notifications }) => [
      { labels: { source: "registry" }, value: Number(isRegistryUp) },
      { labels: { source: "coverage" }, value: Number(coverage !== null) },
      { labels: { source: "notifier" }, value: Number(notifications !== null) },
    ],
  },
];

const RECEIVER: readonly MetricFamily<Scrape>[] = [
  {
    name: "backfill_slot_held",
    help: "1 while a run has the receiver's slot, the right to send.",
    type: "gauge",
    labels: ["receiver"],
    samples: ofRegistry(({ slotHolder }) => one(Number(slotHolder !== null))),
  },
  {
    name: "backfill_runs",
    help: "Runs by stage: unfinished runs, and runs that ended in the last 24 h.",
    type: "gauge",
    labels: ["receiver", "stage"],
    samples: ofRegistry(({ runs }) => STAGES.map((stage) => [{ stage }, runs[stage] ?? 0])),
  },
  {
    name: "backfill_runs_left_out",
    help: "Unfinished runs that have no metrics of their own, because 20 other runs of the receiver are more urgent.",
    type: "gauge",
    labels: ["receiver"],
    samples: ofRegistry(({ leftOut }) => one(leftOut)),
  },
  {
    name: "backfill_runs_silent",
    help: "Unfinished runs that did not answer this scrape. They have no metrics of their own.",
    type: "gauge",
    labels: ["receiver"],
    samples: ofReceivers(({ silentRuns }) => one(silentRuns)),
  },
  {
    name: "backfill_queue_windows",
    help: "Windows of the window queue that are not settled, by state.",
    type: "gauge",
    labels: ["receiver", "state"],
    samples: ofRegistry(({ queue }) =>
      OPEN_WINDOW_STATES.map((state) => [{ state }, queue.windows[state] ?? 0]),
    ),
  },
  {
    name: "backfill_queue_paused",
    help: "1 while an operator pauses the window queue.",
    type: "gauge",
    labels: ["receiver"],
    samples: ofRegistry(({ queue }) => one(Number(queue.isPaused))),
  },
];

const COVERAGE: readonly MetricFamily<Scrape>[] = [
  {
    name: "backfill_coverage_cells",
    help: "Cells of 5 minutes of the last 24 h by state, as of the newest listing.",
    type: "gauge",
    labels: ["state"],
    samples: ({ coverage }) =>
      coverage === null
        ? []
        : Object.values(CELL_NAMES).map((state) => ({ labels: { state }, value: coverage.cells[state] })),
  },
  {
    name: "backfill_coverage_hole_cells",
    help: "Cells of 5 minutes of the last 24 h that were not delivered completely, by whether a run replays them.",
    type: "gauge",
    labels: ["replayed"],
    samples: ({ holes }) =>
      holes === null
        ? []
        : [
            { labels: { replayed: "no" }, value: holes.open },
            { labels: { replayed: "yes" }, value: holes.replayed },
          ],
  },
  {
    name: "backfill_coverage_as_of_timestamp_seconds",
    help: "When the newest listing of coverage began. Absent before the first listing.",
    type: "gauge",
    labels: [],
    samples: ({ coverage }) =>
      coverage === null || coverage.asOf === null ? [] : [{ labels: {}, value: coverage.asOf / 1_000 }],
  },
  {
    name: "backfill_auto_replay_proposals",
    help: "Holes that AUTO_REPLAY found in the last 30 days, by state.",
    type: "gauge",
    labels: ["state"],
    samples: ({ coverage }) =>
      coverage === null
        ? []
        : AUTO_REPLAY_STATES.map((state) => ({ labels: { state }, value: coverage.proposals[state] })),
  },
];

const NOTIFICATIONS: readonly MetricFamily<Scrape>[] = [
  {
    name: "backfill_notifications_total",
    help: "Notifications by channel and outcome.",
    type: "counter",
    labels: ["channel", "outcome"],
    samples: ({ notifications }) =>
      (notifications ?? []).map(({ channel, outcome, count }) => ({
        labels: { channel, outcome },
        value: count,
      })),
  },
];

export const FAMILIES: readonly MetricFamily<Scrape>[] = [
  ...DEPLOYMENT,
  ...RECEIVER,
  ...RUN_FAMILIES,
  ...NOTIFICATIONS,
  ...COVERAGE,
];
