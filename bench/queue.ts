// Measures the window queue with 10,000 queued windows: how long it takes to add, list and start windows. A
// call blocks the registry and makes all runs wait, so no call may take longer than 50 ms.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRuntime } from "../local/dev/runtime.ts";
import { workerParts } from "../local/dev/worker-parts.ts";
import { median } from "./parse-step.ts";
import { figure, type Figure, type Section } from "./report.ts";
import { BENCH_VARS, wholeConfig } from "./worker-config.ts";

const WINDOWS = 10_000;
const PER_REQUEST = 1_000;
const REPEATS = 20;
const STARTS = 50;
const HOUR_MS = 3_600_000;
/** The windows are half an hour long and begin an hour apart, so none touches another. */
const FIRST_MS = Date.parse("2020-01-01T00:00:00Z");

type Turns = Record<string, number[]>;

export async function queueSection(): Promise<Section> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  try {
    const stateDir = join(dir, "state");
    await mkdir(stateDir);
    const configPath = await wholeConfig(dir, "queue.ts");
    const runtime = await startRuntime({
      parts: await workerParts(configPath),
      port: 0,
      stateDir,
      vars: BENCH_VARS,
    });
    try {
      return { title: `window queue: ${WINDOWS} queued windows`, figures: await measure(runtime.url) };
    } finally {
      await runtime.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(url: string): Promise<Figure[]> {
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const headers = { Authorization: `Bearer ${BENCH_VARS.API_TOKEN}` };
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(new URL(path, url), init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${(await response.text()).slice(0, 300)}`);
    return response.json<T>();
  };
  const post = (first: number, count: number) =>
    ask("/windows", {
      reason: "bench",
      windows: Array.from({ length: count }, (_, n) => windowOf(first + n)),
    });
  await ask("/windows/pause", {});
  for (let n = 0; n < WINDOWS; n += PER_REQUEST) await post(n, PER_REQUEST);
  const filling = await ask<Turns>("/bench/turns");
  for (let n = 0; n < REPEATS; n += 1) {
    await post(n, 1);
    await ask("/windows?state=queued&limit=100");
    await ask("/windows?limit=1000");
  }
  const waiting = await ask<Turns>("/bench/turns");
  await post(0, PER_REQUEST);
  const repeated = await ask<Turns>("/bench/turns");
  // Each of these windows adjoins a queued window, so the queue has to compare the two.
  const windows = Array.from({ length: PER_REQUEST }, (_, n) => windowOf(n * 10 + 0.5));
  await ask("/windows", { reason: "bench", windows, options: { polite: true } });
  const scattered = await ask<Turns>("/bench/turns");
  await ask("/windows/resume", {});
  for (let n = 1; n <= STARTS; n += 1) {
    while ((await ask<number>("/bench/started")) < n);
    await ask("/bench/release");
  }
  const starting = await ask<Turns>("/bench/turns");
  const longest = Object.entries({ ...filling, ...starting }).flatMap(([, times]) => times);
  return [
    figure("POST of 1,000 windows, median turn", middle(filling, "queueWindows"), "ms", "≤ 50"),
    figure("POST of 1,000 windows, longest turn", max(filling, "queueWindows"), "ms"),
    figure("POST of 1,000 duplicates, turn", max(repeated, "queueWindows"), "ms"),
    figure("POST of 1,000 over the whole range, turn", max(scattered, "queueWindows"), "ms"),
    figure("POST of one window, median turn", middle(waiting, "queueWindows"), "ms", "≤ 50"),
    figure("POST of one window, longest turn", max(waiting, "queueWindows"), "ms"),
    figure("list, median turn", middle(waiting, "listWindows"), "ms", "≤ 50"),
    figure("list, longest turn", max(waiting, "listWindows"), "ms"),
    figure("start, median turn", middle(starting, "start"), "ms", "≤ 50"),
    figure("start, longest turn", max(starting, "start"), "ms"),
    figure("longest turn of all", Math.max(...longest), "ms"),
  ];
}

function windowOf(n: number): { start: string; end: string; end_exclusive: boolean } {
  const startMs = FIRST_MS + n * HOUR_MS;
  const [start, end] = [startMs, startMs + HOUR_MS / 2].map((ms) => new Date(ms).toISOString());
  return { start: start ?? "", end: end ?? "", end_exclusive: true };
}

function max(turns: Turns, name: string): number {
  return Math.max(...(turns[name] ?? [NaN]));
}

function middle(turns: Turns, name: string): number {
  return median(turns[name] ?? [NaN]);
}
