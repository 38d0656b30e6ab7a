// Gathers the figures for one answer of GET /metrics. Calls all Durable Objects at the same time and waits a
// limited time for each. If a Durable Object does not answer, its metrics are missing, and a metric and a log event
// show this.
import type { CoverageMetrics } from "../../contract/coverage-metrics.ts";
import type { ChannelCount } from "../../contract/notifications.ts";
import type { RegistryMetrics } from "../../contract/registry-metrics.ts";
import { CELL_MS } from "../../contract/coverage.ts";
import type { CoveringRun } from "../../contract/registry.ts";
import type { RunMetrics } from "../../contract/run-metrics.ts";
import type { Env } from "../../platform/env.ts";
import type { Log } from "../../platform/log.ts";
import { coverageObject, notifierObject, registryObject, runObject } from "../../platform/objects.ts";
import { VERSION } from "../../platform/version.ts";

/** How long to wait for the registry, coverage and the Notifier, and then again for the runs. Prometheus gives up
 * after 10 s by default. */
export const ANSWER_WITHIN_MS = 3_000;

export interface Scrape {
  version: string;
  /** "" if RECEIVER_ID cannot be read. */
  receiver: string;
  /** True: the kill switch is "true", and all vars and secrets are usable. */
  isEnabled: boolean;
  /** Null: the Durable Object did not answer. */
  registry: RegistryMetrics | null;
  coverage: CoverageMetrics | null;
  /** How many cells of `coverage.holeCells` a run replays, and how many no run replays. Null: not known. */
  holes: { replayed: number; open: number } | null;
  notifications: readonly ChannelCount[] | null;
  runs: readonly RunMetrics[];
  /** How many runs of `registry.shown` did not answer. */
  silentRuns: number;
}

export interface Scraped {
  env: Env;
  /** Null: RECEIVER_ID cannot be read. */
  receiverId: string | null;
  isEnabled: boolean;
  log: Log;
}

export async function scrape({ env, receiverId, isEnabled, log }: Scraped): Promise<Scrape> {
  const silent: string[] = [];
  const answered = <T>(name: string, asked: Promise<T>): Promise<T | null> =>
    within(asked, ANSWER_WITHIN_MS).catch((error: unknown) => {
      silent.push(`${name}: ${String(error)}`);
      return null;
    });
  const [registry, coverage, notifications] = await Promise.all([
    receiverId === null ? null : answered("registry", registryObject(env, receiverId).metrics()),
    answered("coverage", coverageObject(env).metrics()),
    answered("notifier", notifierObject(env).counts()),
  ]);
  const shown = registry?.shown ?? [];
  const cells = coverage?.holeCells ?? [];
  const [covering, ...answers] = await Promise.all([
    receiverId === null || cells.length === 0
      ? []
      : answered("registry", registryObject(env, receiverId).covering(...spanOf(cells))),
    ...shown.map((run) => answered(run, runObject(env, run).metrics())),
  ]);
  const runs = answers.flatMap((answer) => (answer?.ok ? [answer.metrics] : []));
  if (silent.length > 0) log("warn", "http.metrics_incomplete", { silent });
  return {
    version: VERSION,
    receiver: receiverId ?? "",
    isEnabled,
    registry,
    coverage,
    holes: coverage === null || covering === null ? null : holesOf(cells, covering),
    notifications,
    runs,
    silentRuns: shown.length - runs.length,
  };
}

function spanOf(cells: readonly number[]): [startMs: number, endMs: number] {
  const [first = 0, last = first] = [cells[0], cells.at(-1)];
  return [first, last + CELL_MS];
}

/** Divides the cells of holes into replayed and open ones. A cell counts as replayed if a run sends any lines of
 * it, because a hole may begin or end inside a cell. Does no I/O. */
export function holesOf(cells: readonly number[], runs: readonly CoveringRun[]): Scrape["holes"] {
  const sending = runs.filter(({ sends }) => sends);
  const isReplayed = (cell: number) =>
    sending.some(({ startMs, endMs }) => startMs < cell + CELL_MS && endMs > cell);
  const replayed = cells.filter(isReplayed).length;
  return { replayed, open: cells.length - replayed };
}

/** @throws Error when the answer takes longer than `ms`. */
async function within<T>(asked: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
