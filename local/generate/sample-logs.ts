// Generates sample logs for a window. Decides which files exist, their names, and in which files the window's
// edges fall. Writes below `outDir` and to `truthPath`. Reads nothing.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { once } from "node:events";
import { keyStamp, plus, type Instant, type TimestampFormat } from "./instant.ts";
import { writeLogFile, type LogFilePlan, type LogFileRules } from "./log-file.ts";
import { hex32, scramble, seededRandom } from "./random.ts";
import { recordWriter } from "./record.ts";
import { totalOf, type FileTruth } from "./truth.ts";

export const LAYOUTS = ["day", "flat"] as const;

export interface SampleLogsOptions {
  /** Keys are paths below it. Pass it to the local stack as --logs. */
  outDir: string;
  /** Default: `<outDir>.truth.ndjson`, next to `outDir`. It must not lie below `outDir`, because everything
   * there becomes an object. */
  truthPath?: string;
  seed?: number;
  files: number;
  /** Lines of each file. The last number also applies to the remaining files. */
  lines: number | number[];
  /** Whole seconds, both inside the window. */
  startMs: number;
  endMs: number;
  format?: TimestampFormat;
  /** `logs/20260422/<name>` or `logs/<name>`. */
  layout?: (typeof LAYOUTS)[number];
  prefix?: string;
  topLevelShare?: number;
  invalidTimestampShare?: number;
  malformedShare?: number;
  gzipLevel?: number;
  onFile?: (truth: FileTruth) => void;
}

export interface SampleLogs {
  truthPath: string;
  files: number;
  total: ReturnType<typeof totalOf>;
}

export async function generateLogs(options: SampleLogsOptions): Promise<SampleLogs> {
  const seed = options.seed ?? 1;
  const rules: LogFileRules = {
    window: { startSecond: options.startMs / 1_000, endSecond: options.endMs / 1_000 },
    format: options.format ?? "unixnano",
    topLevelShare: options.topLevelShare ?? 0.515,
    invalidTimestampShare: options.invalidTimestampShare ?? 0,
    malformedShare: options.malformedShare ?? 0,
    gzipLevel: options.gzipLevel ?? 6,
  };
  const random = seededRandom(seed);
  const writeRecord = recordWriter(random, rules.format);
  const truthPath = options.truthPath ?? `${resolve(options.outDir)}.truth.ndjson`;
  await mkdir(dirname(truthPath), { recursive: true });
  const truthFile = createWriteStream(truthPath);
  const counts: FileTruth[] = [];
  for (const plan of planFiles(options, seed)) {
    const truth = await writeLogFile(plan, rules, random, writeRecord);
    if (!truthFile.write(`${JSON.stringify(truth)}\n`)) await once(truthFile, "drain");
    options.onFile?.(truth);
    counts.push({ ...truth, kept_ray_ids: [] });
  }
  truthFile.end();
  await once(truthFile, "close");
  return { truthPath, files: counts.length, total: totalOf(counts) };
}

/** Equal slices of the window and a little around it, so that the first and last files hold records outside. */
function planFiles(options: SampleLogsOptions, seed: number): LogFilePlan[] {
  const start = options.startMs / 1_000;
  const end = options.endMs / 1_000;
  if (!Number.isInteger(start) || !Number.isInteger(end) || end <= start) {
    throw new RangeError("start and end must be whole seconds, start before end");
  }
  const margin = Math.max(1, Math.min(60, Math.floor((end - start) / options.files / 10)));
  const from = start - margin;
  const span = end + margin - from;
  if (span < options.files) throw new RangeError("more files than seconds in the window");
  const lineCounts = typeof options.lines === "number" ? [options.lines] : options.lines;
  const cut = (index: number) => from + Math.floor((span * index) / options.files);
  let firstRecord = 0;
  return Array.from({ length: options.files }, (_, index) => {
    const [fromSecond, toSecond] = [cut(index), cut(index + 1)];
    const lines = lineCounts[Math.min(index, lineCounts.length - 1)] ?? 0;
    const hash = hex32(scramble(seed * 65_536 + index));
    const name = `${keyStamp(fromSecond)}_${keyStamp(toSecond)}_${hash}.log.gz`;
    const day = options.layout === "flat" ? "" : `${keyStamp(fromSecond).slice(0, 8)}/`;
    const key = `${options.prefix ?? "logs/"}${day}${name}`;
    const edges = [
      ...(index === 0 ? aroundEdge(start) : []),
      ...(index === options.files - 1 ? aroundEdge(end) : []),
    ];
    const plan = { key, path: join(options.outDir, key), lines, fromSecond, toSecond, firstRecord, edges };
    firstRecord += lines;
    return plan;
  });
}

/** An edge and its neighbours at one nanosecond. These records show whether a window is exact. */
function aroundEdge(second: number): Instant[] {
  const edge = { second, nano: 0 };
  return [plus(edge, -1), edge, plus(edge, 1)];
}
