// Measures the API while a run sends at its cap. 200 requests per second read the status and the lists of the run.
// The bench reports how much slower the run delivers. Runs with requests and runs without requests alternate, because
// the speed of the machine changes from minute to minute.
import { setTimeout as wait } from "node:timers/promises";
import type { BenchData } from "./data.ts";
import { median } from "./parse-step.ts";
import { figure, type Section } from "./report.ts";
import { measureRun, type OtherWork } from "./stack.ts";

const REQUESTS_PER_SECOND = 200;
/** After the run is delivered, the bench waits at most this long for the answers that are still missing. */
const LAST_ANSWERS_MS = 10_000;

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
  const [without, loaded]: [number[], number[]] = [[], []];
  const load = new Load();
  for (let round = 0; round < rounds; round += 1) {
    const scenario = { name: "with API requests", latencyMs: [50, 400] as [number, number], vars };
    without.push((await measureRun(data, scenario)).arrivalRate);
    loaded.push((await measureRun(data, { ...scenario, otherWork: load.run })).arrivalRate);
  }
  const lost = 1 - median(loaded) / median(without);
  return {
    title: `API during a run at a cap of ${cap} lines/s, ${rounds} interleaved rounds`,
    figures: [
      figure("API, 95th percentile", load.quantile(0.95), "ms", "≤ 50"),
      figure("share of the delivery that is lost", lost, "of the rate without requests", "≤ 0.03"),
      figure("API, median", load.quantile(0.5), "ms"),
      figure("API, 99th percentile", load.quantile(0.99), "ms"),
      figure("requests", load.perSecond, "per s"),
      figure("connections lost and tried again", load.lost, "of all requests"),
      figure("delivery without requests, median", median(without), "lines/s"),
      figure("delivery with requests, median", median(loaded), "lines/s"),
    ],
  };
}

/** Sends requests at fixed times, and does not wait for earlier answers. The time of an answer counts from the
 * instant at which its request was due. So a stall of the server makes the times of all requests longer that were
 * due during the stall. */
class Load {
  readonly #times: number[] = [];
  #seconds = 0;
  /** The number of connections that closed before the answer was complete. */
  lost = 0;

  readonly run: OtherWork = async ({ url, token, run }, signal) => {
    const headers = { Authorization: `Bearer ${token}` };
    const begunAt = performance.now();
    const out = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for (let n = 0; !signal.aborted && failures.length === 0; n += 1) {
      const dueAt = begunAt + (n * 1_000) / REQUESTS_PER_SECOND;
      const early = dueAt - performance.now();
      if (early > 0) await wait(early);
      const path = (PATHS[n % PATHS.length] ?? "").replace("$", run);
      const one = ask(new URL(path, url), headers, () => (this.lost += 1))
        .then(() => void this.#times.push(performance.now() - dueAt))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => out.delete(one));
      out.add(one);
    }
    this.#seconds += (performance.now() - begunAt) / 1_000;
    await Promise.race([Promise.all(out), wait(LAST_ANSWERS_MS)]);
    if (failures.length > 0) throw failures[0];
    if (out.size > 0) throw new Error(`${out.size} requests have no answer`);
  };

  quantile(q: number): number {
    const sorted = this.#times.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
  }

  get perSecond(): number {
    return this.#times.length / this.#seconds;
  }
}

/** Sends a GET request. Repeats it after a lost connection and calls `lost`, because the local server sometimes
 * closes connections that are in use. */
async function ask(url: URL, headers: Record<string, string>, lost: () => void, tries = 3): Promise<void> {
  const answered = await fetch(url, { headers })
    .then(async (response) => ({ response, text: await response.text() }))
    .catch((error: unknown) => {
      if (tries === 1) throw error;
      return null;
    });
  if (answered === null) {
    lost();
    return ask(url, headers, lost, tries - 1);
  }
  const { response, text } = answered;
  if (!response.ok) throw new Error(`${url.pathname}: ${response.status} ${text.slice(0, 300)}`);
}
