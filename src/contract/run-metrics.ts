// Defines what GET /metrics shows of one run. Plain data that crosses RPC. src/http/metrics turns it into text.
import type { BatchState, FileState, Stage } from "./states.ts";

/** Upper bounds of the histogram of answer times, in ms. Powers of two, because the runs count in such buckets. */
export const ANSWER_BOUNDS_MS = Array.from({ length: 15 }, (_, n) => 2 ** (n + 4));

/** The states of kept lines. Each kept line is in exactly one of them. */
export const LINE_STATES = ["sent", "pending", "refused", "held", "discarded"] as const;
export type LineState = (typeof LINE_STATES)[number];

export interface RunMetrics {
  run: string;
  stage: Stage;
  /** The code of the stage's reason. Null: the stage has none. */
  reason: string | null;
  /** Epoch ms. */
  stageSince: number;
  kept: number;
  lines: Record<LineState, number>;
  duplicateLines: { certain: number; possible: number };
  files: Record<FileState, number>;
  batches: Record<BatchState, number>;
  linesPerSecond: { delivered: number; target: number; cap: number };
  /** From 0 to 1. */
  progress: number;
  /** Null: no forecast is possible. */
  etaSeconds: number | null;
  exceptions: number;
  /** Epoch ms. Null: no POST has ended. */
  lastPostEndedAt: number | null;
  answers: AnswerTimes;
  /** POSTs that failed, by cause. Counts survive an eviction. */
  postFailures: Record<string, number>;
}

/** Answer times of POSTs. The counts survive an eviction and never fall. */
export interface AnswerTimes {
  /** How many answers took at most each of `ANSWER_BOUNDS_MS`. */
  withinBounds: number[];
  count: number;
  sumMs: number;
}
