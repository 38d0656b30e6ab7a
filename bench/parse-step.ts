// Measures the CPU time of the parse step on the embedded runtime, and of implementations for comparison. Each round
// runs each of them once. The result is the ratio within a round, because other load on the machine slows a whole
// round.
import { execFile } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { createReadStream } from "node:fs";
import { loadLogs } from "../local/dev/load-logs.ts";
import { startRuntime } from "../local/dev/runtime.ts";
import { logsBucketOf, workerParts } from "../local/dev/worker-parts.ts";
import { parseFile } from "../src/pipeline/parse.ts";
import type { BenchData } from "./data.ts";
import { ProcessMeter } from "./process-meter.ts";
import { SPEC } from "./run-spec.ts";
import { bucketConfig } from "./worker-config.ts";
import type { PassResult } from "./worker/parse-step.ts";

const run = promisify(execFile);

export interface ParseFigure {
  name: string;
  /** The median ratio over the rounds: the CPU time of this implementation, divided by that of the first
   * implementation in the same round. */
  ratio: number;
  cpuSeconds: number;
  rounds: number[];
}

export const SHIPPED = "ours, gzip 3 (shipped)";
export const WITH_LIVE = "the same, live: skip_delivered, no marker";
export const HALF_LIVE = "the same, every second batch delivered by the live worker";
const EVERY_SECOND = Array.from({ length: 50 }, (_, n) => [2 * n, 2 * n]);

interface Pass {
  name: string;
  cpuMs(): Promise<number>;
}

/** The first implementation in the list is the one that the ratios refer to. */
export async function measureParseStep(data: BenchData, rounds: number): Promise<ParseFigure[]> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  const stateDir = join(dir, "state");
  await mkdir(stateDir);
  const configPath = await bucketConfig(dir, "parse-step.ts");
  const parts = await workerParts(configPath);
  await loadLogs(data.logsDir, stateDir, logsBucketOf(parts, configPath));
  const runtime = await startRuntime({ parts, port: 0, stateDir, vars: {} });
  try {
    const meter = await ProcessMeter.below(process.pid);
    const passes = [...runtimePasses(runtime.url, data, meter), ...(await nativePasses(data))];
    const spent = passes.map((): number[] => []);
    // The first round warms up the compiler. It does not enter the figures.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, pass] of passes.entries()) {
        const ms = await pass.cpuMs();
        if (round > 0) spent[index]!.push(ms);
      }
    }
    return passes.map(({ name }, index) => ({
      name,
      ratio: median(spent[index]!.map((ms, round) => ms / spent[0]![round]!)),
      cpuSeconds: median(spent[index]!) / 1_000,
      rounds: spent[index]!,
    }));
  } finally {
    await runtime.stop();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function runtimePasses(url: string, data: BenchData, meter: ProcessMeter): Pass[] {
  const kept = new Set<string>();
  const pass = (name: string, path: string, gzipLevel: number, gives: boolean, live = ""): Pass => ({
    name,
    async cpuMs() {
      const query = new URLSearchParams({
        key: data.files[0]!.key,
        spec: JSON.stringify({ ...SPEC, gzipLevel }),
        live,
      });
      const before = await meter.cpuMs();
      const response = await fetch(`${url}/${path}?${query.toString()}`);
      const cpuMs = (await meter.cpuMs()) - before;
      if (!response.ok)
        throw new Error(`${name}: ${response.status} ${(await response.text()).slice(0, 500)}`);
      const result = await response.json<PassResult>();
      if (gives) kept.add(`${result.kept} lines, ${result.rawBytes} bytes`);
      if (kept.size > 1) throw new Error(`the passes differ: ${[...kept].join("; ")}`);
      return cpuMs;
    },
  });
  return [
    pass("straightforward, gzip 6", "straightforward", 6, true),
    pass("ours, gzip 6", "ours", 6, true),
    pass(SHIPPED, "ours", 3, true),
    // Two cases of `skip_delivered`: a file without markers, and a file of which the live worker delivered every
    // second batch.
    pass(WITH_LIVE, "ours", 3, true, JSON.stringify({ batchSize: 1_000, skip: [], hasMarkers: false })),
    pass(
      HALF_LIVE,
      "ours",
      3,
      false,
      JSON.stringify({ batchSize: 1_000, skip: EVERY_SECOND, hasMarkers: true }),
    ),
    pass("inflate and JSON.parse only", "json", 0, false),
    pass("inflate and split only", "split", 0, false),
    pass("read the object only", "read", 0, false),
  ];
}

async function nativePasses(data: BenchData): Promise<Pass[]> {
  const raw = join(data.logsDir, data.files[0]!.key);
  const output = await outputOf(data, raw);
  const native = (name: string, script: string): Pass => ({
    name,
    async cpuMs() {
      const timed = `TIMEFORMAT='%3U %3S'; time { ${script}; } 2>/dev/null`;
      const { stderr } = await run("bash", ["-c", timed]);
      const [user = 0, system = 0] = stderr.trim().split(" ").map(Number);
      return (user + system) * 1_000;
    },
  });
  const passes = [
    native("gzip -dc | wc -l", `gzip -dc '${raw}' | wc -l > /dev/null`),
    native("gzip -6 of the output", `gzip -6 -c '${output}' > /dev/null`),
  ];
  const isPresent = await run("bash", ["-c", "command -v gzip wc"]).then(
    () => true,
    () => false,
  );
  return isPresent ? passes : [];
}

/** The partner lines of the file. The native compressor compresses them for comparison. */
async function outputOf(data: BenchData, raw: string): Promise<string> {
  const path = `${data.logsDir}.output.txt`;
  if (existsSync(path)) return path;
  const file = createWriteStream(`${path}.draft`);
  await parseFile(createReadStream(raw), { key: raw }, { ...SPEC, gzipLevel: 1 }, async (batch) => {
    file.write(gunzipSync(batch.body));
  });
  file.end();
  await once(file, "close");
  await rename(`${path}.draft`, path);
  return path;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}
