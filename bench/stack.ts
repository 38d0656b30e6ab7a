// Measures one backfill run. Starts a receiver and the whole Worker on the embedded runtime, with an entry module
// that counts operations. report.ts explains the figures.
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
/** The memory of the idle runtime is measured this many ms after its start. By then, garbage of the start has been
 * collected. */
const SETTLE_MS = 1_500;
const URI = "/log/edge";

export interface Scenario {
  name: string;
  latencyMs: number | [min: number, max: number];
  vars?: Record<string, string>;
  /** Other work that is done while the run sends. */
  otherWork?: OtherWork;
}

/** Does other work while the run sends. Returns soon after `signal`. */
export type OtherWork = (
  run: { url: string; token: string; run: string },
  signal: AbortSignal,
) => Promise<void>;

export interface Measured {
  name: string;
  lines: number;
  batches: number;
  files: number;
  /** Seconds from POST /runs to the receiver's last answer. `sendingSeconds` starts with the receiver's first request
   * instead. */
  wholeSeconds: number;
  sendingSeconds: number;
  /** Lines per second between the arrival of the first request and the arrival of the last one. */
  arrivalRate: number;
  cpuMs: number;
  idleMiB: number;
  peakMiB: number;
  counts: Counts;
  peakLinesPerSecond: number;
  /** When each request arrived at the receiver, in epoch ms, ascending. */
  arrivals: { at: number; lines: number }[];
  status: RunStatus;
  /** The lines that the Worker has logged. */
  log: readonly string[];
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
        // LOG_LEVEL stays "info", because the log line of each batch is a part of the cost.
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
  { name, otherWork }: Scenario,
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
  const working = otherWork?.({ url: dev.url, token, run: run.id }, isOver.signal);
  // Prevents an unhandled rejection. `await` below throws the error.
  working?.catch(() => undefined);
  const status = await api.waitUntilDelivered(run.id, LIMIT_MS);
  isOver.abort();
  await working;
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
    // The lines of the last request do not count, because they are sent after the end of the measured time.
    arrivalRate:
      ((stats.lines_received - (lastArrival?.lines ?? 0)) * 1_000) /
      ((lastArrival?.headers_at ?? NaN) - firstAt),
    cpuMs,
    idleMiB,
    peakMiB,
    counts,
    peakLinesPerSecond: stats.peak_lines_per_second.by_headers,
    arrivals: arrivals.map((request) => ({ at: request.headers_at, lines: request.lines })),
    status,
    log: [...dev.output],
  };
}
