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
import type { NamedReceivers } from "../../platform/named-receivers.ts";
import type { Log } from "../../platform/log.ts";
import { coverageObject, notifierObject, registryObject, runObject } from "../../platform/objects.ts";
import { VERSION } from "../../platform/version.ts";
import { allRegistries } from "../registries.ts";

/** How long to wait for the registry, coverage and the Notifier, and then again for the runs. Prometheus gives up
 * after 10 s by default. */
export const ANSWER_WITHIN_MS = 3_000;

/** The figures of one receiver, whose registry answered. */
export interface ReceiverFigures {
  /** RECEIVER_ID for the first receiver, and the name in RECEIVERS for any other. */
  receiver: string;
  registry: RegistryMetrics;
  /** How many runs of `registry.shown` did not answer. */
  silentRuns: number;
}

export interface Scrape {
  version: string;
  /** RECEIVER_ID. "" if it cannot be read. */
  receiver: string;
  /** True: the kill switch is "true", and all vars and secrets are usable. */
  isEnabled: boolean;
  /** The receivers whose registries answered, the first receiver first. */
  receivers: readonly ReceiverFigures[];
  /** True: every registry answered. */
  isRegistryUp: boolean;
  /** Null: the Durable Object did not answer. */
  coverage: CoverageMetrics | null;
  /** How many cells of `coverage.holeCells` a run replays, and how many no run replays. Null: not known. */
  holes: { replayed: number; open: number } | null;
  notifications: readonly ChannelCount[] | null;
  runs: readonly RunMetrics[];
}

export interface Scraped {
  env: Env;
  /** Null: RECEIVER_ID cannot be read. */
  receiverId: string | null;
  /** The receivers of RECEIVERS. Empty if a var cannot be used. The runs of receivers that were used are shown anyway. */
  namedReceivers: NamedReceivers;
  isEnabled: boolean;
  log: Log;
}

export async function scrape(asked: Scraped): Promise<Scrape> {
  const { env, receiverId, isEnabled, log } = asked;
  const silent: string[] = [];
  const answered: Answered = (name, answer) =>
    within(answer, ANSWER_WITHIN_MS).catch((error: unknown) => {
      silent.push(`${name}: ${String(error)}`);
      return null;
    });
  const [registries, coverage, notifications] = await Promise.all([
    registriesOf(asked, answered),
    answered("coverage", coverageObject(env).metrics()),
    answered("notifier", notifierObject(env).counts()),
  ]);
  const up = registries.flatMap(({ receiver, metrics }) => (metrics === null ? [] : [{ receiver, metrics }]));
  const shown = up.flatMap(({ metrics }) => metrics.shown);
  const cells = coverage?.holeCells ?? [];
  const [covering, ...answers] = await Promise.all([
    receiverId === null || cells.length === 0
      ? []
      : // The live worker delivers to the first receiver, so only its runs replay a hole.
        answered("registry", registryObject(env, receiverId).covering(...spanOf(cells))),
    ...shown.map((run) => answered(run, runObject(env, run).metrics())),
  ]);
  const runs = answers.flatMap((answer) => (answer?.ok ? [answer.metrics] : []));
  if (silent.length > 0) log("warn", "http.metrics_incomplete", { silent });
  const heard = new Set(runs.map(({ run }) => run));
  return {
    version: VERSION,
    receiver: receiverId ?? "",
    isEnabled,
    receivers: up.map(({ receiver, metrics }) => ({
      receiver: receiver ?? receiverId ?? "",
      registry: metrics,
      silentRuns: metrics.shown.filter((run) => !heard.has(run)).length,
    })),
    isRegistryUp: registries.length > 0 && up.length === registries.length,
    coverage,
    holes: coverage === null || covering === null ? null : holesOf(cells, covering),
    notifications,
    runs,
  };
}

type Answered = <T>(name: string, answer: Promise<T>) => Promise<T | null>;

/** The figures of every registry. `metrics` null: the registry did not answer. */
async function registriesOf(
  { env, receiverId, namedReceivers }: Scraped,
  answered: Answered,
): Promise<{ receiver: string | null; metrics: RegistryMetrics | null }[]> {
  if (receiverId === null) return [];
  const deployment = { env, config: { receiverId, namedReceivers } };
  const all = await answered("registry", allRegistries(deployment));
  if (all === null) return [{ receiver: null, metrics: null }];
  return Promise.all(
    all.map(async ({ receiver, registry }) => {
      const name = receiver === null ? "registry" : `registry ${receiver}`;
      return { receiver, metrics: await answered(name, registry.metrics()) };
    }),
  );
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
