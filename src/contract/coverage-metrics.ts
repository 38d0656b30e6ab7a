// Defines what GET /metrics shows of the coverage of the last 24 hours. Plain data that crosses RPC.
import type { AutoReplayState } from "./auto-replay.ts";

/** The name in the metrics for each letter of a cell. */
export const CELL_NAMES = {
  d: "delivered",
  p: "partly_delivered",
  n: "not_delivered",
  w: "waiting",
  e: "no_file",
  t: "few_files",
  s: "too_recent",
  "?": "unknown",
  ".": "not_looked_at",
} as const;
export type CellName = (typeof CELL_NAMES)[keyof typeof CELL_NAMES];

export interface CoverageMetrics {
  /** Cells of the last 24 hours, by state. */
  cells: Record<CellName, number>;
  /** Starts of the cells that are not wholly delivered (n, p, w). Epoch ms, oldest first. */
  holeCells: number[];
  /** The age of the figures: when the oldest listing behind the figures began, in epoch ms. Null: no hour
   * was listed. */
  asOf: number | null;
  /** What watching for holes has proposed and still remembers, by state. */
  proposals: Record<AutoReplayState, number>;
}
