// Measures the Durable Object of a run with seven days of a busy zone: 70,000 files and 3,500,000 batches. Makes
// claims and reports at the beginning, in the middle and at the end of the run. The time
// of a claim, a report, a status and of the longest call must not grow with the run.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startRuntime } from "../local/dev/runtime.ts";
import { workerParts } from "../local/dev/worker-parts.ts";
import type { RunSpec } from "../src/contract/run.ts";
import { LANES } from "../src/contract/sending.ts";
import { median } from "./parse-step.ts";
import { ProcessMeter } from "./process-meter.ts";
import { figure, type Figure, type Section } from "./report.ts";
import { runSpec } from "./run-spec.ts";
import type { Driven } from "./scale/drive.ts";
import { BENCH_VARS, wholeConfig } from "./worker-config.ts";
import { DAY_MS } from "../src/contract/time-units.ts";

const FILES = 70_000;
const BATCHES_PER_FILE = 50;
const TRANSITIONS = 5_000;
/** How many files one call creates or marks as delivered. */
const CHUNK = 200;
/** How long the bench waits after it wrote many rows, because the disk is still busy. A real run never writes so many
 * rows at once. */
const SETTLE_MS = 15_000;

/** How many claims and reports are measured while the lists and the status are also read. */
const TRANSITIONS_WITH_VIEWS = 500;

interface Drive {
  driven: Driven;
  longest: Record<string, number>;
  databaseBytes: number;
}

/** The two measurements at one point of the run. `alone` makes only claims and reports, and measures their CPU time.
 * `viewed` makes fewer of them and also reads the lists and the status. */
interface Phase {
  alone: Drive;
  cpuMs: number;
  viewed: Drive;
}

export async function scaleSections(share: number): Promise<Section[]> {
  const files = Math.round(FILES * share);
  const transitions = Math.min(TRANSITIONS, Math.floor((files * BATCHES_PER_FILE) / 20));
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  try {
    const stateDir = join(dir, "state");
    await mkdir(stateDir);
    const configPath = await wholeConfig(dir, "scale.ts");
    const runtime = await startRuntime({
      parts: await workerParts(configPath),
      port: 0,
      stateDir,
      vars: BENCH_VARS,
    });
    try {
      return [await simulate(runtime.url, files, transitions)];
    } finally {
      await runtime.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function simulate(url: string, files: number, transitions: number): Promise<Section> {
  const id = "scale-run";
  const meter = await ProcessMeter.below(process.pid);
  const idleMiB = await meter.rssMiB();
  const ask = async <T>(action: string, given: object): Promise<T> => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify({ action, id, ...given }) });
    if (!response.ok)
      throw new Error(`${action}: ${response.status} ${(await response.text()).slice(0, 300)}`);
    return response.json<T>();
  };
  await ask("start", specOf(id));
  const filledAt = performance.now();
  for (let first = 1; first <= files; first += CHUNK)
    await ask("fill", { first, count: Math.min(CHUNK, files + 1 - first), batches: BATCHES_PER_FILE });
  const fillSeconds = (performance.now() - filledAt) / 1_000;
  await meter.forgetPeak();
  const known = { lanes: LANES, files, batches: files * BATCHES_PER_FILE };
  const phase = async (): Promise<Phase> => {
    await wait(SETTLE_MS);
    const before = await meter.cpuMs();
    const alone = await ask<Drive>("drive", { ...known, transitions });
    const cpuMs = (await meter.cpuMs()) - before;
    return {
      alone,
      cpuMs,
      viewed: await ask("drive", { ...known, transitions: TRANSITIONS_WITH_VIEWS, views: 1 }),
    };
  };
  const phases = [await phase()];
  let delivered = 1;
  // These files stay undelivered, so that batches are left for the measurement at the end.
  const spare = Math.ceil(((transitions + TRANSITIONS_WITH_VIEWS) * 2) / BATCHES_PER_FILE);
  for (const until of [Math.floor(files / 2), files - spare]) {
    for (; delivered < until; delivered += CHUNK)
      await ask("deliver", { from: delivered, to: Math.min(until, delivered + CHUNK) });
    delivered = until;
    phases.push(await phase());
  }
  const peakMiB = (await meter.peakRssMiB()) - idleMiB;
  const title = `scale: one run of ${files} files and ${files * BATCHES_PER_FILE} batches, ${transitions} claims with reports at 0, 50 and 100 %`;
  return { title, figures: figuresOf(phases, { files, fillSeconds, peakMiB, transitions }) };
}

function figuresOf(
  phases: Phase[],
  known: { files: number; fillSeconds: number; peakMiB: number; transitions: number },
): Figure[] {
  const each = phases.map(({ cpuMs }) => cpuMs / known.transitions);
  const drives = phases.flatMap(({ alone, viewed }) => [alone, viewed]);
  const slowest = drives.flatMap(({ longest }) => Object.entries(longest)).toSorted((a, b) => b[1] - a[1])[0];
  const [method = "?", turnMs = NaN] = slowest ?? [];
  const bytes = drives.at(-1)?.databaseBytes ?? NaN;
  const status = drives.flatMap(({ driven }) => driven.status);
  const listing = drives.flatMap(({ driven }) => driven.listing);
  return [
    figure(
      "CPU of a claim with its report, end against beginning",
      (each[2] ?? NaN) / (each[0] ?? NaN),
      "ratio",
      "≤ 1.3",
    ),
    ...each.map((ms, n) => figure(`CPU of a claim with its report at ${n * 50} %`, ms, "ms")),
    ...phases.map(({ alone }, n) =>
      figure(`call of ${LANES} claims and reports at ${n * 50} %, median`, median(alone.driven.call), "ms"),
    ),
    figure("GET /runs/:id, median", median(status), "ms", "≤ 50"),
    figure("GET /runs/:id, longest", Math.max(...status), "ms"),
    figure("a page of files or batches, median", median(listing), "ms"),
    figure("a page of files or batches, longest", Math.max(...listing), "ms"),
    figure(`longest turn except alarms (${method})`, turnMs, "ms", "≤ 50"),
    figure("database", bytes / 1024 / 1024, "MiB"),
    figure("database", bytes / (known.files * BATCHES_PER_FILE), "bytes per batch"),
    figure("peak RSS above idle while driven", known.peakMiB, "MiB"),
    figure("filling", known.fillSeconds, "s"),
  ];
}

/** The specification of the run. Its window ends in the future, because a past window without R2 objects in the
 * bucket counts as empty. */
function specOf(runId: string): RunSpec {
  const endMs = Math.floor(Date.now() / 1_000) * 1_000 + DAY_MS;
  return runSpec(runId, { startMs: endMs - 7 * DAY_MS, endMs }, { logPrefix: "nothing/" });
}
