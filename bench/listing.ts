// Measures how a run lists seven days with 70,000 keys, with 50 ms added to each list operation. It compares five
// list operations at once with one at a time. Uses the real Durable Object and the local bucket. Each measurement is
// a new run over the same keys.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRuntime } from "../local/dev/runtime.ts";
import { workerParts } from "../local/dev/worker-parts.ts";
import { compactSecond } from "../src/contract/run-id.ts";
import { median } from "./parse-step.ts";
import { ProcessMeter } from "./process-meter.ts";
import { figure, type Section } from "./report.ts";
import { runSpec } from "./run-spec.ts";
import { BENCH_VARS, wholeConfig } from "./worker-config.ts";
import { DAY_MS } from "../src/contract/time-units.ts";

const ADDED_MS = 50;
const DAYS = 7;
const START_MS = Date.parse("2026-04-20T00:00:00Z");
/** How many keys one request to the bench's Worker writes. */
const CHUNK = 2_000;
/** How many keys R2 returns in one page. */
const PAGE = 1_000;
const ROUNDS = 3;

interface Listed {
  ms: number;
  /** The CPU time of the whole runtime process, with the emulated bucket. */
  cpuMs: number;
  lists: number;
  files: number;
}

export async function listingSection(keys: number): Promise<Section> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  try {
    const stateDir = join(dir, "state");
    await mkdir(stateDir);
    const configPath = await wholeConfig(dir, "listing.ts");
    const runtime = await startRuntime({
      parts: await workerParts(configPath),
      port: 0,
      stateDir,
      vars: BENCH_VARS,
    });
    try {
      return await compare(runtime.url, keys);
    } finally {
      await runtime.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function compare(url: string, keys: number): Promise<Section> {
  const ask = async <T>(given: object): Promise<T> => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(given) });
    if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 300)}`);
    return response.json<T>();
  };
  for (let first = 0; first < keys; first += CHUNK) {
    const count = Math.min(CHUNK, keys - first);
    await ask({ keys: Array.from({ length: count }, (_, n) => keyOf(first + n, keys)) });
  }
  const meter = await ProcessMeter.below(process.pid);
  const window = { startMs: START_MS, endMs: START_MS + DAYS * DAY_MS - 1_000 };
  const list = async (name: string, oneByOne: boolean): Promise<Listed> => {
    const before = await meter.cpuMs();
    const listed = await ask<Listed>({ spec: runSpec(name, window), asked: { addedMs: ADDED_MS, oneByOne } });
    if (listed.files !== keys) throw new Error(`${listed.files} files were listed of ${keys}`);
    return { ...listed, cpuMs: (await meter.cpuMs()) - before };
  };
  const pairs: { sideBySide: Listed; after: Listed }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    pairs.push({
      sideBySide: await list(`together-${round}`, false),
      after: await list(`after-${round}`, true),
    });
  }
  const of = (pick: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(pick));
  return {
    title: `listing of ${keys} keys in ${DAYS} days, ${ADDED_MS} ms added to each list, medians of ${ROUNDS} rounds`,
    figures: [
      figure(
        "five in parallel",
        of(({ sideBySide, after }) => sideBySide.ms / after.ms),
        "of one by one",
      ),
      figure(
        "five in parallel",
        of(({ sideBySide }) => sideBySide.ms),
        "ms",
      ),
      figure(
        "one by one",
        of(({ after }) => after.ms),
        "ms",
      ),
      figure(
        "CPU of the runtime, five in parallel",
        of(({ sideBySide }) => sideBySide.cpuMs),
        "ms",
      ),
      figure(
        "CPU of the runtime, one by one",
        of(({ after }) => after.cpuMs),
        "ms",
      ),
      figure(
        "lists, five in parallel",
        of(({ sideBySide }) => sideBySide.lists),
        "",
      ),
      figure(
        "lists, one by one",
        of(({ after }) => after.lists),
        "",
      ),
      figure("full pages of keys", keys / PAGE, ""),
    ],
  };
}

function keyOf(n: number, keys: number): string {
  const at = START_MS + Math.floor((n * DAYS * DAY_MS) / keys);
  const name = `${compactSecond(at)}_${compactSecond(at + 30_000)}_${n.toString(16).padStart(8, "0")}.log.gz`;
  return `logs/${compactSecond(at).slice(0, 8)}/${name}`;
}
