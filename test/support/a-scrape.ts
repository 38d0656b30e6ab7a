// Figures for every metric that a scrape can contain, for tests of the text of GET /metrics.
import { AUTO_REPLAY_STATES } from "../../src/contract/auto-replay.ts";
import { CELL_NAMES, type CoverageMetrics } from "../../src/contract/coverage-metrics.ts";
import type { RegistryMetrics } from "../../src/contract/registry-metrics.ts";
import type { RunMetrics } from "../../src/contract/run-metrics.ts";
import { BATCH_STATES, FILE_STATES } from "../../src/contract/states.ts";
import type { Scrape } from "../../src/http/metrics/scrape.ts";
import { AckHistogram } from "../../durable-objects/backfill-run/receiver/latency.ts";
import { postMetrics } from "../../durable-objects/backfill-run/views/run-metrics.ts";

export const RUN_ID = "20260422T140000Z_20260422T150000Z_20260423T010203Z";

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

export function runMetrics(over: Partial<RunMetrics> = {}): RunMetrics {
  const ack = new AckHistogram([]);
  for (const ms of [80, 90, 400, 700, 400_000]) ack.add(ms);
  return {
    run: RUN_ID,
    stage: "sending",
    reason: "slowed",
    stageSince: 1_776_906_123_000,
    kept: 1_550_000,
    lines: { sent: 1_240_000, pending: 310_000, refused: 0, held: 0, discarded: 0 },
    duplicateLines: { certain: 0, possible: 1_000 },
    files: { ...zeros(FILE_STATES), closed: 96 },
    batches: { ...zeros(BATCH_STATES), done: 1_240, pending: 310 },
    linesPerSecond: { delivered: 19_800, target: 20_000, cap: 20_000 },
    progress: 0.8,
    etaSeconds: 16,
    exceptions: 0,
    lastPostEndedAt: 1_776_906_201_250,
    ...postMetrics({ ack, failures: { http_503: 2, storage: 1 } }),
    ...over,
  };
}

const REGISTRY: RegistryMetrics = {
  runs: { sending: 1, cleaned: 3 },
  slotHolder: RUN_ID,
  shown: [RUN_ID],
  leftOut: 0,
  queue: { windows: { queued: 2 }, isPaused: false },
};

export const COVERAGE: CoverageMetrics = {
  cells: { ...zeros(Object.values(CELL_NAMES)), delivered: 276, not_delivered: 12 },
  holeCells: Array.from({ length: 12 }, (_, n) => 1_776_900_000_000 + n * 300_000),
  asOf: 1_776_906_000_000,
  proposals: { ...zeros(AUTO_REPLAY_STATES), proposed: 1 },
};

export function aScrape(over: Partial<Scrape> = {}): Scrape {
  return {
    version: "0.1.0",
    receiver: "ctyun",
    isEnabled: true,
    receivers: [{ receiver: "ctyun", registry: REGISTRY, silentRuns: 0 }],
    isRegistryUp: true,
    coverage: COVERAGE,
    holes: { replayed: 4, open: 8 },
    notifications: [
      { channel: "feishu-oncall", outcome: "delivered", count: 3 },
      { channel: "feishu-oncall", outcome: "given_up", count: 0 },
    ],
    runs: [runMetrics()],
    ...over,
  };
}
