// Measures the API while a run sends at its cap. 200 requests per second read the status and the lists of the run.
// The bench reports how much slower the run delivers. Runs with requests and runs without requests alternate, because
// the speed of the machine changes from minute to minute. A separate process sends the requests (api-load.ts).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { LoadReport } from "./api-load.ts";
import type { BenchData } from "./data.ts";
import { median } from "./parse-step.ts";
import { figure, type Section } from "./report.ts";
import { measureRun, type Measured, type OtherWork } from "./stack.ts";

const REQUESTS_PER_SECOND = 200;
const LOAD = join(import.meta.dirname, "api-load.ts");

/** The paths that an open page and a searching operator would request. `$` stands for the id of the run. */
const PATHS = [
  "/runs/$",
  "/runs?limit=50",
  "/runs/$/files?limit=100",
  "/runs/$",
  "/runs/$/batches?limit=100",
  "/runs/$/series",
  "/runs/$",
  "/runs/$/events?limit=100",
];

export async function apiSection(data: BenchData, rounds: number, cap: number): Promise<Section> {
  const vars = { MAX_LINES_PER_SECOND: String(cap), PACE_JITTER_MS: "50" };
  const [without, loaded]: [Measured[], Measured[]] = [[], []];
  const load = new Load();
  for (let round = 0; round < rounds; round += 1) {
    const scenario = { name: "with API requests", latencyMs: [50, 400] as [number, number], vars };
    without.push(await measureRun(data, scenario));
    loaded.push(await measureRun(data, { ...scenario, otherWork: load.run }));
  }
  return {
    title: `API during a run at a cap of ${cap} lines/s, ${rounds} interleaved rounds`,
    figures: [
      figure("API, 95th percentile", load.quantile(0.95), "ms", "≤ 50"),
      figure(
        "share of the delivery that is lost",
        1 - rate(loaded) / rate(without),
        "of the rate without requests",
        "≤ 0.03",
      ),
      figure("CPU of the runtime, with requests / without", cpuMs(loaded) / cpuMs(without), "ratio"),
      figure("CPU of the runtime, one request", (cpuMs(loaded) - cpuMs(without)) / load.requests, "ms"),
      figure("CPU of the load generator, one request", load.cpuMs, "ms"),
      figure("API, median", load.quantile(0.5), "ms"),
      figure("API, 99th percentile", load.quantile(0.99), "ms"),
      figure("requests", load.perSecond, "per s"),
      figure("connections lost and tried again", load.lost, "of all requests"),
      figure("delivery without requests, median", rate(without), "lines/s"),
      figure("delivery with requests, median", rate(loaded), "lines/s"),
    ],
  };
}

function rate(runs: Measured[]): number {
  return median(runs.map(({ arrivalRate }) => arrivalRate));
}

function cpuMs(runs: Measured[]): number {
  return runs.reduce((sum, run) => sum + run.cpuMs, 0);
}

/** Collects the reports of the processes that send the requests. They do not wait for earlier answers. So a stall of
 * the server makes the times of all requests longer that were due during the stall. */
class Load {
  readonly #reports: LoadReport[] = [];

  readonly run: OtherWork = async ({ url, token, run }, signal) => {
    const paths = PATHS.map((path) => path.replace("$", run));
    const args = [LOAD, url, token, String(REQUESTS_PER_SECOND), ...paths];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    signal.addEventListener("abort", () => child.stdin.end());
    const [printed, [code]] = await Promise.all([
      text(child.stdout),
      once(child, "exit") as Promise<[number]>,
    ]);
    if (code !== 0) throw new Error(`the load generator ended with ${code}`);
    this.#reports.push(JSON.parse(printed) as LoadReport);
  };

  quantile(q: number): number {
    const sorted = this.#reports.flatMap(({ times }) => times).toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
  }

  get requests(): number {
    return this.#sum(({ times }) => times.length);
  }

  get perSecond(): number {
    return this.requests / this.#sum(({ seconds }) => seconds);
  }

  /** The share of requests whose connection was lost. */
  get lost(): number {
    return this.#sum(({ lost }) => lost) / this.requests;
  }

  /** CPU time of the load generator, in ms per request. */
  get cpuMs(): number {
    return this.#sum((report) => report.cpuMs) / this.requests;
  }

  #sum(of: (report: LoadReport) => number): number {
    return this.#reports.reduce((sum, report) => sum + of(report), 0);
  }
}
