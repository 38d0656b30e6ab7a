// Defines what GET /metrics shows of a receiver's registry. Plain data that crosses RPC.
import type { Stage } from "./states.ts";

/** The most runs with metrics of their own. Each needs about 80 time series in Prometheus. */
export const MOST_RUNS_SHOWN = 20;

/** The states in which a window of the queue is not yet settled. */
export const OPEN_WINDOW_STATES = ["queued", "running", "blocked", "needs_attention"] as const;
export type OpenWindowState = (typeof OPEN_WINDOW_STATES)[number];

export interface RegistryMetrics {
  /** Unfinished runs, and runs that ended within the last 24 hours. A stage without a run is absent. */
  runs: Partial<Record<Stage, number>>;
  slotHolder: string | null;
  /** The unfinished runs to show, most urgent first. */
  shown: string[];
  /** How many unfinished runs are not in `shown`. */
  leftOut: number;
  queue: { windows: Partial<Record<OpenWindowState, number>>; isPaused: boolean };
}
