// Starts the real stack on the embedded runtime, with a receiver and an entry module that counts operations, and
// makes one backfill run. Owns the order of one measurement. report.ts explains the figures.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ApiClient } from "../local/demo/api-client.ts";
import type { RunStatus } from "../src/contract/views.ts";
import { DevProcess } from "../local/demo/dev-process.ts";
import { Receiver } from "../local/receiver/server.ts";
import { WINDOW, type BenchData } from "./data.ts";
import { ProcessMeter } from "./process-meter.ts";
import { wholeConfig } from "./worker-config.ts";
import type { Counts } from "./worker/counters.ts";

const LIMIT_MS = 600_000;
/** How long after the start the idle memory is measured. The garbage of the start is collected by then. */
const SETTLE_MS = 1_500;
const URI = "/log/edge";

export interface Scenario {
  name: string;
  latencyMs: number | [min: number, max: number];
  vars?: Record<string, string>;
  /** Works while the run is under way. */
  beside?: Beside;
}

/** Work beside a run. Returns soon after `signal`. */
export type Beside = (run: { url: string; token: string; run: string }, signal: AbortSignal) => Promise<void>;

export interface Measured {
  name: string;
  lines: number;
  batches: number;
  files: number;
  /** Seconds from POST /runs, and from the receiver's first request, to the receiver's last answer. */
  wholeSeconds: number;
  sendingSeconds: number;
  /** Lines per second between the arrivals of the first and the last request. */
  arrivalRate: number;
  cpuMs: number;
  idleMiB: number;
  peakMiB: number;
  counts: Counts;
  peakLinesPerSecond: number;
  status: RunStatus;
}

export async function measureRun(data: BenchData, scenario: Scenario): Promise<Measured> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  const key = randomBytes(16).toString("hex");
  const token = randomBytes(16).toString("hex");
  const receiver = await Receiver.start({ uri: URI, key, behaviour: { latency_ms: scenario.latencyMs } });
  let dev: DevProcess | null = null;
  try {
    dev = await DevProcess.start({
      stateDir: join(dir, "state"),
      logsDir: data.logsDir,
      configPath: await wholeConfig(dir, "counted.ts"),
      vars: {
        API_TOKEN: token,
        CTYUN_ENDPOINT: receiver.url,
        CTYUN_URI_EDGE: URI,
        CTYUN_PRIVATE_KEY: key,
        // The log level stays "info", because one log line per batch is a part of the cost.
        ...scenario.vars,
      },
    });
    return await measure(data, scenario, receiver, dev, token);
  } finally {
    await dev?.stop();
    await receiver.stop();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(
  data: BenchData,
  { name, beside }: Scenario,
  receiver: Receiver,
  dev: DevProcess,
  token: string,
): Promise<Measured> {
  const meter = await ProcessMeter.below(dev.pid);
  const api = new ApiClient(dev.url, token);
  await wait(SETTLE_MS);
  const idleMiB = await meter.rssMiB();
  await meter.forgetPeak();
  await fetch(`${dev.url}/_bench/reset`);
  const cpuBefore = await meter.cpuMs();
  const startedAt = Date.now();
  const run = await api.startRun({ ...WINDOW, note: "bench" });
  const isOver = new AbortController();
  const besides = beside?.({ url: dev.url, token, run: run.id }, isOver.signal);
  // A failure is thrown where `besides` is awaited.
  besides?.catch(() => undefined);
  const status = await api.waitUntilDelivered(run.id, LIMIT_MS);
  isOver.abort();
  await besides;
  const cpuMs = (await meter.cpuMs()) - cpuBefore;
  const peakMiB = await meter.peakRssMiB();
  const counts = await (await fetch(`${dev.url}/_bench/counts`)).json<Counts>();
  const { requests } = receiver.tally;
  const stats = receiver.stats();
  if (stats.lines_accepted !== data.kept || stats.distinct_ray_ids !== data.kept) {
    throw new Error(`${stats.lines_accepted} lines were delivered, ${data.kept} were to be`);
  }
  const arrivals = requests.toSorted((a, b) => a.headers_at - b.headers_at);
  const firstAt = arrivals[0]?.headers_at ?? NaN;
  const lastArrival = arrivals.at(-1);
  const lastAt = Math.max(...requests.map((request) => request.answered_at ?? 0));
  return {
    name,
    lines: stats.lines_accepted,
    batches: stats.accepted_requests,
    files: data.files.length,
    wholeSeconds: (lastAt - startedAt) / 1_000,
    sendingSeconds: (lastAt - firstAt) / 1_000,
    // The lines of the last request are not counted, because they belong to the time after its arrival.
    arrivalRate:
      ((stats.lines_received - (lastArrival?.lines ?? 0)) * 1_000) /
      ((lastArrival?.headers_at ?? NaN) - firstAt),
    cpuMs,
    idleMiB,
    peakMiB,
    counts,
    peakLinesPerSecond: stats.peak_lines_per_second.by_headers,
    status,
  };
}
