// The registry's figures for GET /metrics, and which runs have metrics of their own.
import { MOST_RUNS_SHOWN, type RegistryMetrics } from "../../src/contract/registry-metrics.ts";
import type { Stage } from "../../src/contract/states.ts";
import type { UnfinishedRun } from "./metric-rows.ts";
import type { RegistryStore } from "./store.ts";
import { DAY_MS } from "../../src/contract/time-units.ts";

/** The order of the stages: stages that need a person come first, then stages of work. So an alert still fires when
 * too many runs are unfinished to show all. */
const URGENCY: readonly Stage[] = [
  "needs_attention",
  "suspended",
  "paused",
  "aborting",
  "sending",
  "scanning_and_queueing",
  "counting",
  "sent_waiting_cleanup",
  "counted",
  "aborted",
  "cleaned",
];

/** The runs to show: the owner of the slot, then the most urgent runs, the newest first. Does no I/O. */
function runsToShow(
  unfinished: readonly UnfinishedRun[],
  holder: string | null,
): Pick<RegistryMetrics, "shown" | "leftOut"> {
  const rank = ({ runId, stage }: UnfinishedRun) => (runId === holder ? -1 : URGENCY.indexOf(stage));
  const sorted = unfinished.toSorted((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt);
  const shown = sorted.slice(0, MOST_RUNS_SHOWN).map(({ runId }) => runId);
  return { shown, leftOut: unfinished.length - shown.length };
}

export function registryMetrics(store: RegistryStore, now: number): RegistryMetrics {
  const { holder } = store.slot();
  const runs = store.metrics.runsByStage(now - DAY_MS).map((row) => [row.stage, row.runs] as const);
  const windows = store.metrics.openWindows().map((row) => [row.state, row.windows] as const);
  return {
    runs: Object.fromEntries(runs),
    slotHolder: holder,
    ...runsToShow(store.metrics.unfinished(), holder),
    queue: { windows: Object.fromEntries(windows), isPaused: store.queue.pause() !== null },
  };
}
